// What an aggregate is: a pure decide(state, command, context) and a pure evolve(state, event).
#pragma once

#include "core/errc.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <concepts>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace strowger {

template <class... Fs> struct overloaded : Fs... { using Fs::operator()...; };
template <class... Fs> overloaded(Fs...) -> overloaded<Fs...>;

// Either events (none: nothing new) or the reason why not.
template <class Event> class decision {
public:
  decision() = default;
  decision(errc why) : why_(why), refused_(true) {}
  decision(std::initializer_list<Event> events) : events_(events) {}
  decision(std::vector<Event> events) : events_(std::move(events)) {}

  bool refused() const { return refused_; }
  errc why() const { return why_; }
  const std::vector<Event>& events() const { return events_; }

private:
  std::vector<Event> events_;
  errc why_{};
  bool refused_ = false;
};

// The world as one command sees it. `now` never goes back within a shard.
struct context {
  time_ms now = 0;
  incarnation node = 0;        // this start of the node
  time_ms node_started_at = 0; // leases written by an earlier start run from here
};

// The shape the shell runs. `wake_at` is the next deadline (or `never`); the shell then sends
// `tick_command()`. `wake_at` sees the node's start because leases do not count down time. `over`:
// nothing will change it any more, so nobody keeps it in memory for long.
template <class A>
concept aggregate = requires(typename A::state s, const typename A::state& now,
                             const typename A::command& c, const typename A::event& e,
                             const context& ctx) {
  { A::kind } -> std::convertible_to<std::string_view>;
  { A::decide(now, c, ctx) } -> std::same_as<decision<typename A::event>>;
  { A::evolve(std::move(s), e) } -> std::same_as<typename A::state>;
  { A::reply_to(now, c) } -> std::same_as<typename A::reply>;
  { A::wake_at(now, ctx) } -> std::same_as<time_ms>;
  { A::tick_command() } -> std::same_as<typename A::command>;
  { A::over(now) } -> std::same_as<bool>;
};

} // namespace strowger
