#include "actors/license/license.hpp"
#include "tests/support/given.hpp"

namespace strowger::license {
namespace {

using world = support::given<spec>;

constexpr time_ms start = 1'000'000;
const agent_id one{"one"};
const agent_id two{"two"};
const session_id morning{"morning"};
const session_id evening{"evening"};

issue terms(std::uint32_t seats, time_ms expires_at = never) {
  return {"standard", 50, seats, true, expires_at};
}
issued as_issued(std::uint32_t seats, time_ms expires_at = never) {
  return {"standard", 50, seats, true, expires_at, start};
}
world with_seats(std::uint32_t seats) { return world{{as_issued(seats)}}; }

TEST(license, is_issued_once_and_again_only_when_its_terms_change) {
  auto w = world{};
  w.when(terms(25)).then({as_issued(25)}).and_again_nothing();
  w.when(terms(26)).then({as_issued(26)}).and_again_nothing();
  EXPECT_EQ(w.reply().webrtc_max_users, 26u);
  EXPECT_EQ(w.reply().plan, "standard");
}

TEST(license, never_has_more_webrtc_seats_than_users) {
  world{}.when(terms(51)).then_refused(errc::value_out_of_range);
}

TEST(license, cannot_shrink_below_the_seats_in_use) {
  auto w = with_seats(2);
  w.when(take_seat{one, morning}).when(take_seat{two, morning});
  w.when(terms(1)).then_refused(errc::user_limit_reached);
  w.when(release_seat{one, morning}).when(terms(1)).then({as_issued(1)});
}

TEST(license, with_one_seat_lets_the_second_user_in_when_the_first_has_left) {
  auto w = with_seats(1);
  w.when(take_seat{one, morning}).then({seat_taken{one, morning, start}}).and_again_nothing();
  w.when(take_seat{two, morning})
      .then_refused(errc::user_limit_reached)
      .and_again_refused(errc::user_limit_reached);
  w.when(release_seat{one, morning}).then({seat_released{one, morning, start}}).and_again_nothing();
  w.when(take_seat{two, morning}).then({seat_taken{two, morning, start}});
}

TEST(license, counts_one_seat_for_all_sessions_of_an_agent) {
  auto w = with_seats(1);
  w.when(take_seat{one, morning});
  w.when(take_seat{one, evening}).then({seat_shared{one, evening}}).and_again_nothing();
  EXPECT_EQ(w.reply().used, 1u);
  w.when(release_seat{one, morning}).then({seat_left{one, morning}}).and_again_nothing();
  w.when(take_seat{two, morning}).then_refused(errc::user_limit_reached);
  w.when(release_seat{one, evening}).then({seat_released{one, evening, start}});
  EXPECT_EQ(w.reply().used, 0u);
}

TEST(license, gives_no_seat_when_there_is_no_license_or_it_has_expired_or_lacks_the_feature) {
  world{}.when(take_seat{one, morning}).then_refused(errc::license_unknown);
  auto expired = world{{as_issued(1, start + 10)}};
  expired.at(start + 9).when(take_seat{one, morning}).then({seat_taken{one, morning, start + 9}});
  expired.at(start + 10).when(take_seat{one, evening}).then_refused(errc::license_expired);
  expired.when(take_seat{one, morning}).then_nothing(); // a repeat of what was granted in time
  auto plain = terms(1);
  plain.webrtc_extension = false;
  world{}.when(plain).when(take_seat{one, morning}).then_refused(errc::feature_not_licensed);
}

TEST(license, releasing_what_is_not_held_writes_nothing) {
  world{}.when(release_seat{one, morning}).then_nothing();
  with_seats(1).when(release_seat{one, morning}).then_nothing();
  auto w = with_seats(1);
  w.when(take_seat{one, morning}).when(release_seat{one, evening}).then_nothing();
}

TEST(license, bounds_the_sessions_of_one_agent) {
  auto w = with_seats(1);
  for (std::size_t i = 0; i < limits::devices_per_extension_max; ++i)
    w.when(take_seat{one, session_id{std::to_string(i)}});
  w.when(take_seat{one, morning}).then_refused(errc::too_many_devices);
}

TEST(license, has_nothing_to_wait_for) {
  auto w = with_seats(1);
  EXPECT_EQ(w.wake_at(), never);
  w.when(tick{}).then_nothing();
}

command any_command(support::dice& d) {
  const agent_id agent{std::to_string(d.below(60))};
  const session_id session{std::to_string(d.below(5))};
  if (d.chance(2)) return terms(static_cast<std::uint32_t>(d.below(60)), d.chance(10) ? 1 : never);
  return d.chance(55) ? command{take_seat{agent, session}} : command{release_seat{agent, session}};
}

// The state holds what an independent count of sessions says, and never more than it may.
void check_seats(const state& s, const std::map<agent_id, std::set<session_id>>& oracle) {
  ASSERT_LE(s.held.size(), s.webrtc_max_users);
  ASSERT_LE(s.webrtc_max_users, s.max_users);
  ASSERT_EQ(s.held.size(), oracle.size());
}

TEST(license, never_exceeds_its_seats_in_a_hundred_thousand_random_steps) {
  support::dice d{5};
  world w;
  std::map<agent_id, std::set<session_id>> oracle;
  std::size_t full = 0;
  for (int step = 0; step < 100'000; ++step) {
    const auto c = any_command(d);
    w.later(1).when(c);
    if (!w.outcome().refused()) {
      if (const auto* take = std::get_if<take_seat>(&c)) oracle[take->holder].insert(take->session);
      if (const auto* leave = std::get_if<release_seat>(&c)) {
        oracle[leave->holder].erase(leave->session);
        if (oracle[leave->holder].empty()) oracle.erase(leave->holder);
      }
    }
    const auto refused = w.outcome().refused();
    full += refused && w.outcome().why() == errc::user_limit_reached;
    w.when(c);
    ASSERT_TRUE(w.outcome().events().empty()) << "step " << step;
    ASSERT_EQ(w.outcome().refused(), refused) << "step " << step;
    ASSERT_NO_FATAL_FAILURE(check_seats(w.state(), oracle)) << "step " << step;
  }
  EXPECT_GT(full, 1'000u); // the limit was really met
  for (const auto& [agent, sessions] : oracle)
    EXPECT_EQ(w.state().held.at(agent).sessions, sessions);
  w.replays();
}

} // namespace
} // namespace strowger::license
