#include "bench/load/callers.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000, look_again_after = 2'000'000;

// The kind of a message stands in the lowest bits of its id.
enum kind : std::uint64_t { dial = 0, answer = 1, hang_up = 2, kinds = 4 };

std::string_view text_after(std::string_view in, std::string_view key) {
  const auto at = in.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = in.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

std::uint64_t took(nanos since) {
  return static_cast<std::uint64_t>(std::max<nanos>(0, now() - since));
}

} // namespace

struct callers::news { // one message, as far as it matters here
  std::string_view type, call, code;
  std::uint64_t id = 0;
  nanos retry_after = 0;
  bool success = false;

  explicit news(std::string_view text) {
    type = text.starts_with("42[\"") ? text.substr(4, text.find('"', 4) - 4)
                                     : text_after(text, R"("type":")");
    call = text_after(text, R"("callId":")");
    if (type != "reply") return;
    success = text.find(R"("success":true)") != std::string_view::npos;
    code = text_after(text, R"("code":")");
    number(text, R"("id":)", id);
    nanos ms = 0;
    if (!success) number(text, R"("retry_after_ms":)", ms);
    retry_after = ms * 1'000'000;
  }
  template <class T> static void number(std::string_view text, std::string_view after, T& out) {
    if (const auto at = text.find(after); at != std::string_view::npos)
      std::from_chars(text.data() + at + after.size(), text.data() + text.size(), out);
  }
};

callers::callers(target& at, std::size_t pairs, std::size_t at_once) :
    target_(at), devices_(loop_, at), pairs_(pairs), at_once_(at_once) {
  devices_.on_message = [this](std::size_t device, std::string_view text) { heard(device, text); };
  devices_.on_lost = [this](std::size_t, std::string_view) { ++tally_.lost; };
  if (!devices_.grow_to(pairs * 2, 64, 120))
    throw std::runtime_error{"not everybody could sign in: " + devices_.last_refusal()};
}

void callers::begin() {
  tally_ = {};
  for (auto& p : pairs_) p.not_before = 0;
}

void callers::keep_going(std::size_t under_way, nanos deadline) {
  wanted_ = under_way;
  while (now() < deadline) {
    while (under_way_ < wanted_ && place(now())) {
    }
    loop_.turn(under_way_ < wanted_ ? std::min(deadline, now() + look_again_after) : deadline);
  }
  wanted_ = 0;
}

void callers::at_rate(double rate, double seconds) {
  const auto step = static_cast<nanos>(second / rate);
  const auto start = now();
  const auto end = start + static_cast<nanos>(seconds * second);
  for (nanos due = start + step; due < end; due += step) {
    loop_.turn(due); // what has come is handled even when the next call is late already
    loop_.run_until(due);
    if (!waiting_.empty() || !place(due)) waiting_.push_back(due);
  }
}

void callers::finish(double patience_s) {
  wanted_ = 0;
  const auto until = now() + static_cast<nanos>(patience_s * second);
  while ((under_way_ > 0 || !waiting_.empty()) && now() < until)
    loop_.turn(std::min(until, now() + second / 10));
  waiting_.clear();
}

bool callers::place(nanos due) {
  for (std::size_t tries = 0; tries < pairs_.size(); ++tries) {
    const auto index = next_pair_;
    next_pair_ = (next_pair_ + 1) % pairs_.size();
    if (pairs_[index].calls.size() >= at_once_ || pairs_[index].not_before > due) continue;
    const auto id = ++next_id_ * kinds + kind::dial;
    pairs_[index].calls.push_back({id, due, {}});
    ++under_way_;
    ++tally_.dialled;
    devices_.say(index, "call:dial", id, "phoneNumber", number_of(pairs_.size() + index));
    return true;
  }
  return false;
}

void callers::heard(std::size_t device, std::string_view text) {
  const news n{text};
  const bool caller = device < pairs_.size();
  const auto index = caller ? device : device - pairs_.size();
  if (n.type == "reply") return replied(index, caller, n);
  if (caller) return caller_heard(index, n);
  callee_heard(index, n);
}

