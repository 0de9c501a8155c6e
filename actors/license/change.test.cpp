// Changes of a license's terms: only what is named, and only on what the admin has seen.
#include "actors/license/license.hpp"
#include "tests/support/given.hpp"

namespace strowger::license {
namespace {

using world = support::given<spec>;

world made() {
  auto w = world{};
  w.when(issue{"team", 10, 5, true});
  return w;
}

TEST(change, two_at_once_that_name_different_things_both_hold) {
  auto w = made();
  w.when(change{.plan = "large"});
  w.when(change{.webrtc_max_users = 7u}).and_again_nothing();
  EXPECT_EQ(w.state().plan, "large");
  EXPECT_EQ(w.state().webrtc_max_users, 7u);
  EXPECT_EQ(w.state().max_users, 10u);
  EXPECT_TRUE(w.state().webrtc_extension);
  w.replays();
}

TEST(change, of_what_is_not_there_is_refused) {
  world{}.when(change{.plan = "large"}).then_refused(errc::license_unknown);
  made().when(change{.webrtc_max_users = 11u}).then_refused(errc::value_out_of_range);
  made().when(change{}).then_nothing();
}

TEST(change, with_a_tag_holds_only_for_the_terms_that_it_names) {
  auto w = made();
  const auto seen = tag_of(w.state());
  w.when(change{.plan = "large", .if_tag = seen});
  EXPECT_NE(tag_of(w.state()), seen);
  w.when(change{.plan = "small", .if_tag = seen}).then_refused(errc::license_changed);
  const auto now = tag_of(w.state());
  w.when(suspend{});
  EXPECT_NE(tag_of(w.state()), now) << "the status counts, too";
}

TEST(change, the_tag_does_not_follow_who_uses_seats) {
  auto w = made();
  const auto seen = tag_of(w.state());
  w.when(take_seat{agent_id{"one"}, session_id{"s"}});
  EXPECT_EQ(tag_of(w.state()), seen);
}

TEST(change, gives_seats_where_there_are_none) {
  auto w = world{};
  w.when(issue{"team", 3, 0, false});
  w.when(change{.webrtc_extension = true, .seats_where_none = 5}).and_again_nothing();
  EXPECT_EQ(w.state().webrtc_max_users, 3u);
  w.when(change{.max_users = 50u, .webrtc_max_users = 9u});
  w.when(change{.webrtc_extension = true, .seats_where_none = 5}).then_nothing();
}

TEST(change, seats_in_use_stay) {
  auto w = made();
  w.when(take_seat{agent_id{"one"}, session_id{"s"}});
  w.when(change{.webrtc_max_users = 0u}).then_refused(errc::user_limit_reached);
}

} // namespace
} // namespace strowger::license
