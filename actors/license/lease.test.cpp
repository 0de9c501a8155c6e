#include "actors/license/license.hpp"
#include "tests/support/given.hpp"

namespace strowger::license {
namespace {

using world = support::given<spec>;

constexpr time_ms start = 1'000'000;
constexpr duration_ms minute = 60'000;
const slave_id north{"north"};
const slave_id south{"south"};
const agent_id one{"one"};
const agent_id two{"two"};
const session_id morning{"morning"};
const session_id evening{"evening"};

issued terms(std::uint32_t seats) { return {"standard", 50, seats, true, never, start}; }
issued signed_terms(std::uint32_t seats, std::uint32_t overdraft = 0) {
  auto out = terms(seats);
  out.overdraft = overdraft;
  out.document = "signed";
  return out;
}
world master(std::uint32_t seats) { return world{{terms(seats)}}; }
// A slave that has asked for seats and got them.
world slave_with(std::uint32_t seats, std::uint32_t overdraft = 0) {
  auto w = world{{signed_terms(10, overdraft)}};
  w.when(ask{seats, "boot", 500}).when(receive{1, 7, seats, minute});
  return w;
}

TEST(lease, is_granted_from_what_nobody_has) {
  auto w = master(5);
  w.when(take_seat{one, morning});
  w.when(grant{north, 1, 3, minute}).then({lease_granted{north, 1, 1, 3, minute, 1, start}});
  w.when(grant{south, 1, 3, minute}).then({lease_granted{south, 1, 2, 1, minute, 1, start}});
  EXPECT_EQ(w.reply().seats, 1u);
  w.when(take_seat{two, morning}).then_refused(errc::user_limit_reached);
}

TEST(lease, is_not_granted_twice_for_the_same_ask) {
  auto w = master(5);
  w.when(grant{north, 1, 3, minute}).and_again_nothing();
  EXPECT_EQ(w.reply().epoch, 1u);
}

TEST(lease, is_not_granted_for_an_ask_that_came_too_late) {
  auto w = master(5);
  w.when(grant{north, 2, 1, minute})
      .when(grant{north, 1, 5, minute})
      .then_refused(errc::stale_lease);
}

TEST(lease, ends_when_it_is_not_renewed_and_frees_its_seats) {
  auto w = master(2);
  w.when(grant{north, 1, 2, minute});
  w.later(minute - 1).when(tick{}).then_nothing();
  w.later(1).when(tick{}).then({lease_ended{north, 1, start + minute}}).and_again_nothing();
  w.when(grant{south, 1, 2, minute});
  EXPECT_EQ(w.reply().seats, 2u);
}

TEST(lease, outlives_a_restart_of_the_master_in_full) {
  auto w = master(2);
  w.when(grant{north, 1, 2, minute});
  w.restarted(10 * minute).when(tick{}).then_nothing();
  w.later(minute).when(tick{}).then({lease_ended{north, 1, w.ctx().now}});
}

TEST(lease, of_a_license_that_is_suspended_is_renewed_but_never_grows) {
  auto w = master(5);
  w.when(grant{north, 1, 2, minute}).when(suspend{});
  w.when(grant{north, 2, 5, minute});
  EXPECT_EQ(w.reply().seats, 2u);
  w.when(grant{south, 1, 1, minute});
  EXPECT_EQ(w.reply().seats, 0u);
}

TEST(lease, of_a_revoked_license_is_refused) {
  auto w = master(5);
  w.when(revoke{}).when(grant{north, 1, 1, minute}).then_refused(errc::license_revoked);
}

TEST(lease, keeps_the_license_from_shrinking_below_it) {
  auto w = master(5);
  w.when(grant{north, 1, 4, minute});
  w.when(issue{"standard", 50, 3, true}).then_refused(errc::user_limit_reached);
}

TEST(lease, gives_a_slave_so_many_seats_and_no_more) {
  auto w = slave_with(1);
  w.when(take_seat{one, morning}).then({seat_taken{one, morning, start, false}});
  w.when(take_seat{two, morning}).then_refused(errc::user_limit_reached);
}

TEST(lease, is_used_a_tenth_less_long_than_the_master_counts_it) {
  auto w = slave_with(2);
  w.when(take_seat{one, morning});
  w.later(minute * 9 / 10 - 1).when(confirm_seat{one, morning}).then_nothing();
  w.later(1).when(confirm_seat{one, morning, true}).then_refused(errc::master_away);
  w.when(take_seat{two, morning, true}).then_refused(errc::master_away);
}

TEST(lease, counts_from_before_it_was_asked_for) {
  auto w = world{{signed_terms(10)}};
  w.when(ask{2, "boot", 500}).later(minute / 2).when(receive{1, 7, 2, minute});
  w.later(minute * 4 / 10).when(take_seat{one, morning, true}).then_refused(errc::master_away);
}

TEST(lease, that_has_ended_lets_nobody_in_a_second_time_either) {
  auto w = slave_with(1);
  w.when(take_seat{one, morning}).later(minute);
  w.when(take_seat{one, evening, true}).then_refused(errc::master_away);
}

TEST(lease, with_too_few_seats_gives_no_second_session_to_who_lost_theirs) {
  auto w = slave_with(2);
  w.when(take_seat{two, morning}).later(10).when(take_seat{one, morning});
  w.when(ask{2, "boot", 600}).when(receive{2, 8, 1, minute});
  w.when(take_seat{one, evening}).then_refused(errc::user_limit_reached);
}

TEST(lease, of_a_master_that_was_restored_is_taken_whatever_its_epoch) {
  auto w = slave_with(2);
  w.when(ask{3, "boot", 600}).when(receive{2, 1, 3, minute});
  EXPECT_EQ(w.state().lease.seats, 3u);
}

TEST(slave, that_was_told_of_a_revocation_can_be_told_of_another_license) {
  auto w = world{{signed_terms(10)}};
  w.when(revoke{}).when(resume{}).then({resumed{start}}).and_again_nothing();
  EXPECT_FALSE(w.state().revoked);
}

TEST(master, forgets_a_slave_without_seats_for_a_new_one) {
  auto w = master(5);
  for (std::size_t i = 0; i < limits::slaves_per_license_max; ++i)
    w.later(1).when(grant{slave_id{std::to_string(i)}, 1, i == 0 ? 1u : 0u, minute});
  w.when(grant{north, 1, 2, minute});
  EXPECT_EQ(w.reply().seats, 2u);
  EXPECT_EQ(w.state().slaves.size(), limits::slaves_per_license_max);
  EXPECT_TRUE(w.state().slaves.contains(slave_id{"0"}));
}

TEST(lease, is_given_back_from_the_ask_on) {
  auto w = slave_with(3);
  w.when(ask{1, "boot", 600}).then({seats_asked{2, 1, 1, start, "boot", 600}});
  w.when(take_seat{one, morning});
  w.when(take_seat{two, morning}).then_refused(errc::user_limit_reached);
}

TEST(lease, never_asks_for_fewer_seats_than_are_held) {
  auto w = slave_with(2);
  w.when(take_seat{one, morning}).when(take_seat{two, morning});
  w.when(ask{0, "boot", 600}).then({seats_asked{2, 2, 1, start, "boot", 600}});
}

TEST(lease, of_an_earlier_ask_is_refused) {
  auto w = slave_with(1);
  w.when(ask{5, "boot", 600}).when(ask{2, "boot", 700});
  w.when(receive{2, 8, 5, minute}).then_refused(errc::stale_lease);
  w.when(receive{3, 9, 2, minute})
      .then({lease_received{3, 9, 2, minute, start + minute * 9 / 10, start}});
  w.and_again_nothing();
}

TEST(lease, that_was_asked_for_before_a_restart_is_refused) {
  auto w = world{{signed_terms(10)}};
  w.when(ask{2, "boot", 500}).restarted();
  w.when(receive{1, 7, 2, minute}).then_refused(errc::stale_lease);
}

TEST(lease, ends_with_a_restart_unless_the_machine_ran_on) {
  auto w = slave_with(2);
  w.when(take_seat{one, morning});
  w.restarted(1'000).when(confirm_seat{one, morning}).then_refused(errc::master_away);
  w.when(wake_lease{"another boot", 1'500}).then_nothing();
  w.when(wake_lease{"boot", 1'500});
  w.then({lease_woken{2, w.ctx().now + minute * 9 / 10 - 1'000, w.ctx().now}});
  w.when(confirm_seat{one, morning}).then_nothing();
}

TEST(lease, that_ended_while_the_server_was_down_is_not_woken) {
  auto w = slave_with(2);
  w.restarted(1'000).when(wake_lease{"boot", 500 + minute}).then_nothing();
  w.when(take_seat{one, morning}).then_refused(errc::user_limit_reached);
}

TEST(lease, of_a_log_that_is_an_older_copy_is_void) {
  auto w = slave_with(2);
  w.when(void_lease{9}).then({lease_voided{9, start}}).and_again_nothing();
  w.when(take_seat{one, morning}).then_refused(errc::user_limit_reached);
  w.when(ask{1, "boot", 700}).then({seats_asked{10, 1, 1, start, "boot", 700}});
}

TEST(lease, with_fewer_seats_than_are_held_keeps_those_who_came_first) {
  auto w = slave_with(2);
  w.when(take_seat{two, morning}).later(10).when(take_seat{one, morning});
  w.when(ask{2, "boot", 600}).when(receive{2, 8, 1, minute});
  w.when(confirm_seat{two, morning}).then_nothing();
  w.when(confirm_seat{one, morning}).then_refused(errc::seat_lost);
}

TEST(overdraft, gives_a_bounded_number_of_seats_while_the_master_is_away) {
  auto w = slave_with(1, 1);
  w.when(take_seat{one, morning, true}).then({seat_taken{one, morning, start, false}});
  w.when(take_seat{two, morning, true}).then({seat_taken{two, morning, start, true}});
  w.when(take_seat{agent_id{"three"}, morning, true}).then_refused(errc::user_limit_reached);
}

TEST(overdraft, is_refused_while_the_master_can_be_asked) {
  auto w = slave_with(1, 5);
  w.when(take_seat{one, morning}).when(take_seat{two, morning});
  w.then_refused(errc::user_limit_reached);
}

TEST(overdraft, is_over_when_the_master_has_seats_for_all) {
  auto w = slave_with(1, 1);
  w.when(take_seat{one, morning, true}).when(take_seat{two, morning, true});
  w.when(ask{2, "boot", 600}).when(receive{2, 8, 2, minute});
  EXPECT_FALSE(w.state().held.at(two).overdrawn);
  w.when(confirm_seat{two, morning}).then_nothing();
}

TEST(license, that_is_suspended_keeps_its_seats_and_gives_no_more) {
  auto w = master(5);
  w.when(take_seat{one, morning}).when(suspend{}).then({suspended{start}}).and_again_nothing();
  w.when(take_seat{two, morning}).then_refused(errc::license_suspended);
  w.when(confirm_seat{one, morning}).then_nothing();
  w.when(resume{}).when(take_seat{two, morning}).then({seat_taken{two, morning, start, false}});
}

TEST(license, that_is_revoked_voids_its_seats_for_good) {
  auto w = master(5);
  w.when(take_seat{one, morning}).when(revoke{}).then({revoked{start}}).and_again_nothing();
  w.when(confirm_seat{one, morning}).then_refused(errc::license_revoked);
  w.when(resume{}).then_refused(errc::license_revoked);
  w.when(issue{"standard", 50, 9, true}).then_refused(errc::license_revoked);
}

TEST(license, is_not_used_before_it_starts) {
  auto w = world{};
  issue later_on{"standard", 50, 5, true};
  later_on.starts_at = start + 100;
  w.when(later_on).when(take_seat{one, morning}).then_refused(errc::license_not_started);
  w.later(100).when(take_seat{one, morning}).then({seat_taken{one, morning, start + 100, false}});
}

TEST(license, lets_a_user_in_once_where_the_plan_says_so) {
  auto w = world{};
  issue strict{"standard", 50, 5, true};
  strict.sessions_per_user = 1;
  w.when(strict).when(take_seat{one, morning});
  w.when(take_seat{one, evening}).then_refused(errc::signed_in_elsewhere);
  w.when(release_seat{one, morning}).when(take_seat{one, evening});
  w.then({seat_taken{one, evening, start, false}});
}

TEST(seat, is_confirmed_only_for_the_session_that_holds_it) {
  auto w = master(5);
  w.when(take_seat{one, morning});
  w.when(confirm_seat{one, evening}).then_refused(errc::seat_lost);
  w.when(confirm_seat{two, morning}).then_refused(errc::seat_lost);
}

} // namespace
} // namespace strowger::license
