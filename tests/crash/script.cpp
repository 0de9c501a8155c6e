#include "tests/crash/script.hpp"

namespace strowger::sim {
namespace {

const tenant_id home{"default"};

const sim_world& provisioned() {
  static const std::unique_ptr<sim_world> made = [] {
    auto world = std::make_unique<sim_world>(sim_options{});
    world->provision();
    world->crash();
    return world;
  }();
  return *made;
}

sim_options options_of(std::uint64_t seed) {
  sim_options o;
  o.seed = seed;
  o.keep_trace = true;
  o.ring_ms = 30'000;
  o.device_grace_ms = 45'000;
  o.tick_percent = 0; // time passes between steps only
  return o;
}

} // namespace

stage::stage(death when, std::uint64_t seed) : world_(options_of(seed)), when_(when) {
  world_.start_from(provisioned());
  world_.boot();
  world_.settle();
  const auto add = [&](const char* name, const char* number,
                       client_kind kind = client_kind::websocket) {
    phones_[name] = std::make_unique<sim_client>(world_, home, number, name, kind);
    phones_[name]->connect();
    world_.settle();
  };
  add("alice", "1000");
  add("bob", "1001");
  add("bobs other", "1001");
  add("carol", "1002");
  add("rita", "1003", client_kind::rest);
  to_next_second();
  start_ = world_.threads.now();
  before_ = world_.appends();
}

// The crash comes exactly before or after the chosen append; otherwise one step of the world.
void stage::one_step() {
  const bool next = when_.append != 0 && !died_ && world_.appends() - before_ + 1 == when_.append;
  if (next && world_.store().next_writes()) {
    if (when_.written) world_.store().commit_silently();
    return die();
  }
  world_.step(1);
}

void stage::die() {
  died_ = true;
  world_.crash();
  world_.threads.pass(10); // down for a moment, within the second
  world_.boot();
}

void stage::step_until(const std::string& what, const std::function<bool()>& done) {
  const auto deadline = world_.threads.now() + 900; // a step has its second, crash included
  while (world_.audit.broken().empty() && !done()) {
    if (world_.up()) everybody_comes_back();
    if (world_.threads.now() > deadline) return world_.audit.fail("in vain: " + what);
    if (world_.quiet())
      world_.threads.leap();
    else
      one_step();
  }
}

// Who still waits for an answer comes last: it asks again, and must find the others.
void stage::everybody_comes_back() {
  const bool others_here = std::ranges::all_of(
      phones_, [](const auto& p) { return p.second->connected() || !p.second->pending().empty(); });
  for (auto& [name, phone] : phones_)
    if (!phone->connected() && !phone->connecting() && (others_here || phone->pending().empty()))
      phone->connect();
}

// By whole seconds, with the timers that fall due on the way.
void stage::pass_until(time_ms end) {
  while (world_.audit.broken().empty() && world_.threads.now() < end) {
    const auto timer = world_.threads.next_timer();
    if (!world_.quiet())
      one_step();
    else if (timer != never && timer <= end)
      world_.threads.leap();
    else
      world_.threads.pass(end - world_.threads.now());
  }
}
void stage::to_next_second() {
  pass_until(world_.threads.now() + 1000 - world_.threads.now() % 1000);
}

void stage::next_second() {
  step_until("everybody is here and knows everything", [&] {
    if (!world_.up() || !world_.quiet()) return false;
    for (const auto& [name, phone] : phones_)
      if (!phone->connected() || !phone->pending().empty()) return false;
    return true;
  });
  to_next_second();
}

void stage::dial(const std::string& who, const std::string& target) {
  next_second();
  const auto command = phone(who).dial(target);
  step_until(who + " dials", [&] { return phone(who).answer_to(command).has_value(); });
  if (phone(who).answer_to(command) != errc::ok) world_.audit.fail(who + " cannot dial " + target);
  const auto& calls = world_.audit.calls();
  if (call_.empty() && !calls.empty()) call_ = calls.begin()->first.second;
}

void stage::act(const std::string& who, request::call_action what) {
  next_second();
  const auto index = std::to_string(what.index());
  expect_ok(who, "do " + index, phone(who).act(call_, std::move(what)));
}

void stage::say(const std::string& who, enum session_words::kind kind, const char* text) {
  next_second();
  expect_ok(who, std::string{"say "} + text, phone(who).say(kind, text));
}

void stage::expect_ok(const std::string& who, const std::string& what, const std::string& command) {
  step_until(who + " can " + what, [&] { return phone(who).answer_to(command).has_value(); });
  const auto answer = phone(who).answer_to(command);
  if (answer && *answer != errc::ok)
    world_.audit.fail(who + " cannot " + what + ": errc " +
                      std::to_string(static_cast<unsigned>(*answer)));
}

void stage::wait_s(std::int64_t seconds) {
  next_second();
  pass_until(world_.threads.now() + seconds * 1000 - 1);
}

void stage::expect_told(const std::string& who, bool in_call) {
  next_second();
  if (phone(who).calls().contains(call_) != in_call)
    world_.audit.fail(who +
                      (in_call ? " does not know of the call" : " still believes in the call"));
}

told stage::end() {
  next_second();
  if (world_.audit.broken().empty()) world_.check_live_equals_log();
  for (const auto& [name, phone] : phones_) phone->check_at_rest();
  told out{world_.audit.broken(), world_.appends() - before_, {}};
  const auto second = [&](const std::optional<instant>& t) {
    return t ? (t->at - start_) / 1000 : 0;
  };
  for (const auto& [at, entry] : world_.audit.world().tenants.at(home).history) {
    const auto& r = entry.row;
    std::string winner;
    for (const auto& [name, phone] : phones_)
      if (r.answered_by && *r.answered_by == phone->device()) winner = name;
    out.history.push_back({r.caller, r.callee, r.state, r.cause, r.transferred_to.value_or(""),
                           winner, second(r.started_at), second(r.answered_at), second(r.ended_at),
                           (r.duration_ms + 500) / 1000});
  }
  if (!out.broken.empty())
    for (const auto& line : world_.threads.tail()) out.broken += "\n  " + line;
  world_.crash(); // before the phones go
  phones_.clear();
  return out;
}

told tell(script what, death when, std::uint64_t seed) {
  stage s{when, seed};
  what(s);
  return s.end();
}

} // namespace strowger::sim
