// Placing, ringing, answering and leaving a call of two.
#include "tests/support/call_world.hpp"

namespace strowger::call::test {
namespace {

TEST(call, is_placed_and_rings_in_one_append_and_placing_it_again_writes_nothing) {
  auto w = world{};
  w.when(placing()).then({as_placed()}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + ring);
  EXPECT_EQ(w.state().phase, phase::ringing);
}

TEST(call, keeps_the_offer_and_the_candidates_that_the_caller_already_has) {
  auto early = placing();
  early.offer = sdp("offer");
  early.candidates = {ice("a"), ice("b")};
  auto w = world{};
  w.when(early).then({as_placed(), offer_sent{1, 1, sdp("offer")}, candidate_sent{1, 1, ice("a")},
                      candidate_sent{1, 1, ice("b")}});
  w.and_again_nothing();
  EXPECT_EQ(w.state().bridges.at(1).from_a.size(), 2u);
}

TEST(call, to_somebody_busy_is_recorded_and_ends_busy_without_ringing_anything) {
  auto busy = placing();
  busy.callee_busy = true;
  world{}.when(busy).then({as_placed({}), ended{cause::busy, 0, start}}).and_again_nothing();
}

TEST(call, that_rings_nothing_ends_unreachable) {
  auto alone = placing();
  alone.rung = {};
  world{}
      .when(alone)
      .then({as_placed({}), ended{cause::unreachable, 0, start}})
      .and_again_nothing();
}

TEST(call, never_rings_the_calling_device_and_no_device_twice) {
  auto twice = placing();
  twice.rung = {ben, ann, ben, ben2};
  world{}.when(twice).then({as_placed()});
}

TEST(call, refuses_to_be_placed_beyond_its_limits) {
  auto many = placing();
  many.rung.assign(limits::devices_per_extension_max + 1, ben);
  world{}.when(many).then_refused(errc::too_many_devices);
  auto chatty = placing();
  chatty.candidates.assign(limits::candidates_per_device_max + 1, ice("a"));
  world{}.when(chatty).then_refused(errc::too_many_candidates);
  auto timeless = placing();
  timeless.ring_ms = 0;
  world{}.when(timeless).then_refused(errc::value_out_of_range);
}

TEST(call, of_one_device_cannot_be_placed_again_by_another) {
  auto other = placing();
  other.caller_device = stranger;
  ringing().when(other).then_refused(errc::forbidden);
}

TEST(call, has_one_winner_and_tells_the_others) {
  auto w = ringing();
  w.when(answer{ben2}).then({answered{2, ben2, 1, start}}).and_again_nothing();
  w.when(answer{ben}).then_refused(errc::answered_elsewhere);
  w.when(decline{ben}).then_refused(errc::answered_elsewhere);
  w.when(hang_up{ben}).then_refused(errc::answered_elsewhere);
  w.when(hold{ben}).then_refused(errc::answered_elsewhere);
  EXPECT_EQ(w.state().answered_at, start);
  EXPECT_EQ(w.wake_at(), never);
}

TEST(call, cannot_be_answered_by_its_caller_or_by_a_stranger) {
  ringing().when(answer{ann}).then_refused(errc::call_not_ringing);
  ringing().when(answer{stranger}).then_refused(errc::not_in_call);
  talking().when(answer{ann}).then_refused(errc::call_not_ringing);
}

TEST(call, goes_on_ringing_while_one_device_is_left) {
  auto w = ringing();
  w.when(decline{ben}).then({device_stopped{2, ben, ring_phase::declined}}).and_again_nothing();
  w.when(answer{ben}).then_refused(errc::call_not_ringing);
  w.when(hang_up{ben}).then_nothing();
  w.when(answer{ben2}).then({answered{2, ben2, 1, start}});
  w.when(decline{ben}).then_nothing(); // late, and already so
}

TEST(call, is_rejected_when_the_last_device_has_stopped_and_any_declined) {
  auto w = ringing();
  w.when(decline{ben});
  w.when(lose_device{ben2, ring_phase::unreached})
      .then({device_stopped{2, ben2, ring_phase::unreached}, ended{cause::rejected, 2, start}})
      .and_again_nothing();
  w.when(decline{ben}).then_nothing();
  w.when(decline{ben2}).then_refused(errc::call_over);
}

TEST(call, is_unreachable_when_no_device_could_be_rung) {
  auto w = ringing();
  w.when(lose_device{ben, ring_phase::unreached});
  w.when(lose_device{ben2})
      .then({device_stopped{2, ben2, ring_phase::lost}, ended{cause::unreachable, 0, start}});
}

TEST(call, hanging_up_a_ringing_device_declines) {
  auto w = ringing();
  w.when(hang_up{ben}).then({device_stopped{2, ben, ring_phase::declined}}).and_again_nothing();
  w.when(hang_up{ben2})
      .then({device_stopped{2, ben2, ring_phase::declined}, ended{cause::rejected, 2, start}})
      .and_again_nothing();
}

TEST(call, is_cancelled_when_the_caller_hangs_up_first) {
  auto w = ringing();
  w.when(hang_up{ann}).then({ended{cause::cancelled, 1, start}}).and_again_nothing();
  w.when(answer{ben}).then_refused(errc::call_over);
}

TEST(call, ends_with_no_answer_at_the_end_of_the_ring_time_also_after_a_restart) {
  auto w = ringing();
  w.later(ring - 1).when(tick{}).then_nothing();
  w.restarted(5'000);
  EXPECT_EQ(w.wake_at(), start + ring); // time that the server was down counts for ringing
  w.when(tick{}).then({ended{cause::no_answer, 0, w.ctx().now}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), never);
}

TEST(call, may_still_be_answered_when_the_ring_time_is_over_but_nobody_has_noticed) {
  ringing().later(ring).when(answer{ben}).then({answered{2, ben, 1, start + ring}});
}

TEST(call, is_hung_up_by_either_side_once) {
  for (const auto& [who, leg] : {std::pair{ann, 1u}, std::pair{ben, 2u}}) {
    auto w = talking();
    w.later(60'000).when(hang_up{who}).then({ended{cause::hangup, leg, start + 60'000}});
    w.and_again_nothing();
    w.when(hang_up{who == ann ? ben : ann}).then_nothing();
    EXPECT_EQ(w.state().ended_at - w.state().answered_at, 60'000);
  }
}

TEST(call, ends_when_a_talking_device_is_lost) {
  talking().when(lose_device{ann}).then({ended{cause::device_lost, 1, start}}).and_again_nothing();
  talking().when(lose_device{ben}).then({ended{cause::device_lost, 2, start}}).and_again_nothing();
  talking().when(lose_device{ben2}).then_nothing(); // it had lost already
  ringing().when(lose_device{ann}).then({ended{cause::device_lost, 1, start}});
}

TEST(call, unknown_refuses_what_a_client_asks_and_ignores_what_is_derived) {
  const std::vector<command> asked{answer{ann},         decline{ann},        hang_up{ann},
                                   hold{ann},           unhold{ann},         mute{ann, true},
                                   send_dtmf{ann},      send_offer{ann},     send_answer{ann},
                                   send_candidate{ann}, start_transfer{ann}, cancel_transfer{ann}};
  for (const auto& c : asked) world{}.when(c).then_refused(errc::call_unknown);
  world{}.when(lose_device{ann}).then_nothing();
  world{}.when(tick{}).then_nothing();
}

TEST(call, over_refuses_everything_but_another_hang_up) {
  const std::vector<command> asked{answer{ben},          hold{ann},           unhold{ann},
                                   mute{ann, true},      send_dtmf{ann},      send_offer{ann},
                                   send_answer{ann},     send_candidate{ann}, start_transfer{ann},
                                   cancel_transfer{ann}, decline{ben},        decline{ann}};
  for (const auto& c : asked) over().when(c).then_refused(errc::call_over);
  over().when(hang_up{ann}).then_nothing();
  over().when(hang_up{ben}).then_nothing();
  over().when(hang_up{ben2}).then_nothing();
  over().when(lose_device{ann}).then_nothing();
  over().when(placing()).then_nothing();
  over().later(ring * 2).when(tick{}).then_nothing();
}

TEST(call, tells_a_stranger_nothing_but_that_it_is_none_of_its_devices) {
  const std::vector<command> asked{
      answer{stranger},         decline{stranger},        hang_up{stranger},
      hold{stranger},           unhold{stranger},         mute{stranger, true},
      send_dtmf{stranger},      send_offer{stranger},     send_answer{stranger},
      send_candidate{stranger}, start_transfer{stranger}, cancel_transfer{stranger}};
  for (const auto& c : asked) {
    ringing().when(c).then_refused(errc::not_in_call);
    talking().when(c).then_refused(errc::not_in_call);
    over().when(c).then_refused(errc::not_in_call);
  }
  talking().when(lose_device{stranger}).then_nothing();
}

TEST(call, replies_with_the_leg_of_the_asking_device_also_after_the_end) {
  auto w = ringing();
  w.when(answer{ben});
  EXPECT_EQ(w.reply().leg, 2u);
  EXPECT_EQ(w.reply().bridge, 1u);
  EXPECT_FALSE(w.reply().offers);
  w.when(hang_up{ann});
  EXPECT_EQ(w.reply().leg, 1u);
  EXPECT_EQ(w.reply().bridge, 1u);
  EXPECT_TRUE(w.reply().offers);
  EXPECT_EQ(w.reply().phase, phase::ended);
  EXPECT_EQ(w.reply().why, cause::hangup);
  w.when(decline{ben2});
  EXPECT_EQ(w.reply().leg, 2u); // it was rung there
}

TEST(call, answers_the_small_questions_while_it_rings_and_talks) {
  auto w = ringing();
  EXPECT_EQ(leg_of(w.state(), ann), 1u);
  EXPECT_EQ(leg_of(w.state(), ben), 0u);
  EXPECT_EQ(rung_leg(w.state(), ben), 2u);
  EXPECT_EQ(rung_leg(w.state(), ann), 0u);
  EXPECT_EQ(peer_of(w.state(), 1), 2u);
  w.when(answer{ben});
  EXPECT_EQ(leg_of(w.state(), ben), 2u);
  EXPECT_EQ(rung_leg(w.state(), ben2), 0u);
  EXPECT_EQ(peer_of(w.state(), 2), 1u);
  w.when(hang_up{ben});
  EXPECT_EQ(leg_of(w.state(), ben), 0u);
  EXPECT_EQ(peer_of(w.state(), 1), 0u);
}

} // namespace
} // namespace strowger::call::test
