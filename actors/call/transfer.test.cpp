// Blind and warm transfers, and everything that can go wrong in between.
#include "tests/support/call_world.hpp"

namespace strowger::call::test {
namespace {

constexpr auto blind = transfer_kind::blind;
constexpr auto warm = transfer_kind::warm;

TEST(transfer, starts_once) {
  for (const auto kind : {blind, warm}) {
    auto w = talking();
    w.when(transferring(kind)).then({as_started(kind)}).and_again_refused(errc::transfer_pending);
    w.when(transferring(kind, {stranger}, ann)).then_refused(errc::transfer_pending);
    EXPECT_EQ(w.wake_at(), start + ring);
  }
}

TEST(transfer, needs_an_answered_call_and_somebody_to_ring) {
  ringing().when(transferring(blind, {cleo}, ann)).then_refused(errc::call_not_answered);
  talking().when(transferring(blind, {})).then_refused(errc::no_client_for_target);
  talking().when(transferring(blind, {ann, ben})).then_refused(errc::no_client_for_target);
  auto busy = transferring(blind);
  busy.target_busy = true;
  talking().when(busy).then_refused(errc::target_busy);
  auto timeless = transferring(blind);
  timeless.ring_ms = 0;
  talking().when(timeless).then_refused(errc::value_out_of_range);
  const std::vector<device_id> crowd(limits::devices_per_extension_max + 1, cleo);
  talking().when(transferring(blind, crowd)).then_refused(errc::too_many_devices);
}

TEST(transfer, may_ring_a_device_that_lost_the_first_answer) {
  auto w = talking();
  w.when(transferring(blind, {ben2}, ann));
  EXPECT_EQ(rung_leg(w.state(), ben2), 3u);
  w.when(answer{ben2});
  EXPECT_EQ(leg_of(w.state(), ben2), 3u);
}

TEST(blind_transfer, joins_the_party_that_stays_with_the_first_target_that_answers) {
  auto w = handing_over(blind);
  w.when(answer{cleo})
      .then({answered{3, cleo, 0, start}, transferred{2, 1, 3, 2, start}})
      .and_again_nothing();
  w.when(answer{cleo2}).then_refused(errc::answered_elsewhere);
  EXPECT_EQ(peer_of(w.state(), 1), 3u);
  EXPECT_EQ(leg_of(w.state(), ben), 0u);
  w.when(hang_up{ben}).then_nothing();
  w.when(hold{ben}).then_refused(errc::call_over);
  w.when(hang_up{cleo}).then({ended{cause::hangup, 3, start}});
}

TEST(blind_transfer, leaves_the_call_as_it_was_when_it_fails) {
  auto w = handing_over(blind);
  w.when(decline{cleo}).then({device_stopped{3, cleo, ring_phase::declined}}).and_again_nothing();
  w.when(decline{cleo2})
      .then({device_stopped{3, cleo2, ring_phase::declined},
             transfer_failed{2, 3, cause::rejected, start}})
      .and_again_nothing();
  EXPECT_EQ(peer_of(w.state(), 1), 2u);
  EXPECT_EQ(w.wake_at(), never);
  w.when(answer{cleo}).then_refused(errc::call_not_ringing);
}

TEST(blind_transfer, fails_at_the_end_of_its_ring_time) {
  auto w = handing_over(blind);
  w.later(ring - 1).when(tick{}).then_nothing();
  w.restarted(1)
      .when(tick{})
      .then({transfer_failed{2, 3, cause::no_answer, start + ring}})
      .and_again_nothing();
  w.when(answer{cleo}).then_refused(errc::call_over);
}

TEST(blind_transfer, goes_on_when_the_transferor_hangs_up) {
  auto w = handing_over(blind);
  w.when(hang_up{ben}).then({transferor_released{2, start}}).and_again_nothing();
  EXPECT_EQ(leg_of(w.state(), ben), 0u);
  EXPECT_EQ(peer_of(w.state(), 1), 0u);
  w.when(cancel_transfer{ben}).then_refused(errc::call_over);
  w.when(send_dtmf{ann, "1", 100}).then_refused(errc::no_peer_yet);
  w.when(answer{cleo2}).then({answered{3, cleo2, 0, start}, transferred{2, 1, 3, 2, start}});
  EXPECT_EQ(peer_of(w.state(), 1), 3u);
}

TEST(blind_transfer, that_fails_after_the_transferor_has_left_ends_the_call_with_its_cause) {
  const auto left = [] { return handing_over(blind).when(hang_up{ben}); };
  left().later(ring).when(tick{}).then({ended{cause::no_answer, 0, start + ring}});
  left()
      .when(decline{cleo})
      .when(decline{cleo2})
      .then({device_stopped{3, cleo2, ring_phase::declined}, ended{cause::rejected, 0, start}});
  left()
      .when(lose_device{cleo})
      .when(lose_device{cleo2})
      .then({device_stopped{3, cleo2, ring_phase::lost}, ended{cause::unreachable, 0, start}});
  left().when(hang_up{ann}).then({ended{cause::hangup, 1, start}});
  left().when(lose_device{ann}).then({ended{cause::device_lost, 1, start}});
}

TEST(blind_transfer, goes_on_when_the_transferors_device_is_lost) {
  handing_over(blind)
      .when(lose_device{ben})
      .then({transferor_released{2, start}})
      .and_again_nothing();
}

TEST(transfer, is_cancelled_only_by_the_transferor) {
  for (const auto kind : {blind, warm}) {
    auto w = handing_over(kind);
    w.when(cancel_transfer{ann}).then_refused(errc::no_transfer_pending);
    w.when(cancel_transfer{cleo}).then_refused(errc::call_not_answered);
    w.when(cancel_transfer{ben})
        .then({transfer_failed{2, 3, cause::cancelled, start}})
        .and_again_refused(errc::no_transfer_pending);
  }
}

TEST(transfer, ends_with_the_call_when_the_party_that_stays_goes) {
  for (auto make : {+[] { return handing_over(blind); }, +[] { return handing_over(warm); },
                    +[] { return consulting(); }}) {
    make().when(hang_up{ann}).then({ended{cause::hangup, 1, start}}).and_again_nothing();
    make().when(lose_device{ann}).then({ended{cause::device_lost, 1, start}}).and_again_nothing();
  }
}

TEST(warm_transfer, holds_the_party_that_stays_without_an_event_of_its_own) {
  auto w = handing_over(warm);
  EXPECT_TRUE(on_hold(w.state(), 1));
  EXPECT_FALSE(on_hold(w.state(), 2));
  w.when(answer{cleo}).then({answered{3, cleo, 2, start}}).and_again_nothing();
  EXPECT_TRUE(on_hold(w.state(), 1));
  EXPECT_FALSE(on_hold(w.state(), 2));
  EXPECT_FALSE(on_hold(w.state(), 3));
  EXPECT_EQ(peer_of(w.state(), 2), 3u);
  EXPECT_EQ(peer_of(w.state(), 1), 0u);
  EXPECT_EQ(w.wake_at(), never);
  w.later(ring * 10).when(tick{}).then_nothing();
}

TEST(warm_transfer, is_completed_by_the_transferors_hang_up_or_loss) {
  for (const auto& go : {command{hang_up{ben}}, command{lose_device{ben}}}) {
    auto w = consulting();
    w.when(go).then({transferred{2, 1, 3, 3, start}}).and_again_nothing();
    EXPECT_EQ(peer_of(w.state(), 1), 3u);
    EXPECT_FALSE(on_hold(w.state(), 1));
    EXPECT_TRUE(w.state().bridges.at(3).a == 1 && w.state().bridges.at(3).b == 3);
  }
}

TEST(warm_transfer, fails_when_the_target_goes_and_the_first_two_talk_again) {
  const std::vector<std::pair<command, cause>> ways{{hang_up{cleo}, cause::hangup},
                                                    {lose_device{cleo}, cause::device_lost},
                                                    {cancel_transfer{ben}, cause::cancelled}};
  for (const auto& [go, why] : ways) {
    auto w = consulting();
    w.when(go).then({transfer_failed{2, 3, why, start}});
    EXPECT_EQ(peer_of(w.state(), 1), 2u);
    EXPECT_EQ(w.state().legs.at(2).bridge, 1u);
    EXPECT_FALSE(on_hold(w.state(), 1));
    w.when(hang_up{cleo}).then_nothing();
    w.when(lose_device{cleo}).then_nothing();
  }
}

TEST(warm_transfer, gives_the_transferors_own_hold_back_when_it_fails) {
  auto w = talking();
  w.when(hold{ben}).when(transferring(warm)).when(answer{cleo});
  EXPECT_FALSE(on_hold(w.state(), 3)); // ben's hold was meant for ann
  w.when(hold{ben}).then({held{2}});   // and this one for cleo
  EXPECT_TRUE(on_hold(w.state(), 3));
  w.when(unhold{ben}).when(hang_up{cleo});
  EXPECT_TRUE(w.state().legs.at(2).holds);
  EXPECT_TRUE(on_hold(w.state(), 1));
}

TEST(warm_transfer, whose_transferor_leaves_while_the_target_rings_goes_on_blindly) {
  for (const auto& go : {command{hang_up{ben}}, command{lose_device{ben}}}) {
    auto w = handing_over(warm);
    w.when(go).then({transferor_released{2, start}}).and_again_nothing();
    EXPECT_TRUE(on_hold(w.state(), 1));
    w.when(answer{cleo}).then({answered{3, cleo, 0, start}, transferred{2, 1, 3, 2, start}});
    EXPECT_FALSE(on_hold(w.state(), 1));
  }
}

TEST(warm_transfer, fails_when_nobody_answers) {
  handing_over(warm).later(ring).when(tick{}).then(
      {transfer_failed{2, 3, cause::no_answer, start + ring}});
  handing_over(warm)
      .when(lose_device{cleo})
      .when(hang_up{cleo2})
      .then({device_stopped{3, cleo2, ring_phase::declined},
             transfer_failed{2, 3, cause::rejected, start}});
}

TEST(transfer, can_follow_a_transfer_until_the_call_has_all_its_legs) {
  auto w = talking();
  auto last = ben;
  for (leg_number leg = 3; leg <= limits::legs_per_call_max; ++leg) {
    const device_id next{"device of leg " + std::to_string(leg)};
    w.when(transferring(blind, {next}, last)).when(answer{next});
    ASSERT_EQ(leg_of(w.state(), next), leg);
    last = next;
  }
  w.when(transferring(blind, {cleo}, last)).then_refused(errc::too_many_calls);
  w.when(hang_up{last}).then({ended{cause::hangup, limits::legs_per_call_max, start}});
}

TEST(transfer, replies_with_the_bridge_that_the_asking_device_is_on_now) {
  auto w = handing_over(warm);
  w.when(answer{cleo});
  EXPECT_EQ(w.reply().leg, 3u);
  EXPECT_EQ(w.reply().bridge, 2u);
  EXPECT_FALSE(w.reply().offers);
  w.when(hang_up{ben});
  EXPECT_EQ(w.reply().leg, 2u);
  w.when(hold{ann});
  EXPECT_EQ(w.reply().bridge, 3u);
  EXPECT_TRUE(w.reply().offers);
}

} // namespace
} // namespace strowger::call::test
