// Hold, mute, digits, descriptions and candidates.
#include "tests/support/call_world.hpp"

namespace strowger::call::test {
namespace {

TEST(call_media, either_party_holds_for_itself_and_both_are_silent) {
  auto w = talking();
  w.when(hold{ann}).then({held{1}}).and_again_nothing();
  EXPECT_TRUE(on_hold(w.state(), 1));
  EXPECT_TRUE(on_hold(w.state(), 2));
  w.when(hold{ben}).then({held{2}});
  w.when(unhold{ann}).then({resumed{1}}).and_again_nothing();
  EXPECT_TRUE(on_hold(w.state(), 1)); // ben still holds
  w.when(unhold{ben}).then({resumed{2}});
  EXPECT_FALSE(on_hold(w.state(), 1));
  EXPECT_FALSE(on_hold(w.state(), 2));
}

TEST(call_media, muting_is_written_only_when_it_changes) {
  auto w = talking();
  w.when(mute{ben, false}).then_nothing();
  w.when(mute{ben, true}).then({muted{2, true}}).and_again_nothing();
  w.when(mute{ben, false}).then({muted{2, false}});
}

TEST(call_media, a_ringing_call_cannot_be_held_muted_or_sent_digits) {
  for (const auto& who : {ann, ben}) {
    ringing().when(hold{who}).then_refused(errc::call_not_answered);
    ringing().when(unhold{who}).then_refused(errc::call_not_answered);
    ringing().when(mute{who, true}).then_refused(errc::call_not_answered);
    ringing().when(send_dtmf{who, "1", 100}).then_refused(errc::call_not_answered);
  }
}

TEST(call_media, digits_go_out_one_by_one_and_only_real_ones) {
  auto w = talking();
  w.when(send_dtmf{ann, "5", 40}).then({dtmf_sent{1, "5", 40}});
  w.when(send_dtmf{ann, "5", 40}).then({dtmf_sent{1, "5", 40}}); // a digit may come twice
  w.when(send_dtmf{ann, "D", 6'000}).then({dtmf_sent{1, "D", 6'000}});
  w.when(send_dtmf{ann, "E", 100}).then_refused(errc::value_out_of_range);
  w.when(send_dtmf{ann, "55", 100}).then_refused(errc::value_out_of_range);
  w.when(send_dtmf{ann, "", 100}).then_refused(errc::value_out_of_range);
  w.when(send_dtmf{ann, "5", 39}).then_refused(errc::value_out_of_range);
  w.when(send_dtmf{ann, "5", 6'001}).then_refused(errc::value_out_of_range);
}

TEST(call_media, the_caller_may_offer_and_trickle_before_anybody_answers) {
  auto w = ringing();
  w.when(send_candidate{ann, 0, ice("a")}).then({candidate_sent{1, 1, ice("a")}});
  w.and_again_nothing();
  w.when(send_offer{ann, 0, sdp("o")}).then({offer_sent{1, 1, sdp("o")}}).and_again_nothing();
  w.when(send_answer{ann, 0, sdp("a")}).then_refused(errc::no_peer_yet);
  w.when(answer{ben});
  EXPECT_EQ(w.state().bridges.at(1).from_a.size(), 1u); // kept, though it came before the offer
}

TEST(call_media, what_a_session_kept_adds_only_what_the_call_has_not) {
  auto w = ringing();
  w.when(send_candidate{ann, 0, ice("a")});
  const send_kept words{ann, sdp("o"), {}, {ice("a"), ice("b")}};
  w.when(words).then({offer_sent{1, 1, sdp("o")}, candidate_sent{1, 1, ice("b")}});
  w.and_again_nothing();
  w.when(answer{ben});
  w.when(send_kept{ben, {}, sdp("a"), {ice("c")}})
      .then({answer_sent{2, 1, sdp("a")}, candidate_sent{2, 1, ice("c")}});
  w.when(words).then_nothing();
}

TEST(call_media, what_a_session_kept_is_of_no_use_to_a_call_that_is_another_devices_or_over) {
  const send_kept words{ben2, sdp("o"), sdp("a"), {ice("a")}};
  ringing().when(words).then_nothing(); // it only rings
  talking().when(words).then_nothing();
  over().when(words).then_nothing();
}

TEST(call_media, a_ringing_device_has_no_bridge_to_send_on) {
  ringing().when(send_offer{ben, 0, sdp("o")}).then_refused(errc::call_not_answered);
  ringing().when(send_answer{ben, 0, sdp("a")}).then_refused(errc::call_not_answered);
  ringing().when(send_candidate{ben, 0, ice("a")}).then_refused(errc::call_not_answered);
}

TEST(call_media, the_winner_answers_the_offer_once) {
  auto w = talking();
  w.when(send_offer{ann, 1, sdp("o")});
  w.when(send_answer{ben, 1, sdp("a")}).then({answer_sent{2, 1, sdp("a")}}).and_again_nothing();
  w.when(send_candidate{ben, 0, ice("b")}).then({candidate_sent{2, 1, ice("b")}});
  w.and_again_nothing();
  EXPECT_EQ(w.state().bridges.at(1).from_b.size(), 1u);
}

TEST(call_media, a_loser_sends_nothing) {
  talking().when(send_answer{ben2, 1, sdp("a")}).then_refused(errc::answered_elsewhere);
  talking().when(send_candidate{ben2, 1, ice("a")}).then_refused(errc::answered_elsewhere);
}

TEST(call_media, a_new_offer_starts_the_negotiation_anew) {
  auto w = talking();
  w.when(send_offer{ann, 0, sdp("o")}).when(send_candidate{ann, 0, ice("a")});
  w.when(send_answer{ben, 0, sdp("a")}).when(send_candidate{ben, 0, ice("b")});
  w.when(send_offer{ben, 0, sdp("again")}).then({offer_sent{2, 1, sdp("again")}});
  const auto& b = w.state().bridges.at(1);
  EXPECT_EQ(b.offer->reveal(), "again");
  EXPECT_FALSE(b.answer);
  EXPECT_TRUE(b.from_a.empty());
  EXPECT_TRUE(b.from_b.empty());
}

TEST(call_media, candidates_are_bounded_per_bridge_and_side) {
  auto w = talking();
  for (std::size_t i = 0; i < limits::candidates_per_device_max; ++i)
    w.when(send_candidate{ann, 0, ice(std::to_string(i))});
  w.when(send_candidate{ann, 0, ice("more")}).then_refused(errc::too_many_candidates);
  w.when(send_candidate{ann, 0, ice("7")}).then_nothing();
  w.when(send_candidate{ben, 0, ice("more")}).then({candidate_sent{2, 1, ice("more")}});
}

TEST(call_media, a_bridge_that_does_not_exist_is_out_of_range) {
  talking().when(send_offer{ann, 2, sdp("o")}).then_refused(errc::value_out_of_range);
}

TEST(call_media, after_a_transfer_the_old_bridge_is_stale) {
  auto w = consulting();
  w.when(hang_up{ben}); // bridge 3 joins ann and cleo
  w.when(send_offer{ann, 1, sdp("o")}).then_refused(errc::stale_bridge);
  w.when(send_candidate{cleo, 2, ice("a")}).then_refused(errc::stale_bridge);
  w.when(send_offer{ann, 0, sdp("o")}).then({offer_sent{1, 3, sdp("o")}});
  w.when(send_answer{cleo, 3, sdp("a")}).then({answer_sent{3, 3, sdp("a")}});
}

TEST(call_media, while_consulting_both_of_the_transferors_bridges_are_alive) {
  auto w = consulting();
  w.when(send_offer{ben, 0, sdp("o")}).then({offer_sent{2, 2, sdp("o")}});
  w.when(send_answer{cleo, 2, sdp("a")}).then({answer_sent{3, 2, sdp("a")}});
  w.when(send_candidate{ann, 0, ice("a")}).then({candidate_sent{1, 1, ice("a")}});
  w.when(send_offer{ann, 1, sdp("r")}).then({offer_sent{1, 1, sdp("r")}});
  w.when(send_answer{ben, 1, sdp("r")}).then({answer_sent{2, 1, sdp("r")}});
  w.when(send_offer{cleo, 1, sdp("x")}).then_refused(errc::stale_bridge);
}

} // namespace
} // namespace strowger::call::test
