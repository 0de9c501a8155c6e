// Test only: given past events, when a command comes, then these events (or this refusal) and
// nothing else. `now` is the test's clock; every accepted event is folded, as the shell does.
#pragma once

#include "core/decision.hpp"
#include "tests/support/show.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace strowger::support {

template <aggregate A> class given {
public:
  using event = typename A::event;
  using command = typename A::command;

  explicit given(std::vector<event> past = {}, context ctx = {1'000'000, 1, 1'000}) : ctx_(ctx) {
    for (const auto& e : past) fold(e);
  }

  given& at(time_ms now) { return ctx_.now = now, *this; }
  given& later(duration_ms by) { return ctx_.now += by, *this; }
  // The node was started again, `down` after the last moment.
  given& restarted(duration_ms down = 0) {
    ctx_.now += down;
    ctx_.node_started_at = ctx_.now;
    ++ctx_.node;
    return *this;
  }
  // Decides and folds.
  given& when(const command& c) {
    outcome_ = A::decide(state_, c, ctx_);
    reply_needed_ = c;
    for (const auto& e : outcome_.events()) fold(e);
    return *this;
  }

  given& then(const std::vector<event>& expected) {
    EXPECT_FALSE(outcome_.refused()) << "refused with errc " << int(outcome_.why());
    EXPECT_EQ(show(outcome_.events()), show(expected));
    return *this;
  }
  given& then_nothing() { return then({}); }
  given& then_refused(errc why) {
    EXPECT_TRUE(outcome_.refused()) << "decided " << show(outcome_.events());
    EXPECT_EQ(int(outcome_.why()), int(why));
    return *this;
  }
  // The retry property: the same command again, right after, has no second effect.
  given& and_again_nothing() { return when(command{reply_needed_}).then_nothing(); }
  given& and_again_refused(errc why) { return when(command{reply_needed_}).then_refused(why); }

  const typename A::state& state() const { return state_; }
  const decision<event>& outcome() const { return outcome_; }
  const context& ctx() const { return ctx_; }
  typename A::reply reply() const { return A::reply_to(state_, reply_needed_); }
  time_ms wake_at() const { return A::wake_at(state_, ctx_); }
  const std::vector<event>& history() const { return history_; }

  // Folding the whole history again gives the very state that the steps gave.
  void replays() const {
    typename A::state again;
    for (const auto& e : history_) again = A::evolve(std::move(again), e);
    EXPECT_EQ(show(again), show(state_));
  }

private:
  void fold(const event& e) {
    state_ = A::evolve(std::move(state_), e);
    history_.push_back(e);
  }

  context ctx_;
  typename A::state state_;
  decision<event> outcome_;
  command reply_needed_;
  std::vector<event> history_;
};

// Seeded choices; the same seed gives the same test everywhere.
class dice {
public:
  explicit dice(std::uint64_t seed) : rng_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : rng_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T> const T& pick(const std::vector<T>& from) { return from[below(from.size())]; }

private:
  std::mt19937_64 rng_;
};

} // namespace strowger::support
