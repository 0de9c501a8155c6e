// The switchboard, given a call, when something happens: what the relay and the devices are told.
#include "media/desk_board.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

const tenant_id tenant{"default"};
const call_id name{"c"};

std::string text(const effects& what) {
  std::string out;
  const auto word = [&](const std::string& w) { out += (out.empty() ? "" : "; ") + w; };
  for (const auto& each : what)
    std::visit(
        [&](const auto& e) {
          using T = std::decay_t<decltype(e)>;
          if constexpr (std::is_same_v<T, effect::close_transport> ||
                        std::is_same_v<T, effect::close_consumer>)
            word("close " + e.id.value);
          else if constexpr (std::is_same_v<T, effect::switch_source>)
            word("switch " + e.id.value + " to " + e.to.value);
          else if constexpr (std::is_same_v<T, effect::tell>)
            std::visit(
                [&](const auto& n) {
                  using N = std::decay_t<decltype(n)>;
                  auto said = e.to.device.value + " hears " + std::string{N::name}.substr(7);
                  if constexpr (std::is_same_v<N, notice::webrtc_new_producer>)
                    said += " " + n.producer;
                  if constexpr (std::is_same_v<N, notice::webrtc_transport_lost>)
                    said += " " + n.reason;
                  word(said);
                },
                e.what);
          else if constexpr (std::is_same_v<T, effect::end_leg>)
            word("end " + e.who.device.value);
          else if constexpr (std::is_same_v<T, effect::pause_producer> ||
                             std::is_same_v<T, effect::pause_consumer>)
            word((e.on ? "pause " : "play ") + e.id.value); // the others: sound_board.test.cpp
        },
        each);
  return out;
}

