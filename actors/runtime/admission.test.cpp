#include "actors/runtime/admission.hpp"

#include "core/limits.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace strowger::runtime {
namespace {

// A server that does one piece of work each `each_us`, after a sync of `sync_ms`; work is offered
// at a steady rate, and what it has waited for is told to the admission when it is done.
struct small_server {
  admission door{{5, 32, 8}};
  double each_us = 500;
  duration_ms sync_ms = 1;
  std::deque<double> waiting; // when they came, us
  double now_us = 0, free_at_us = 0;
  std::size_t done = 0, refused = 0;
  double longest_ms = 0;

  void offer(double per_second, double seconds) {
    done = refused = 0;
    longest_ms = 0;
    const auto end = now_us + seconds * 1e6;
    for (; now_us < end; now_us += 1e6 / per_second) {
      work();
      if (door.admit())
        waiting.push_back(now_us);
      else
        ++refused;
    }
  }
  void work() {
    while (!waiting.empty()) {
      const auto over = std::max(free_at_us, waiting.front()) + each_us;
      if (over > now_us) return;
      const auto took = (over - waiting.front()) / 1000 + static_cast<double>(sync_ms);
      longest_ms = std::max(longest_ms, took);
      door.finished(static_cast<duration_ms>(took), true, static_cast<time_ms>(over / 1000));
      waiting.pop_front();
      free_at_us = over;
      ++done;
    }
  }
};

TEST(admission, what_fits_is_never_refused) {
  small_server s;
  s.offer(1000, 10);
  EXPECT_EQ(s.refused, 0u);
}

TEST(admission, ten_times_too_much_costs_no_goodput_and_little_waiting) {
  small_server s;
  s.offer(1000, 1);
  s.offer(20'000, 2); // finds its measure
  s.offer(20'000, 10);
  EXPECT_GT(s.done, 10 * 2000 * 0.98);
  EXPECT_LT(s.longest_ms, 3 * 5);
  EXPECT_GT(s.refused, 150'000u);
}

TEST(admission, a_slow_disk_is_no_overload) {
  small_server s;
  s.sync_ms = 30;
  s.offer(1000, 10);
  EXPECT_EQ(s.refused, 0u);
  s.offer(20'000, 2);
  s.offer(20'000, 10);
  EXPECT_GT(s.done, 10 * 2000 * 0.95);
}

TEST(admission, a_disk_that_gets_slower_under_load_is_learnt) {
  small_server s;
  s.offer(1000, 1);
  s.sync_ms = 40;
  s.offer(20'000, 10);
  s.offer(20'000, 10);
  EXPECT_GT(s.done, 10 * 2000 * 0.9);
  EXPECT_LT(s.longest_ms, 40 + 8 * 5);
}

TEST(admission, it_opens_again_when_the_work_gets_cheaper) {
  small_server s;
  s.each_us = 2000;
  s.offer(100, 1);
  s.offer(20'000, 2);
  const auto narrow = s.door.allowed();
  s.each_us = 100;
  s.offer(9'000, 5);
  s.offer(9'000, 5);
  EXPECT_GT(s.door.allowed(), narrow);
  EXPECT_LT(s.refused, s.done / 20);
}

TEST(admission, one_slow_sync_among_quick_ones_changes_nothing) {
  admission door{{5, 32, 8}};
  for (time_ms now = 0; now < 1000; ++now) {
    ASSERT_TRUE(door.admit());
    door.finished(now % 40 == 7 ? 400 : 2, true, now);
  }
  EXPECT_EQ(door.allowed(), 32u);
}

TEST(admission, a_few_always_get_in) {
  admission door{{5, 32, 8}};
  for (time_ms now = 0; now < 100'000; now += 10) {
    ASSERT_TRUE(door.admit());
    door.finished(now < 100 ? 1 : 5000, true, now);
  }
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(door.admit()) << i;
  EXPECT_FALSE(door.admit());
  EXPECT_TRUE(door.full());
}

TEST(admission, what_was_refused_later_says_nothing) {
  admission door{{5, 32, 8}};
  for (time_ms now = 0; now < 10'000; ++now) {
    ASSERT_TRUE(door.admit());
    door.finished(0, false, now); // an unknown number
  }
  for (time_ms now = 10'000; now < 11'000; ++now) {
    ASSERT_TRUE(door.admit());
    door.finished(20, true, now);
  }
  EXPECT_EQ(door.allowed(), 32u) << "20 ms is what it takes here";
}

TEST(admission, there_is_an_upper_end) {
  admission door{{5, 32, 8}};
  for (time_ms now = 0; now < 10'000; ++now) {
    std::size_t in = 0;
    while (door.admit()) ++in;
    for (; in > 0; --in) door.finished(0, true, now);
  }
  EXPECT_EQ(door.allowed(), limits::admitted_max);
}

} // namespace
} // namespace strowger::runtime
