#include "tests/sim/play/play.hpp"

#include "tests/sim/play/people.hpp"

namespace strowger::sim {
namespace {

// Every life starts from the same accounts.
const sim_world& provisioned() {
  static const std::unique_ptr<sim_world> made = [] {
    auto world = std::make_unique<sim_world>(sim_options{});
    world->provision();
    world->crash();
    return world;
  }();
  return *made;
}

class life {
public:
  life(std::uint64_t seed, how_to_play how) : world_(options_of(seed, how)) {
    world_.start_from(provisioned());
    world_.boot();
    world_.audit.read();
    people_ = std::make_unique<people>(world_);
  }

  ~life() { world_.crash(); } // before the people go

  outcome_of_play run() {
    const auto actions = 40 + world_.threads.below(60);
    for (std::size_t i = 0; i < actions && good(); ++i) {
      misfortune();
      if (!world_.up()) recover();
      people_->act();
      for (auto n = world_.threads.below(12); n > 0 && good(); --n) world_.step();
      if (world_.threads.chance(6)) world_.threads.leap(); // a timer wins a race
      if (world_.threads.chance(4)) rest();
    }
    end();
    outcome_of_play out{world_.audit.broken(),   world_.threads.trace(),
                        world_.threads.steps(),  world_.audit.acknowledgements(),
                        world_.audit.messages(), crashes_,
                        world_.audit.last(),     {}};
    out.tail.assign(world_.threads.tail().begin(), world_.threads.tail().end());
    return out;
  }

private:
  static sim_options options_of(std::uint64_t seed, how_to_play how) {
    sim_options o;
    o.seed = seed;
    o.keep_trace = how.keep_trace;
    o.rare_events = how.rare_events;
    return o;
  }
  bool good() const { return world_.audit.broken().empty(); }

  void misfortune() {
    const auto luck = world_.threads.below(1000);
    if (luck < 8) return crash();
    if (luck < 12) {
      world_.fail_write();
      for (auto n = world_.threads.below(40); n > 0; --n) world_.step();
      return crash();
    }
    if (luck < 22) world_.refuse_append();
  }

  void crash() {
    ++crashes_;
    world_.crash();
    people_->server_is_gone();
    world_.threads.pass(world_.threads.between(0, 5'000));
    world_.boot();
  }

  void recover() {
    for (int tries = 0; !world_.up() && good(); ++tries) {
      world_.settle();
      if (!world_.up()) world_.run_for(2'000); // a start may be slow
      if (world_.up()) return;
      if (tries > 3) return world_.audit.fail("the server does not come up");
      crash();
    }
  }

  // Nothing moves: now everything must agree.
  void rest() {
    world_.rare_events_pause(true);
    world_.settle();
    world_.run_for(3'500); // the next housekeeping makes good what was refused
    look();
    world_.rare_events_pause(false);
  }

  void look() {
    if (!good() || !world_.up()) return;
    world_.check_live_equals_log(over_ || world_.threads.chance(30));
    world_.check_presence();
    world_.check_revoked();
    people_->check_at_rest();
  }

  void end() {
    if (!good()) return;
    recover();
    for (int round = 0; round < 10 && good() && !people_->all_connected(); ++round) {
      people_->connect_all();
      world_.run_for(100);
    }
    people_->answer_all_pending();
    rest();
    if (!good()) return;
    over_ = true;
    world_.run_for(5'000); // longer than anything rings
    for (const auto& [tenant, t] : world_.audit.world().tenants)
      for (const auto& [id, s] : t.calls)
        if (s.phase == call::phase::ringing || (s.transfer && !s.transfer->consulting))
          world_.audit.fail("still rings: " + id.value);
    if (world_.threads.chance(20)) leave();
    rest();
  }

  // Everybody goes, and nothing is left behind: no call, no device, no session, no seat.
  void leave() {
    people_->vanish_all();
    if (world_.threads.chance(50)) { // some are lost by the start
      crash();
      recover();
    }
    world_.rare_events_pause(true);
    world_.run_for(200'000);
    for (const auto& [tenant, t] : world_.audit.world().tenants) {
      if (!t.calls.empty()) world_.audit.fail("a call is left: " + t.calls.begin()->first.value);
      if (!t.devices.empty())
        world_.audit.fail("a device is left: " + t.devices.begin()->first.value);
      if (!t.sessions.empty()) world_.audit.fail("a session is left");
      for (const auto& [id, l] : t.licenses)
        if (!l.held.empty()) world_.audit.fail("a seat is left");
    }
  }

  sim_world world_;
  std::unique_ptr<people> people_;
  std::uint64_t crashes_ = 0;
  bool over_ = false; // at the end everything is compared
};

} // namespace

outcome_of_play play(std::uint64_t seed, how_to_play how) {
  provisioned(); // in peace
  try {
    return life{seed, how}.run();
  } catch (const std::exception& e) { // what fell over is the site, or what the auditor folds
    outcome_of_play out;
    out.broken = std::string{"somebody threw: "} + e.what();
    return out;
  }
}

} // namespace strowger::sim
