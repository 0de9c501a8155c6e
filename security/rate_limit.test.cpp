#include "security/rate_limit.hpp"

#include <gtest/gtest.h>

namespace strowger::security {
namespace {

TEST(rate_limit, refuses_after_the_last_allowed_failure_until_the_window_ends) {
  rate_limit limit{{3, 60'000, 10}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(limit.wait_ms("a", 1000), 0);
    limit.failed("a", 1000);
  }
  EXPECT_EQ(limit.wait_ms("a", 1000), 60'000);
  EXPECT_EQ(limit.wait_ms("a", 60'999), 1);
  EXPECT_EQ(limit.wait_ms("a", 61'000), 0);
  limit.failed("a", 61'000);
  EXPECT_EQ(limit.wait_ms("a", 61'000), 0) << "a new window counts from one";
}

TEST(rate_limit, success_forgets_the_failures) {
  rate_limit limit{{2, 60'000, 10}};
  limit.failed("a", 0);
  limit.succeeded("a");
  limit.failed("a", 1);
  EXPECT_EQ(limit.wait_ms("a", 1), 0);
}

TEST(rate_limit, one_does_not_count_for_another) {
  rate_limit limit{{1, 60'000, 10}};
  limit.failed("a", 0);
  EXPECT_EQ(limit.wait_ms("b", 0), 0);
}

TEST(rate_limit, the_table_never_grows_past_its_bound) {
  rate_limit limit{{1, 60'000, 3}};
  for (int i = 0; i < 100; ++i) limit.failed("user" + std::to_string(i), i);
  EXPECT_EQ(limit.entries(), 3u);
  EXPECT_GT(limit.wait_ms("user99", 100), 0) << "the newest stay";
  EXPECT_EQ(limit.wait_ms("user0", 100), 0);
}

} // namespace
} // namespace strowger::security
