#include "tests/support/linearizable.hpp"

#include "tests/support/small_models.hpp"

#include <gtest/gtest.h>

namespace strowger::support {
namespace {

using seat = operation<seat_pool>;
using leg = operation<ringing_leg>;
using pool = seat_pool::output;
using race = ringing_leg::output;

seat takes(std::uint64_t from, std::uint64_t to, const char* who, std::optional<pool> out) {
  return {from, to, {true, who, who}, out};
}
seat leaves(std::uint64_t from, std::uint64_t to, const char* who, std::optional<pool> out) {
  return {from, to, {false, who, who}, out};
}
const seat_pool::state one_seat{1, {}};
const seat_pool::state two_seats{2, {}};

TEST(linearizable, an_empty_history_is) { EXPECT_TRUE(linearizable<seat_pool>({}, one_seat)); }

TEST(linearizable, one_after_the_other_is) {
  EXPECT_TRUE(linearizable<seat_pool>({takes(1, 2, "ann", pool::ok), takes(3, 4, "ben", pool::full),
                                       leaves(5, 6, "ann", pool::ok), takes(7, 8, "ben", pool::ok)},
                                      one_seat));
}

TEST(linearizable, one_seat_for_two_at_the_same_time_is_not) {
  EXPECT_FALSE(linearizable<seat_pool>({takes(1, 4, "ann", pool::ok), takes(2, 3, "ben", pool::ok)},
                                       one_seat));
}

TEST(linearizable, either_of_two_at_the_same_time_may_be_the_one) {
  for (const bool first : {true, false})
    EXPECT_TRUE(linearizable<seat_pool>({takes(1, 4, "ann", first ? pool::ok : pool::full),
                                         takes(2, 3, "ben", first ? pool::full : pool::ok)},
                                        one_seat));
}

TEST(linearizable, both_refused_at_the_same_time_is_not) {
  EXPECT_FALSE(linearizable<seat_pool>(
      {takes(1, 4, "ann", pool::full), takes(2, 3, "ben", pool::full)}, one_seat));
}

TEST(linearizable, a_seat_that_was_taken_before_is_not_free_after) {
  EXPECT_FALSE(linearizable<seat_pool>({takes(1, 2, "ann", pool::ok), takes(3, 4, "ben", pool::ok)},
                                       one_seat));
}

TEST(linearizable, a_refusal_must_have_been_true_at_some_moment) {
  EXPECT_FALSE(linearizable<seat_pool>(
      {takes(1, 2, "ann", pool::ok), leaves(3, 4, "ann", pool::ok), takes(5, 6, "ben", pool::full)},
      one_seat));
  EXPECT_TRUE(linearizable<seat_pool>(
      {takes(1, 2, "ann", pool::ok), leaves(3, 6, "ann", pool::ok), takes(4, 5, "ben", pool::full)},
      one_seat));
}

TEST(linearizable, what_nobody_answered_may_have_happened_or_not) {
  for (const auto out : {pool::ok, pool::full})
    EXPECT_TRUE(linearizable<seat_pool>({takes(1, no_answer, "ann", {}), takes(2, 3, "ben", out)},
                                        one_seat));
  EXPECT_FALSE(linearizable<seat_pool>(
      {takes(1, 2, "ben", pool::full), takes(3, no_answer, "ann", {})}, one_seat))
      << "it cannot have happened before it was asked";
}

TEST(linearizable, what_nobody_answered_happens_once) {
  EXPECT_FALSE(
      linearizable<seat_pool>({takes(1, no_answer, "ann", {}), takes(2, 3, "ben", pool::full),
                               leaves(4, 5, "ann", pool::ok), takes(6, 7, "ben", pool::full)},
                              one_seat));
}

TEST(linearizable, a_second_session_shares_the_seat) {
  const seat again{5, 6, {true, "ann", "other window"}, pool::ok};
  EXPECT_TRUE(
      linearizable<seat_pool>({takes(1, 2, "ann", pool::ok), takes(3, 4, "ben", pool::ok), again,
                               leaves(7, 8, "ann", pool::ok), takes(9, 10, "cleo", pool::full)},
                              two_seats));
}

TEST(linearizable, a_leg_has_one_winner) {
  EXPECT_TRUE(linearizable<ringing_leg>(
      {leg{1, 6, "a", race::lost}, leg{2, 5, "b", race::won}, leg{3, 4, "c", race::lost}}));
  EXPECT_FALSE(linearizable<ringing_leg>(
      {leg{1, 6, "a", race::won}, leg{2, 5, "b", race::won}, leg{3, 4, "c", race::lost}}));
  EXPECT_FALSE(linearizable<ringing_leg>({leg{1, 6, "a", race::lost}, leg{2, 5, "b", race::lost}}))
      << "somebody must have won";
}

TEST(linearizable, a_winner_whose_answer_was_lost_is_the_winner) {
  EXPECT_TRUE(linearizable<ringing_leg>({leg{1, no_answer, "a", {}}, leg{2, 5, "b", race::lost}}));
  EXPECT_TRUE(linearizable<ringing_leg>(
      {leg{1, no_answer, "a", {}}, leg{2, 5, "b", race::lost}, leg{6, 7, "a", race::won}}));
  EXPECT_FALSE(linearizable<ringing_leg>({leg{1, 2, "b", race::lost}, leg{3, no_answer, "a", {}}}));
}

TEST(linearizable, long_histories_of_few_at_a_time_are_quick) {
  std::vector<seat> history;
  for (std::uint64_t i = 0; i < 2'000; i += 2) {
    const auto who = i % 4 == 0 ? "ann" : "ben";
    history.push_back(takes(i * 4, i * 4 + 3, who, pool::ok));
    history.push_back(leaves(i * 4 + 1, i * 4 + 5, who, pool::ok));
  }
  EXPECT_TRUE(linearizable<seat_pool>(history, two_seats));
}

} // namespace
} // namespace strowger::support
