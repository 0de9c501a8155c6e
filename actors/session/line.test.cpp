// A licensed session whose connection is lost ends sooner, unless its client is heard.
#include "actors/session/session.hpp"
#include "tests/support/given.hpp"

namespace strowger::session {
namespace {

using world = support::given<spec>;

constexpr time_ms start = 1'000'000;
constexpr duration_ms timeout = 90'000, grace = 45'000;

opened licensed(duration_ms grace_ms = grace) {
  return {extension_id{"ext"},
          agent_id{"alice"},
          {},
          session_kind::licensed,
          {},
          timeout,
          1,
          start,
          {},
          grace_ms};
}
world seated() { return world{{licensed()}}; }

TEST(line, a_lost_one_ends_the_session_after_its_grace) {
  auto w = seated();
  w.when(lose_line{}).then({line_lost{start}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + grace);
  w.later(grace - 1).when(tick{}).then_nothing();
  w.later(1).when(tick{}).then({closed{"device_lost", start + grace}}).and_again_nothing();
}

TEST(line, a_heartbeat_after_it_keeps_the_session) {
  auto w = seated();
  w.when(lose_line{});
  w.later(1'000).when(renew{}).then({renewed{1, start + 1'000}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + 1'000 + timeout);
  w.later(grace).when(tick{}).then_nothing();
}

TEST(line, that_another_device_has_keeps_the_session_and_is_no_heartbeat) {
  auto w = seated();
  w.when(keep_line{}).then_nothing();
  w.later(1'000).when(lose_line{});
  w.later(1'000).when(keep_line{}).then({renewed{1, start}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + timeout);
  w.later(grace).when(tick{}).then_nothing();
  w.later(timeout).when(keep_line{}).then_nothing(); // too late
}

TEST(line, lost_once_more_has_its_grace_anew) {
  auto w = seated();
  w.when(lose_line{});
  w.later(40'000).when(lose_line{}).then({line_lost{start + 40'000}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + 40'000 + grace);
}

TEST(line, a_grace_never_lengthens_the_timeout) {
  auto w = seated();
  w.later(80'000).when(lose_line{});
  EXPECT_EQ(w.wake_at(), start + timeout);
  w.later(10'000).when(tick{}).then({closed{"timeout", start + timeout}});
}

TEST(line, the_time_that_the_server_was_down_does_not_count) {
  auto w = seated();
  w.when(lose_line{});
  w.restarted(3'600'000);
  const auto again = w.ctx().now;
  EXPECT_EQ(w.wake_at(), again + grace);
  w.when(tick{}).then_nothing();
  w.later(grace).when(tick{}).then({closed{"device_lost", again + grace}});
}

TEST(line, of_a_session_without_a_grace_changes_nothing) {
  auto w = world{{licensed(0)}};
  w.when(lose_line{});
  EXPECT_EQ(w.wake_at(), start + timeout);
  world{}.when(lose_line{}).then_nothing();
  world{{licensed(), closed{"logout", start}}}.when(lose_line{}).then_nothing();
}

TEST(line, of_a_rest_session_is_written_and_ends_nothing) {
  auto w = world{{opened{extension_id{"ext"}, agent_id{"alice"}, device_id{"d"}, session_kind::rest,
                         "pc", timeout, 1, start, session_id{"seat"}}}};
  w.when(lose_line{}).then({line_lost{start}});
  EXPECT_EQ(w.wake_at(), start + timeout);
}

TEST(line, a_refused_session_says_why) {
  seated()
      .when(close{"refused", "TOO_MANY_USERS"})
      .then({closed{"refused", start, "TOO_MANY_USERS"}})
      .and_again_nothing();
}

} // namespace
} // namespace strowger::session
