#include "actors/extension/extension.hpp"
#include "tests/support/given.hpp"

#include <algorithm>

namespace strowger::extension {
namespace {

using world = support::given<spec>;
using text = personal<std::string>;

const agent_id alice{"alice"};
const agent_id bob{"bob"};
const text number{subject_id{"alice"}, "1000"};
const text browser{subject_id{"alice"}, "Firefox"};
const device_id phone{"phone"};
const session_id monday{"monday"};
const session_id tuesday{"tuesday"};
constexpr time_ms start = 1'000'000;
constexpr duration_ms grace = 45'000;

attach_device attach(device_id device = phone, session_id session = monday) {
  return {device, session, device_kind::websocket, browser, grace, false};
}
attach_device resume(device_id device = phone, session_id session = monday) {
  auto again = attach(device, session);
  again.resume = true;
  return again;
}
device_attached attached(device_id device = phone, time_ms at = start, incarnation node = 1,
                         session_id session = monday) {
  return {device, session, device_kind::websocket, browser, node, grace, at};
}
world alices() { return world{{created{number, alice, 1}}}; }
world with_phone() { return world{{created{number, alice, 1}, attached()}}; }

TEST(extension, is_created_by_the_first_claim_and_a_repeat_writes_nothing) {
  world{}.when(claim{number, alice, {}}).then({created{number, alice, start}}).and_again_nothing();
}

TEST(extension, of_somebody_cannot_be_claimed_by_another) {
  alices().when(claim{number, bob, {}}).then_refused(errc::extension_in_use);
  alices().when(claim{number, bob, agent_id{"carol"}}).then_refused(errc::extension_in_use);
}

TEST(extension, taken_over_from_its_owner_forgets_the_devices_of_the_old_one) {
  with_phone()
      .when(claim{number, bob, alice})
      .then({device_forgotten{phone, monday, "replaced", start}, assigned{number, bob, start}})
      .and_again_nothing();
}

TEST(extension, released_by_its_owner_is_free_for_the_next) {
  auto w = alices();
  w.when(release{bob}).then_refused(errc::extension_not_owned);
  w.when(release{alice}).then({released{start}}).and_again_nothing();
  w.when(attach()).then_refused(errc::extension_unknown);
  w.when(claim{number, bob, {}}).then({assigned{number, bob, start}});
}

TEST(extension, unknown_refuses_what_needs_one) {
  world{}.when(release{alice}).then_refused(errc::extension_unknown);
  world{}.when(set_policy{busy_policy::busy, 0}).then_refused(errc::extension_unknown);
  world{}.when(attach()).then_refused(errc::extension_unknown);
  world{}.when(detach_device{phone, "gone", 1}).then_nothing();
  world{}.when(forget_device{phone, "logout", {}}).then_nothing();
  world{}.when(tick{}).then_nothing();
}

TEST(extension, policy_is_written_only_when_it_changes) {
  auto w = alices();
  w.when(set_policy{busy_policy::call_waiting, 0}).then_nothing();
  w.when(set_policy{busy_policy::busy, 20'000})
      .then({policy_set{busy_policy::busy, 20'000}})
      .and_again_nothing();
  w.when(set_policy{busy_policy::busy, -1}).then_refused(errc::value_out_of_range);
}

TEST(extension, a_device_attaches_once) {
  alices().when(attach()).then({attached()}).and_again_nothing();
}

TEST(extension, a_device_comes_back_within_its_grace) {
  auto w = with_phone();
  w.when(detach_device{phone, "closed", 1})
      .then({device_detached{phone, "closed", 1, start}})
      .and_again_nothing();
  w.later(grace - 1).when(resume()).then({attached(phone, start + grace - 1)}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), never);
}

TEST(extension, a_device_that_stays_away_is_forgotten_and_cannot_resume) {
  auto w = with_phone();
  w.when(detach_device{phone, "closed", 1});
  EXPECT_EQ(w.wake_at(), start + grace);
  w.later(grace - 1).when(tick{}).then_nothing();
  w.later(1)
      .when(tick{})
      .then({device_forgotten{phone, monday, "device_lost", start + grace}})
      .and_again_nothing();
  w.when(resume()).then_refused(errc::device_unknown);
  EXPECT_EQ(w.wake_at(), never);
}

TEST(extension, after_a_restart_the_grace_runs_from_the_new_start) {
  auto w = with_phone();
  w.restarted(3'600'000);
  const auto again = w.ctx().now;
  EXPECT_EQ(w.wake_at(), again + grace);
  w.when(tick{}).then_nothing();
  w.later(10).when(resume()).then({attached(phone, again + 10, 2)});
  EXPECT_EQ(w.wake_at(), never);
}

TEST(extension, a_detached_device_gets_its_whole_grace_again_after_a_restart) {
  auto w = with_phone();
  w.when(detach_device{phone, "closed", 1}).restarted(grace * 2);
  w.when(tick{}).then_nothing();
  EXPECT_EQ(w.wake_at(), w.ctx().now + grace);
}

TEST(extension, a_loss_noticed_by_an_earlier_start_does_not_touch_a_device_that_is_back) {
  auto w = with_phone();
  w.restarted().when(resume());
  w.when(detach_device{phone, "closed", 1}).then_nothing();
  w.when(detach_device{phone, "closed", 2}).then({device_detached{phone, "closed", 2, start}});
}

TEST(extension, a_rest_device_has_no_grace_because_its_session_ends_it) {
  auto rest = attach();
  rest.kind = device_kind::rest;
  auto w = alices();
  w.when(rest).when(detach_device{phone, "closed", 1}).restarted(grace * 10);
  EXPECT_EQ(w.wake_at(), never);
  w.when(tick{}).then_nothing();
}

TEST(extension, a_new_sign_in_on_a_known_device_ends_the_old_session) {
  with_phone()
      .when(attach(phone, tuesday))
      .then(
          {device_forgotten{phone, monday, "replaced", start}, attached(phone, start, 1, tuesday)})
      .and_again_nothing();
  with_phone().when(resume(phone, tuesday)).then_refused(errc::device_unknown);
}

TEST(extension, forgetting_for_a_session_that_is_no_longer_the_devices_is_nothing) {
  auto w = with_phone();
  w.when(attach(phone, tuesday));
  w.when(forget_device{phone, "logout", monday}).then_nothing();
  w.when(forget_device{phone, "logout", tuesday})
      .then({device_forgotten{phone, tuesday, "logout", start}})
      .and_again_nothing();
}

TEST(extension, refuses_one_device_too_many) {
  auto w = alices();
  for (std::size_t i = 0; i < limits::devices_per_extension_max; ++i)
    w.when(attach(device_id{std::to_string(i)}));
  w.when(attach()).then_refused(errc::too_many_devices);
  w.when(attach(device_id{"0"})).then_nothing();
}

TEST(extension, makes_room_by_forgetting_who_is_away_longest) {
  auto w = alices();
  for (std::size_t i = 0; i < limits::devices_per_extension_max; ++i)
    w.when(attach(device_id{std::to_string(i)}));
  w.later(1).when(detach_device{device_id{"7"}, "lost", 0});
  w.later(1).when(detach_device{device_id{"3"}, "lost", 0});
  w.when(attach());
  EXPECT_FALSE(w.state().devices.contains(device_id{"7"}));
  EXPECT_TRUE(w.state().devices.contains(device_id{"3"}));
  EXPECT_TRUE(w.state().devices.contains(phone));
}

TEST(extension, replies_with_the_owner_and_the_session_of_the_device_in_question) {
  auto w = with_phone();
  w.when(attach());
  EXPECT_EQ(w.reply().owner, alice);
  EXPECT_EQ(w.reply().session, monday);
  w.when(forget_device{phone, "logout", {}});
  EXPECT_EQ(w.reply().session, session_id{});
}

command any_command(support::dice& d) {
  const device_id device{std::to_string(d.below(40))};
  const session_id session{std::to_string(d.below(3))};
  switch (d.below(8)) {
  case 0:
    return claim{number, d.chance(50) ? alice : bob, d.chance(50) ? alice : bob};
  case 1:
    return release{d.chance(50) ? alice : bob};
  case 2:
    return set_policy{d.chance(50) ? busy_policy::busy : busy_policy::call_waiting, 0};
  case 3:
    return detach_device{device, "closed", d.below(4)};
  case 4:
    return forget_device{device, "logout", d.chance(50) ? session : session_id{}};
  case 5:
    return tick{};
  case 6:
    return resume(device, session);
  default:
    return attach(device, session);
  }
}

TEST(extension, under_random_commands_retries_write_nothing_and_the_devices_stay_bounded) {
  support::dice d{2};
  world w;
  for (int step = 0; step < 20'000; ++step) {
    d.chance(1) ? w.restarted(1'000) : w.later(static_cast<duration_ms>(d.below(3'000)));
    const auto c = any_command(d);
    w.when(c);
    const auto refused = w.outcome().refused();
    w.when(c);
    ASSERT_TRUE(w.outcome().events().empty()) << "step " << step;
    ASSERT_EQ(w.outcome().refused(), refused) << "step " << step;
    ASSERT_LE(w.state().devices.size(), limits::devices_per_extension_max);
    ASSERT_TRUE(!w.state().owner.empty() || w.state().devices.empty());
  }
  w.replays();
}

TEST(extension, a_tick_at_the_wake_time_always_changes_something) {
  support::dice d{3};
  world w;
  for (int step = 0; step < 5'000; ++step) {
    w.when(any_command(d)).later(100);
    const auto wake = w.wake_at();
    if (wake == never) continue;
    w.at(std::max(wake, w.ctx().now)).when(tick{});
    ASSERT_FALSE(w.outcome().events().empty()) << "step " << step;
  }
}

TEST(extension, a_device_keeps_the_seat_that_it_came_with) {
  const session_id seat{"seat"}, later{"later"};
  auto came = attach();
  came.seat = seat;
  auto w = alices();
  w.when(came);
  EXPECT_EQ(w.state().devices.at(phone).seat, seat);
  w.when(detach_device{phone, "lost", 1});
  w.then({device_detached{phone, "lost", 1, start, seat}});
  auto back = resume();
  back.seat = later;
  w.when(back).and_again_nothing();
  EXPECT_EQ(w.state().devices.at(phone).seat, later);
  w.when(forget_device{phone, "logout", {}});
  w.then({device_forgotten{phone, monday, "logout", start, later}});
}

} // namespace
} // namespace strowger::extension