wire::rtp_parameters opus() {
  return {{}, {{"audio/opus", 111, 48'000, 2, {}, {}}}, {}, {{1, 0, {}}}, "cn"};
}
wire::rtp_parameters pcmu() {
  return {{}, {{"audio/PCMU", 0, 8'000, 1, {}, {}}}, {}, {{1, 0, {}}}, "cn"};
}
wire::rtp_parameters vp8() {
  return {{}, {{"video/VP8", 96, 90'000, 1, {}, {}}}, {}, {{1, 0, {}}}, "cn"};
}

// Devices a, b, c ... Device x has the transports x> (to the relay) and x< (from it), the
// producer px and the consumer cx.
struct board {
  switchboard it;
  effects out;
  time_ms now = 1'000;
  call_view view;

  static owner who(const std::string& d) { return {tenant, device_id{d}}; }
  std::string took() { return text(std::exchange(out, {})); }

  void transports(const std::string& d) {
    it.created(who(d), transport_id{d + ">"}, way::from_client, {}, now);
    it.created(who(d), transport_id{d + "<"}, way::to_client, {}, now);
    it.connected(transport_id{d + ">"});
  }
  void produce(const std::string& d, wire::rtp_parameters rtp = opus()) {
    it.produced(who(d), transport_id{d + ">"}, producer_id{"p" + d}, wire::media_kind::audio,
                std::move(rtp), false, out);
  }
  std::string consume(const std::string& d, const std::string& producer) {
    failure why;
    const auto* p = it.may_consume(who(d), transport_id{d + "<"}, producer_id{producer}, why);
    if (!p) return "refused";
    it.connected(transport_id{d + "<"});
    const auto plays =
        it.consumed(who(d), transport_id{d + "<"}, consumer_id{"c" + d}, producer_id{producer},
                    wire::router_codec(p->rtp.codecs.front())->payload_type, false);
    return !plays ? "gone" : *plays ? "plays" : "waits";
  }
  void news(std::vector<call_party> parties, bool answered = true) {
    view.parties = std::move(parties);
    view.answered = answered;
    it.call_changed({tenant, name}, view, false, now, out);
  }
  void over() { it.call_changed({tenant, name}, call_view{.over = true}, false, now, out); }
  static call_party up(const std::string& d, const std::string& peer) {
    return {device_id{d}, device_id{peer}, true};
  }
  static call_party rung(const std::string& d, const std::string& peer) {
    return {device_id{d}, device_id{peer}};
  }
  void dial(const std::string& d) {
    it.settled(who(d), it.set_aside(who(d), false, {}), name, now, out);
  }
  std::string answer(const std::string& d) {
    const auto hears = it.settled(who(d), it.set_aside(who(d), true, name), name, now, out);
    return hears ? hears->id.value : "nothing";
  }
  // a calls, b answers, both hear each other.
  void talking() {
    transports("a");
    produce("a");
    dial("a");
    news({rung("a", "b"), rung("b", "a")}, false);
    transports("b");
    produce("b");
    EXPECT_EQ(answer("b"), "pa");
    news({up("a", "b"), up("b", "a")});
    EXPECT_EQ(it.answered(who("a"), name, out)->id.value, "pb");
    EXPECT_EQ(consume("a", "pb"), "plays");
    EXPECT_EQ(consume("b", "pa"), "plays");
    EXPECT_EQ(took(), "");
  }
};

TEST(board, two_who_talk_hear_each_other_and_are_told_nothing_twice) {
  board b;
  b.talking();
  const auto n = b.it.count();
  EXPECT_EQ(n.transports, 4U);
  EXPECT_EQ(n.consumers, 2U);
}

TEST(board, nobody_hears_anything_before_the_answer) {
  board b;
  b.transports("a");
  b.produce("a");
  b.dial("a");
  b.news({b.rung("a", "b"), b.rung("b", "a")}, false);
  b.transports("b");
  b.it.set_aside(b.who("b"), true, name);
  EXPECT_EQ(b.consume("b", "pa"), "refused");
}

TEST(board, an_accepted_answer_counts_before_it_is_news) {
  board b;
  b.transports("a");
  b.produce("a");
  b.dial("a");
  b.news({b.rung("a", "b"), b.rung("b", "a")}, false);
  b.transports("b");
  EXPECT_EQ(b.answer("b"), "pa");
  EXPECT_EQ(b.consume("b", "pa"), "plays");
}

TEST(board, only_the_peer_of_ones_own_call_is_heard) {
  board b;
  b.talking();
  b.transports("x");
  EXPECT_EQ(b.consume("x", "pa"), "refused");
  b.it.call_changed({tenant, call_id{"other"}},
                    {true, false, false, {b.up("x", "y"), b.up("y", "x")}}, false, b.now, b.out);
  EXPECT_EQ(b.consume("x", "pa"), "refused");
}

TEST(board, a_hold_silences_both_and_its_end_lets_both_speak) {
  board b;
  b.talking();
  auto a = b.up("a", "b"), other = b.up("b", "a");
  a.on_hold = other.on_hold = true;
  b.news({a, other});
  EXPECT_EQ(b.took(), "pause ca; pause cb");
  b.news({a, other});
  EXPECT_EQ(b.took(), "");
  b.news({b.up("a", "b"), b.up("b", "a")});
  EXPECT_EQ(b.took(), "play ca; play cb");
}

TEST(board, a_mute_pauses_the_producer_and_stays_with_its_own_pause) {
  board b;
  b.talking();
  auto a = b.up("a", "b");
  a.muted = true;
  b.news({a, b.up("b", "a")});
  EXPECT_EQ(b.took(), "pause pa");
  b.it.pause(producer_id{"pa"}, true, b.out);
  EXPECT_EQ(b.took(), "");
  b.news({b.up("a", "b"), b.up("b", "a")});
  EXPECT_EQ(b.took(), "");
  b.it.pause(producer_id{"pa"}, false, b.out);
  EXPECT_EQ(b.took(), "play pa");
}

TEST(board, a_blind_transfer_switches_the_source_before_the_transferor_goes) {
  board b;
  b.talking();
  b.news({b.up("a", "b"), b.up("b", "a"), b.rung("c", "a")});
  b.transports("c");
  b.produce("c");
  EXPECT_EQ(b.answer("c"), "pa");
  EXPECT_EQ(b.consume("c", "pa"), "plays");
  b.out.clear();
  b.news({b.up("a", "c"), b.up("c", "a")});
  EXPECT_EQ(b.took(), "pause ca; switch ca to pc; play ca; close b<; close b>");
}

TEST(board, a_warm_transfer_sets_the_one_who_stays_aside_and_joins_it_at_the_end) {
  board b;
  b.talking();
  b.news({b.up("a", "b"), b.up("b", "a"), b.rung("c", "b")});
  b.transports("c");
  b.produce("c");
  EXPECT_EQ(b.answer("c"), "pb");
  auto aside = b.up("a", "");
  aside.on_hold = true;
  b.news({aside, b.up("b", "c"), b.up("c", "b")});
  EXPECT_EQ(b.took(), "pause cb; switch cb to pc; pause ca; play cb");
  EXPECT_EQ(b.consume("c", "pb"), "plays");
  EXPECT_EQ(b.consume("c", "pa"), "refused");
  b.news({b.up("a", "c"), b.up("c", "a")});
  EXPECT_EQ(b.took(), "switch ca to pc; pause cc; switch cc to pa; play ca; play cc; "
                      "close b<; close b>");
}

TEST(board, a_failed_warm_transfer_joins_the_first_two_again) {
  board b;
  b.talking();
  b.news({b.up("a", "b"), b.up("b", "a"), b.rung("c", "b")});
  b.transports("c");
  b.produce("c");
  b.answer("c");
  auto aside = b.up("a", "");
  aside.on_hold = true;
  b.news({aside, b.up("b", "c"), b.up("c", "b")});
  b.took();
  b.news({b.up("a", "b"), b.up("b", "a")});
  EXPECT_EQ(b.took(), "pause cb; switch cb to pa; play ca; play cb; close c<; close c>");
}

TEST(board, another_codec_cannot_be_switched_to_so_it_is_announced) {
  board b;
  b.talking();
  b.news({b.up("a", "b"), b.up("b", "a"), b.rung("c", "a")});
  b.transports("c");
  b.produce("c", pcmu());
  b.answer("c");
  b.took();
  b.news({b.up("a", "c"), b.up("c", "a")});
  EXPECT_EQ(b.took(),
            "close ca; a hears consumer-closed; a hears new-producer pc; close b<; close b>");
}

TEST(board, what_comes_later_is_announced_to_the_other_side_once) {
  board b;
  b.talking();
  b.it.produced(b.who("a"), transport_id{"a>"}, producer_id{"screen"}, wire::media_kind::video,
                vp8(), false, b.out);
  EXPECT_EQ(b.took(), "b hears new-producer screen");
  b.news({b.up("a", "b"), b.up("b", "a")});
  EXPECT_EQ(b.took(), "");
  b.it.closed(producer_id{"screen"}, true, b.out);
  EXPECT_EQ(b.took(), "");
}

TEST(board, what_is_closed_on_purpose_is_gone_for_who_hears_it) {
  board b;
  b.talking();
  b.it.closed(producer_id{"pa"}, true, b.out);
  EXPECT_EQ(b.took(), "close cb; b hears consumer-closed");
}

TEST(board, a_device_that_comes_back_hears_again_what_it_does_not_consume) {
  board b;
  b.talking();
  b.it.produced(b.who("a"), transport_id{"a>"}, producer_id{"screen"}, wire::media_kind::video,
                vp8(), false, b.out);
  b.took();
  b.it.joined(b.who("b"), b.now, b.out);
  EXPECT_EQ(b.took(), "b hears new-producer screen");
}

TEST(board, the_end_closes_every_transport_of_the_call) {
  board b;
  b.talking();
  b.over();
  EXPECT_EQ(b.took(), "close a<; close a>; close b<; close b>");
  EXPECT_EQ(b.it.count().transports, 0U);
  EXPECT_EQ(b.it.count().calls, 0U);
}

TEST(board, a_refused_dial_leaks_no_transport) {
  board b;
  b.transports("a");
  b.produce("a");
  const auto dial = b.it.set_aside(b.who("a"), false, {});
  EXPECT_TRUE(b.it.anything_aside(b.who("a"), dial));
  b.it.settled(b.who("a"), dial, {}, b.now, b.out);
  EXPECT_EQ(b.took(), "close a>; close a<");
  EXPECT_EQ(b.it.count().transports, 0U);
  b.it.settled(b.who("d"), b.it.set_aside(b.who("d"), false, {}), {}, b.now, b.out);
  EXPECT_EQ(b.it.count().devices, 0U) << "nor a device of which there is nothing to know";
}

TEST(board, of_two_dials_at_once_each_keeps_its_own_transports_whichever_is_settled_first) {
  board b;
  b.transports("a");
  b.produce("a");
  const auto first = b.it.set_aside(b.who("a"), false, {});
  const auto second = b.it.set_aside(b.who("a"), false, {}); // for which nothing is left
  EXPECT_TRUE(b.it.anything_aside(b.who("a"), first));
  EXPECT_FALSE(b.it.anything_aside(b.who("a"), second));
  b.it.settled(b.who("a"), second, {}, b.now, b.out);
  EXPECT_EQ(b.took(), "") << "the refused one had none";
  b.it.settled(b.who("a"), first, name, b.now, b.out);
  b.it.settled(b.who("a"), first, {}, b.now, b.out); // a ticket counts once
  EXPECT_EQ(b.took(), "");
  b.over();
  EXPECT_EQ(b.took(), "close a<; close a>");
  EXPECT_EQ(b.it.count().devices, 0U);
}

TEST(board, what_was_closed_while_the_relay_made_its_consumer_is_refused) {
  board b;
  b.talking();
  failure why;
  ASSERT_TRUE(b.it.may_consume(b.who("b"), transport_id{"b<"}, producer_id{"pa"}, why));
  b.it.closed(producer_id{"pa"}, true, b.out);
  b.took();
  EXPECT_EQ(b.it.consumed(b.who("b"), transport_id{"b<"}, consumer_id{"c2"}, producer_id{"pa"}, 100,
                          false),
            std::nullopt);
  EXPECT_FALSE(b.it.has(b.who("b"), consumer_id{"c2"}));
}

TEST(board, a_call_that_was_over_before_its_dial_was_answered_leaks_none_either) {
  board b;
  b.transports("a");
  const auto dial = b.it.set_aside(b.who("a"), false, {});
  b.over();
  b.it.settled(b.who("a"), dial, name, b.now, b.out);
  b.it.confirm(b.who("a"), name, b.out);
  EXPECT_EQ(b.took(), "close a<; close a>");
  EXPECT_EQ(b.it.count().calls, 0U);
}

TEST(board, the_loser_of_a_race_loses_its_transports_and_the_winner_keeps_its) {
  board b;
  b.transports("a");
  b.produce("a");
  b.dial("a");
  b.news({b.rung("a", "b"), b.rung("b", "a"), b.rung("d", "a")}, false);
  b.transports("b");
  b.transports("d");
  const auto wins = b.it.set_aside(b.who("b"), true, name);
  const auto loses = b.it.set_aside(b.who("d"), true, name);
  b.it.settled(b.who("b"), wins, name, b.now, b.out);
  b.news({b.up("a", "b"), b.up("b", "a")});
  b.it.settled(b.who("d"), loses, {}, b.now, b.out);
  EXPECT_EQ(b.took(), "close d<; close d>");
}

TEST(board, only_the_newest_transports_are_bound_and_the_others_go_after_a_minute) {
  board b;
  b.transports("a");
  for (const auto* id : {"new>", "new<"})
    b.it.created(b.who("a"), transport_id{id}, id[3] == '>' ? way::from_client : way::to_client, {},
                 b.now);
  b.dial("a");
  b.news({b.rung("a", "b")}, false);
  b.it.tick(b.now + 59'999, b.out);
  EXPECT_EQ(b.took(), "");
  b.it.tick(b.now + 60'000, b.out);
  EXPECT_EQ(b.took(), "close a<; close a>");
  b.over();
  EXPECT_EQ(b.took(), "close new<; close new>");
}

TEST(board, a_closed_transport_ends_the_leg_after_ten_seconds) {
  board b;
  b.talking();
  b.it.lost(transport_id{"a>"}, loss::closed, b.now, b.out);
  EXPECT_EQ(b.took(), "a hears transport-lost closed; pause cb");
  b.it.tick(b.now + 9'999, b.out);
  EXPECT_EQ(b.took(), "");
  b.it.tick(b.now + 10'000, b.out);
  EXPECT_EQ(b.took(), "end a");
}

TEST(board, new_transports_save_a_leg_and_join_its_call_by_themselves) {
  board b;
  b.talking();
  b.it.lost(transport_id{"a>"}, loss::closed, b.now, b.out);
  b.took();
  b.it.created(b.who("a"), transport_id{"again>"}, way::from_client, {}, b.now);
  b.it.connected(transport_id{"again>"});
  b.it.produced(b.who("a"), transport_id{"again>"}, producer_id{"anew"}, wire::media_kind::audio,
                opus(), false, b.out);
  EXPECT_EQ(b.took(), "switch cb to anew; play cb"); // b need not do anything
  b.it.tick(b.now + 60'000, b.out);
  EXPECT_EQ(b.took(), "");
}

TEST(board, silence_counts_from_when_it_was_last_heard_and_a_sound_ends_it) {
  board b;
  b.talking();
  b.now += 10'000;
  b.it.lost(transport_id{"a>"}, loss::silent, b.now - 10'000, b.out);
  EXPECT_EQ(b.took(), "a hears transport-lost silent");
  b.it.heard(transport_id{"a>"});
  b.it.tick(b.now, b.out);
  EXPECT_EQ(b.took(), "");
  b.it.lost(transport_id{"a>"}, loss::silent, b.now - 10'000, b.out);
  b.took();
  b.it.tick(b.now, b.out);
  EXPECT_EQ(b.took(), "end a");
}

TEST(board, after_a_restart_a_device_has_thirty_seconds_from_its_return) {
  board b;
  b.it.call_changed({tenant, name}, {true, false, true, {b.up("a", "b"), b.up("b", "a")}}, true,
                    b.now, b.out);
  b.it.tick(b.now + 100'000, b.out);
  EXPECT_EQ(b.took(), "");
  b.now += 200'000;
  b.it.joined(b.who("a"), b.now, b.out);
  EXPECT_EQ(b.took(), "a hears transport-lost restarted");
  b.it.tick(b.now + 29'999, b.out);
  EXPECT_EQ(b.took(), "");
  b.transports("a");
  b.produce("a");
  b.it.connected(transport_id{"a<"});
  EXPECT_EQ(b.took(), "b hears new-producer pa"); // lost on it: it is not back yet
  b.it.tick(b.now + 30'000, b.out);
  EXPECT_EQ(b.took(), "");
  b.it.joined(b.who("b"), b.now, b.out);
  EXPECT_EQ(b.took(), "b hears transport-lost restarted; b hears new-producer pa");
  b.it.tick(b.now + 30'000, b.out);
  EXPECT_EQ(b.took(), "end b");
}

TEST(board, calls_between_browsers_are_left_alone_by_a_restart) {
  board b;
  b.it.call_changed({tenant, name}, {true, false, false, {b.up("a", "b"), b.up("b", "a")}}, true,
                    b.now, b.out);
  b.it.joined(b.who("a"), b.now, b.out);
  b.it.tick(b.now + 100'000, b.out);
  EXPECT_EQ(b.took(), "");
}

TEST(board, signalling_that_drops_and_comes_back_leaves_media_alone) {
  board b;
  b.talking();
  b.it.joined(b.who("a"), b.now, b.out);
  b.it.tick(b.now + 100'000, b.out);
  EXPECT_EQ(b.took(), "");
}

TEST(board, a_forgotten_device_loses_everything) {
  board b;
  b.transports("a");
  b.it.forgotten(b.who("a"), b.out);
  EXPECT_EQ(b.took(), "close a<; close a>");
  EXPECT_EQ(b.it.count().transports, 0U);
}

TEST(board, nobody_uses_what_is_not_its_own) {
  board b;
  b.talking();
  EXPECT_EQ(b.it.may_produce(b.who("b"), transport_id{"a>"})->why, errc::transport_unknown);
  EXPECT_EQ(b.it.may_produce(b.who("a"), transport_id{"a<"})->why, errc::wrong_direction);
  EXPECT_FALSE(b.it.has(b.who("b"), producer_id{"pa"}));
  EXPECT_FALSE(b.it.has(b.who("a"), consumer_id{"cb"}));
  EXPECT_EQ(b.it.may_create(b.who("x"), name)->why, errc::not_in_call);
}

} // namespace
} // namespace strowger::media
