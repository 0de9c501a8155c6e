#include "tests/sim/race/race.hpp"

#include "tests/sim/race/arena.hpp"
#include "tests/support/linearizable.hpp"
#include "tests/support/small_models.hpp"

#include <algorithm>
#include <array>

namespace strowger::sim {
namespace {

using support::recorder;
using support::ringing_leg;
using support::seat_pool;

const tenant_id home{"default"};

call::party person(const std::string& name) {
  const subject_id owner{name};
  return {extension_id{name}, agent_id{name}, {owner, name}, {owner, name}};
}

bool nobody_knows(errc why) {
  return why == errc::outcome_unknown || why == errc::busy || why == errc::storage_failed;
}

// Who wants a seat, one wish at a time; a wish without an answer is asked again, as people do.
class seat_race {
public:
  seat_race(std::uint64_t seed, std::size_t steps) : arena_(seed), left_(steps) {
    for (bool issued = false; !issued; settle())
      tell(license::issue{"test", 10, seats, true, never}, "issue",
           [&issued](errc why) { issued = why == errc::ok; });
  }

  outcome_of_race run() {
    while (left_ > 0 && broken_.empty()) {
      episode();
      if (!support::linearizable<seat_pool>(seen_.history(), held_))
        broken_ = "the seats' answers fit no order, " + std::to_string(left_) + " steps left";
      settle_everything();
    }
    return {broken_, steps_, unknown_, arena_.crashes()};
  }

private:
  static constexpr std::uint32_t seats = 3;
  static constexpr std::size_t people = 6;
  static constexpr std::size_t wishes_of_an_episode = 60;

  struct person {
    bool waits = false;
    bool refused = false;   // by one of the copies; another may still be in time
    std::size_t copies = 0; // of the command on their way
    std::size_t which = 0;  // of the recorder
    license::command wish;
    std::string id;
  };

  void episode() {
    for (std::size_t wishes = 0; wishes < wishes_of_an_episode;) {
      const auto luck = arena_.threads.below(1000);
      if (luck < 3) lose_everything();
      if (luck < 10) arena_.refuse_append();
      auto& p = people_[arena_.threads.below(people)];
      if (!p.waits && arena_.threads.chance(40)) {
        wish(p);
        ++wishes;
      } else if (p.waits && p.copies == 0) {
        ask(p);
      }
      for (auto n = arena_.threads.below(4); n > 0; --n) arena_.step();
    }
    settle();
    give_up();
  }

  void wish(person& p) {
    const auto number = static_cast<std::size_t>(&p - people_.data());
    const auto who = "agent " + std::to_string(number);
    const auto session = who + (arena_.threads.chance(30) ? " second" : " first");
    const bool takes = arena_.threads.chance(60);
    if (takes)
      p.wish = license::take_seat{agent_id{who}, session_id{session}};
    else
      p.wish = license::release_seat{agent_id{who}, session_id{session}};
    p.id = "wish " + std::to_string(++named_);
    p.which = seen_.invoke({takes, who, session});
    p.waits = true;
    p.refused = false;
    left_ -= left_ > 0;
    ++steps_;
    ask(p);
    if (arena_.threads.chance(10)) ask(p); // the same once more
  }

  void ask(person& p) {
    ++p.copies;
    tell(p.wish, p.id, [this, &p, id = p.id](errc why) {
      if (p.id == id) heard(p, why);
    });
  }

  // One command, however often it was sent: it is done when one copy was; it is refused when no
  // copy is left that could still be in time.
  void heard(person& p, errc why) {
    --p.copies;
    unknown_ += nobody_knows(why);
    if (why == errc::user_limit_reached)
      p.refused = true;
    else if (why != errc::ok && !nobody_knows(why))
      broken_ = "a seat's errc " + std::to_string(static_cast<unsigned>(why));
    if (why == errc::ok) seen_.answer(p.which, seat_pool::output::ok);
    if (p.copies > 0) return;
    if (p.refused) seen_.answer(p.which, seat_pool::output::full);
    p.waits = !seen_.answered(p.which);
  }

  // Those who wait ask again after the start, or give up and never know.
  void lose_everything() {
    arena_.crash();
    for (auto& p : people_) {
      if (!p.waits) continue;
      p.copies = 0;
      p.refused = false; // a copy that was written may have been asked after it
      if (arena_.threads.chance(70))
        ask(p);
      else
        forget(p);
    }
  }

  void settle() {
    while (arena_.step()) {
    }
  }
  void forget(person& p) {
    p.waits = false;
    p.copies = 0;
    p.id.clear();
  }
  void give_up() { // whose wish was refused by a full queue, or is not known
    for (auto& p : people_)
      if (p.waits) forget(p);
  }