void callers::caller_heard(std::size_t index, const news& n) {
  // A relay gives no reply: its first word names the oldest call without a name.
  if (n.type == "call:ringing" && target_.speaks() != wire::native)
    if (auto* c = find(index, {})) return name(index, *c, n.call);
  auto* c = find(index, n.call);
  if (c == nullptr && n.type == "call:answered")
    return pairs_[index].answered.emplace_back(n.call), void();
  if (c == nullptr) return;
  if (n.type == "call:answered") {
    c->caller_told = true;
    check_answered(index, *c);
  } else if (n.type == "call:ended") {
    c->caller_done = true;
    check_ended(index, *c);
  } else if (n.type == "call:failed") {
    ++tally_.failed;
    drop(index, *c);
  }
}

void callers::callee_heard(std::size_t index, const news& n) {
  if (n.type == "call:incoming") {
    devices_.say(pairs_.size() + index, "call:answer", ++next_id_ * kinds + kind::answer, "callId",
                 n.call);
    if (const auto* c = find(index, n.call)) return rang(*c, now());
    pairs_[index].unnamed.push_back({std::string{n.call}, now()});
    return;
  }
  auto* c = find(index, n.call);
  if (c == nullptr) return;
  if (n.type == "call:answered") { // a relay tells both in the same words
    c->callee_told = true;
    check_answered(index, *c);
  } else if (n.type == "call:ended") {
    c->callee_done = true;
    check_ended(index, *c);
  }
}

void callers::replied(std::size_t index, bool caller, const news& n) {
  const auto what = n.id % kinds;
  if (!n.success) tally_.last_refusal = n.code;
  if (what == kind::hang_up && !n.success) ++tally_.hang_ups_refused;
  if (what == kind::answer && !n.success) ++tally_.answers_refused;
  if (what == kind::answer && n.success) {
    auto* c = find(index, n.call);
    if (c == nullptr) return pairs_[index].taken.emplace_back(n.call), void();
    c->callee_told = true;
    return check_answered(index, *c);
  }
  if (what != kind::dial || !caller) return;
  auto* c = find_dialled(index, n.id);
  if (c == nullptr) return;
  if (n.success) return name(index, *c, n.call);
  ++tally_.refused;
  tally_.refusal.add(took(c->due));
  if (wanted_ > 0) pairs_[index].not_before = now() + n.retry_after;
  drop(index, *c);
}

void callers::name(std::size_t index, call& c, std::string_view id) {
  c.id = id;
  auto& unnamed = pairs_[index].unnamed;
  const auto it = std::ranges::find(unnamed, id, [](const early& e) { return e.id; });
  if (it != unnamed.end()) {
    rang(c, it->at);
    unnamed.erase(it);
  }
  c.caller_told = std::erase(pairs_[index].answered, c.id) > 0;
  c.callee_told = std::erase(pairs_[index].taken, c.id) > 0;
  check_answered(index, c);
}

void callers::rang(const call& c, nanos at) {
  ++tally_.rang;
  tally_.ring.add(static_cast<std::uint64_t>(std::max<nanos>(0, at - c.due)));
}

void callers::check_answered(std::size_t index, call& c) {
  if (!c.caller_told || !c.callee_told) return;
  ++tally_.answered;
  tally_.set_up.add(took(c.due));
  devices_.say(index, "call:hangup", ++next_id_ * kinds + kind::hang_up, "callId", c.id);
}

void callers::check_ended(std::size_t index, call& c) {
  if (!c.caller_done || !c.callee_done) return;
  ++tally_.ended;
  drop(index, c);
}

void callers::drop(std::size_t index, call& c) {
  auto& calls = pairs_[index].calls;
  calls.erase(calls.begin() + (&c - calls.data()));
  --under_way_;
  if (!waiting_.empty()) {
    const auto due = waiting_.front();
    if (place(due)) waiting_.pop_front();
  } else if (under_way_ < wanted_) {
    place(now());
  }
}

callers::call* callers::find(std::size_t index, std::string_view id) {
  for (auto& c : pairs_[index].calls)
    if (c.id == id) return &c;
  return nullptr;
}

callers::call* callers::find_dialled(std::size_t index, std::uint64_t dialled) {
  for (auto& c : pairs_[index].calls)
    if (c.dial == dialled) return &c;
  return nullptr;
}

} // namespace strowger::load
