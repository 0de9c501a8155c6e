#include "actors/slave/slave.hpp"

#include "tests/support/given.hpp"

namespace strowger::slave {
namespace {

using world = support::given<spec>;

const license_id license{"license"};
const agent_id one{"one"};
const session_id morning{"morning"};

seat_change at(version v, change what, bool overdrawn = false) {
  return {v, 100 + v, what, one, morning, {subject_id{one.value}, "1001"}, 5'000, overdrawn};
}
world known() {
  auto w = world{};
  w.when(join{license, "north"});
  return w;
}

TEST(slave, joins_once) {
  world{}
      .when(join{license, "north"})
      .then({joined{license, "north", 1'000'000}})
      .and_again_nothing();
}

TEST(slave, is_told_in_the_order_of_its_log) {
  auto w = known();
  w.when(report{1, 3, {at(2, change::taken)}});
  EXPECT_EQ(w.state().sessions.at(morning).position, 102u);
  EXPECT_EQ(w.reply().upto, 3u);
  w.and_again_nothing();
  w.when(report{4, 4, {at(4, change::released)}});
  EXPECT_TRUE(w.state().sessions.empty());
}

TEST(slave, skips_what_it_said_before) {
  auto w = known();
  w.when(report{1, 2, {at(2, change::taken)}});
  w.when(report{1, 3, {at(2, change::taken), at(3, change::released)}});
  w.then({reported{{at(3, change::released)}, 3, 1'000'000}});
}

TEST(slave, leaves_no_gap) {
  known().when(report{2, 3, {at(3, change::taken)}}).then_refused(errc::stale_lease);
}

TEST(slave, may_not_speak_of_versions_that_it_does_not_report) {
  known().when(report{1, 1, {at(2, change::taken)}}).then_refused(errc::value_out_of_range);
}

TEST(slave, refuses_versions_out_of_order) {
  known()
      .when(report{1, 3, {at(3, change::taken), at(2, change::released)}})
      .then_refused(errc::value_out_of_range);
}

TEST(slave, has_debts_until_they_are_settled) {
  auto w = known();
  w.when(settle{verdict::accepted}).then_nothing();
  w.when(report{1, 2, {at(2, change::taken, true)}});
  EXPECT_EQ(w.reply().open_debts, 1u);
  w.when(settle{verdict::accepted}).then({debts_settled{verdict::accepted, 1'000'000}});
  w.and_again_nothing();
  EXPECT_EQ(w.state().debts.at(0).verdict, verdict::accepted);
}

TEST(slave, that_nobody_knows_is_not_listened_to) {
  world{}.when(report{1, 1, {}}).then_refused(errc::license_unknown);
}

TEST(slave, whose_log_was_put_back_is_told_anew) {
  auto w = known();
  w.when(report{1, 9, {at(2, change::taken)}, "9.1"});
  auto again = at(3, change::taken);
  again.session = session_id{"evening"};
  w.when(report{1, 4, {again}, "4.2", true});
  w.then({reported{{again}, 4, 1'000'000, "4.2", true}}).and_again_nothing();
  EXPECT_EQ(w.state().sessions.size(), 1u);
  EXPECT_TRUE(w.state().sessions.contains(session_id{"evening"}));
  EXPECT_EQ(w.reply().upto, 4u);
  EXPECT_EQ(w.reply().mark, "4.2");
  w.when(report{5, 5, {}, "5.3"});
  EXPECT_EQ(w.reply().mark, "5.3");
}

TEST(slave, owes_once_also_when_its_log_was_put_back) {
  auto w = known();
  w.when(report{1, 9, {at(2, change::taken, true)}, "9.1"});
  w.when(settle{verdict::billed});
  w.when(report{1, 4, {at(2, change::taken, true)}, "4.2", true});
  EXPECT_EQ(w.reply().open_debts, 0u);
  ASSERT_EQ(w.state().debts.size(), 1u);
  EXPECT_EQ(w.state().debts.at(0).verdict, verdict::billed);
  auto other = at(5, change::taken, true);
  other.session = session_id{"evening"};
  w.when(report{5, 5, {other}, "5.3"});
  EXPECT_EQ(w.reply().open_debts, 1u);
}

TEST(slave, leaves_no_gap_when_it_tells_anew) {
  known().when(report{3, 4, {}, "4.2", true}).then_refused(errc::stale_lease);
}

} // namespace
} // namespace strowger::slave