  // What is held now is where the next episode starts.
  void settle_everything() {
    seen_.clear();
    held_ = {seats, {}};
    bool seen = false;
    while (!seen)
      look([&](const license::state& s) {
        seen = true;
        take_over(s);
      });
  }
  template <class Use> void look(Use use) {
    arena_.actors().inspect<license::spec>(home, "license",
                                           [use](errc why, const license::state& s) {
                                             if (why == errc::ok) use(s);
                                           });
    settle();
  }
  void take_over(const license::state& s) {
    if (s.held.size() > seats) broken_ = "more seats than there are";
    for (const auto& [who, seat] : s.held)
      for (const auto& session : seat.sessions) held_.held[who.value].insert(session.value);
  }

  template <class Done> void tell(const license::command& what, const std::string& id, Done done) {
    arena_.actors().send<license::spec>(
        "license", what, {home, "test", command_id{id}, {}, 0},
        [done](const runtime::result<license::spec>& r) { done(r.error); });
  }

  arena arena_;
  recorder<seat_pool> seen_;
  seat_pool::state held_{seats, {}};
  std::array<person, people> people_;
  std::string broken_;
  std::size_t left_;
  std::uint64_t named_ = 0, steps_ = 0, unknown_ = 0;
};

class call_race {
public:
  explicit call_race(std::uint64_t seed) : arena_(seed) {}

  outcome_of_race run() {
    const auto devices = 2 + arena_.threads.below(6);
    call::place placing{.caller = person("ann"),
                        .caller_device = device_id{"phone"},
                        .callee = person("ben"),
                        .ring_ms = 3'600'000,
                        .method = "webrtc"};
    for (std::size_t i = 0; i < devices; ++i)
      placing.rung.push_back(device_id{"device " + std::to_string(i)});
    place(placing);
    for (const auto& device : placing.rung)
      asked_.push_back({device.value, seen_.invoke(device.value), false});
    for (auto& who : asked_) answer(who);
    for (std::size_t crashes = 0; undecided();) {
      if (crashes < 2 && arena_.threads.chance(2)) {
        ++crashes;
        arena_.crash();
        again();
      }
      if (arena_.threads.chance(2)) arena_.refuse_append();
      if (!arena_.step()) again();
    }
    std::size_t winners = 0;
    for (const auto& op : seen_.history()) winners += op.out == ringing_leg::output::won;
    if (broken_.empty() && winners != 1) broken_ = std::to_string(winners) + " winners";
    if (broken_.empty() && !support::linearizable<ringing_leg>(seen_.history()))
      broken_ = "the answers fit no order";
    return {broken_, asked_.size(), unknown_, arena_.crashes()};
  }

private:
  struct asking {
    std::string device;
    std::size_t which = 0;
    bool answered = false;
  };

  bool undecided() const {
    return broken_.empty() &&
           std::ranges::any_of(asked_, [](const auto& who) { return !who.answered; });
  }
  void again() {
    for (auto& who : asked_)
      if (!who.answered) answer(who);
  }

  void place(const call::place& what) {
    bool placed = false;
    while (!placed) {
      arena_.actors().send<call::spec>(
          "call", what, {home, "test", command_id{"place"}, {}, 0},
          [&](const runtime::result<call::spec>& r) { placed = r.error == errc::ok; });
      while (!placed && arena_.step()) {
      }
    }
  }

  void answer(asking& who) {
    arena_.actors().send<call::spec>(
        "call", call::answer{device_id{who.device}},
        {home, "test", command_id{"answer of " + who.device}, {}, 0},
        [this, &who](const runtime::result<call::spec>& r) {
          if (nobody_knows(r.error)) {
            ++unknown_;
            return;
          }
          who.answered = true;
          if (r.error != errc::ok && r.error != errc::answered_elsewhere)
            broken_ = "an answer's errc " + std::to_string(static_cast<unsigned>(r.error));
          seen_.answer(who.which,
                       r.error == errc::ok ? ringing_leg::output::won : ringing_leg::output::lost);
        });
  }

  arena arena_;
  recorder<ringing_leg> seen_;
  std::vector<asking> asked_;
  std::string broken_;
  std::uint64_t unknown_ = 0;
};

} // namespace

outcome_of_race race_for_seats(std::uint64_t seed, std::size_t steps) {
  return seat_race{seed, steps}.run();
}
outcome_of_race race_for_a_call(std::uint64_t seed) { return call_race{seed}.run(); }

} // namespace strowger::sim
