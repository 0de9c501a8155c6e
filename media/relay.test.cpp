// Two clients and a relay over real sockets: the ordinary life of a call's sound.
#include "media/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

const buffer sound{1, 2, 3, 4, 5, 6, 7, 8};

class audio : public ::testing::TestWithParam<const char*> {
protected:
  // One speaks with payload type 111 and SSRC 1000, the other hears 100.
  void begin() {
    from = site.joined(alice);
    to = site.joined(bob);
    spoken = site.produce(from.id, {kind::audio, opus(111, 1000)}).value;
    heard = site.consume(to.id, spoken, {opus(100, 0)}).value;
  }
  void speak(std::uint16_t sequence) {
    alice.send_rtp(test_peer::rtp(1000, sequence, sequence * 960U, 111, sound));
  }
  test_site site;
  test_peer alice{site.port()}, bob{site.port()};
  transport_made from, to;
  producer_id spoken;
  consumer_made heard;
};

TEST_F(audio, reaches_the_other_in_its_own_numbers) {
  begin();
  speak(10);
  const auto first = bob.receive_rtp();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->read.payload_type, 100);
  EXPECT_EQ(first->read.ssrc, heard.ssrc);
  EXPECT_EQ(buffer(first->read.payload.begin(), first->read.payload.end()), sound);
  speak(11);
  speak(13); // 12 is lost, and the listener must be able to see that
  const auto second = bob.receive_rtp();
  const auto third = bob.receive_rtp();
  ASSERT_TRUE(second && third);
  EXPECT_EQ(second->read.sequence, static_cast<std::uint16_t>(first->read.sequence + 1));
  EXPECT_EQ(third->read.sequence, static_cast<std::uint16_t>(first->read.sequence + 3));
  EXPECT_EQ(third->read.timestamp - first->read.timestamp, 3 * 960U);
}

TEST_F(audio, both_hear_each_other) {
  begin();
  const auto answer = site.produce(to.id, {kind::audio, opus(96, 2000)}).value;
  const auto back = site.consume(from.id, answer, {opus(111, 3000)}).value;
  EXPECT_EQ(back.ssrc, 3000U);
  speak(1);
  bob.send_rtp(test_peer::rtp(2000, 500, 1, 96, sound));
  EXPECT_TRUE(bob.receive_rtp());
  const auto got = alice.receive_rtp();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->read.ssrc, 3000U);
}

TEST_F(audio, a_paused_consumer_resumes_without_a_gap) {
  begin();
  speak(10);
  const auto before = bob.receive_rtp();
  ASSERT_TRUE(before);
  const auto pause = [&](bool paused) {
    site.ask<nothing>([&](auto d) { site->pause_consumer(nullptr, heard.id, paused, d); });
  };
  pause(true);
  for (std::uint16_t i = 11; i < 20; ++i) speak(i);
  EXPECT_FALSE(bob.receive_rtp(100));
  pause(false);
  speak(20);
  const auto after = bob.receive_rtp();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->read.sequence, static_cast<std::uint16_t>(before->read.sequence + 1));
  EXPECT_EQ(after->read.timestamp - before->read.timestamp, 10 * 960U) << "time went on";
}

TEST_F(audio, another_source_continues_the_same_stream) {
  begin();
  speak(10);
  const auto before = bob.receive_rtp();
  ASSERT_TRUE(before);
  test_peer carol{site.port()};
  const auto hers = site.joined(carol);
  const auto other = site.produce(hers.id, {kind::audio, opus(63, 77)}).value;
  EXPECT_TRUE(site.ask<nothing>([&](auto d) { site->switch_source(nullptr, heard.id, other, d); }));
  carol.send_rtp(test_peer::rtp(77, 60'000, 4'000'000'000, 63, sound));
  const auto after = bob.receive_rtp();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->read.ssrc, before->read.ssrc);
  EXPECT_EQ(after->read.payload_type, 100);
  EXPECT_EQ(after->read.sequence, static_cast<std::uint16_t>(before->read.sequence + 1));
  EXPECT_GT(after->read.timestamp - before->read.timestamp, 0U);
  EXPECT_LT(after->read.timestamp - before->read.timestamp, 5 * 48'000U);
  EXPECT_TRUE(after->read.marker);
  speak(11);
  EXPECT_FALSE(bob.receive_rtp(100)) << "the former source is not heard any more";
}

TEST_F(audio, music_plays_at_its_pace_and_to_its_end) {
  begin();
  auto frames = std::make_shared<std::vector<frame>>();
  for (std::uint8_t i = 0; i < 5; ++i) frames->push_back({{i}, 960, false});
  const codec music{"audio/opus", 120, 48'000, 2, {}, {}};
  const auto player = site.ask<producer_id>([&](auto d) {
    site->create_player(nullptr, {kind::audio, music, frames, false}, d);
  });
  ASSERT_TRUE(player);
  site.ask<nothing>([&](auto d) { site->switch_source(nullptr, heard.id, player.value, d); });
  std::uint32_t last = 0;
  for (std::uint8_t i = 0; i < 5; ++i) {
    const auto got = bob.receive_rtp();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->read.payload[0], i);
    if (i > 0) {
      EXPECT_EQ(got->read.timestamp - last, 960U) << int{i};
    }
    last = got->read.timestamp;
  }
  EXPECT_TRUE(site.wait_for<happened::player_ended>());
}

TEST_F(audio, a_tap_hears_what_is_said) {
  begin();
  std::promise<buffer> heard_by_tap;
  const auto made = site.ask<tap_id>([&](auto d) {
    site->tap(
        nullptr, spoken,
        [&](const tapped& t) {
          heard_by_tap.set_value({t.payload.begin(), t.payload.end()});
        },
        d);
  });
  ASSERT_TRUE(made);
  speak(1);
  EXPECT_EQ(heard_by_tap.get_future().get(), sound);
  EXPECT_TRUE(site.ask<nothing>([&](auto d) { site->close_tap(nullptr, made.value, d); }));
  speak(2);
  EXPECT_TRUE(bob.receive_rtp());
  EXPECT_TRUE(bob.receive_rtp());
}

TEST_F(audio, a_client_that_goes_takes_its_producers_and_what_hears_them) {
  begin();
  alice.close_notify();
  const auto closed = site.wait_for<happened::transport_closed>();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->why, close_reason::close_notify);
  EXPECT_EQ(site.wait_for<happened::producer_closed>()->producer, spoken);
  EXPECT_EQ(site.wait_for<happened::consumer_closed>()->consumer, heard.id);
}

TEST_F(audio, a_consumer_may_outlive_its_producer_and_get_another) {
  begin();
  consumer_options lasting{opus(100, 0)};
  lasting.outlives_producer = true;
  const auto kept = site.consume(to.id, spoken, lasting).value;
  alice.close_notify();
  EXPECT_EQ(site.wait_for<happened::source_lost>()->consumer, kept.id);
  test_peer carol{site.port()};
  const auto hers = site.joined(carol);
  const auto other = site.produce(hers.id, {kind::audio, opus(63, 77)}).value;
  EXPECT_TRUE(site.ask<nothing>([&](auto d) { site->switch_source(nullptr, kept.id, other, d); }));
  carol.send_rtp(test_peer::rtp(77, 1, 1, 63, sound));
  const auto got = bob.receive_rtp();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->read.ssrc, kept.ssrc);
}

TEST_F(audio, a_consumer_may_wait_for_its_first_producer) {
  begin();
  consumer_options waiting{opus(100, 0)};
  EXPECT_EQ(site.consume(to.id, {}, waiting).why, refusal::unknown_producer);
  waiting.outlives_producer = true;
  const auto kept = site.consume(to.id, {}, waiting).value;
  EXPECT_TRUE(site.ask<nothing>([&](auto d) { site->switch_source(nullptr, kept.id, spoken, d); }));
  speak(1);
  const auto one = bob.receive_rtp(), two = bob.receive_rtp(); // as `heard`, and as this one
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(one->read.ssrc == kept.ssrc || two->read.ssrc == kept.ssrc);
}

TEST_F(audio, the_relay_says_goodbye_when_a_transport_is_closed) {
  begin();
  site.ask<nothing>([&](auto d) { site->close_transport(nullptr, to.id, d); });
  EXPECT_TRUE(bob.closed_by_relay());
  EXPECT_EQ(site.wait_for<happened::consumer_closed>()->consumer, heard.id);
}

struct profile_case {
  const char* offered;
  const char* chosen;
};
class profiles : public ::testing::TestWithParam<profile_case> {};

TEST_P(profiles, carry_sound_both_ways) {
  test_site site;
  test_peer alice{site.port(), test_peer::over::udp, GetParam().offered};
  test_peer bob{site.port()};
  const auto from = site.joined(alice), to = site.joined(bob);
  EXPECT_EQ(alice.profile(), GetParam().chosen);
  EXPECT_EQ(site.wait_for<happened::transport_connected>()->srtp_profile, GetParam().chosen);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 1)}).value;
  const auto answer = site.produce(to.id, {kind::audio, opus(96, 2)}).value;
  ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  ASSERT_TRUE(site.consume(from.id, answer, {opus(100, 0)}));
  alice.send_rtp(test_peer::rtp(1, 1, 1, 111, sound));
  bob.send_rtp(test_peer::rtp(2, 1, 1, 96, sound));
  EXPECT_TRUE(alice.receive_rtp());
  EXPECT_TRUE(bob.receive_rtp());
}

INSTANTIATE_TEST_SUITE_P(
    srtp, profiles,
    ::testing::Values(profile_case{"SRTP_AEAD_AES_128_GCM", "AEAD_AES_128_GCM"},
                      profile_case{"SRTP_AEAD_AES_256_GCM", "AEAD_AES_256_GCM"},
                      profile_case{"SRTP_AES128_CM_SHA1_80", "AES128_CM_SHA1_80"}));

TEST(transport, the_relay_may_be_the_dtls_client) {
  test_site site;
  test_peer peer{site.port()};
  const auto made = site.transport();
  ASSERT_EQ(site.connect(made.id, peer.own(), dtls_role::server), refusal::none);
  ASSERT_EQ(peer.check(made.ice), 0);
  EXPECT_TRUE(peer.handshake(false));
  EXPECT_TRUE(site.wait_for<happened::transport_connected>());
}

TEST(transport, ice_tcp_carries_everything) {
  test_site site;
  test_peer alice{site.port(), test_peer::over::tcp}, bob{site.port(), test_peer::over::tcp};
  const auto from = site.joined(alice), to = site.joined(bob);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 1)}).value;
  ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  for (std::uint16_t i = 0; i < 200; ++i) alice.send_rtp(test_peer::rtp(1, i, i, 111, sound));
  for (std::uint16_t i = 0; i < 200; ++i) ASSERT_TRUE(bob.receive_rtp()) << i;
}

TEST(transport, new_ice_words_take_over_while_sound_goes_on) {
  test_site site;
  test_peer alice{site.port()}, bob{site.port()};
  const auto from = site.joined(alice), to = site.joined(bob);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 1)}).value;
  ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  const auto words =
      site.ask<ice_parameters>([&](auto d) { site->restart_ice(nullptr, from.id, d); });
  ASSERT_TRUE(words);
  EXPECT_EQ(alice.check(from.ice), 0) << "the old ones are good until the new ones are used";
  alice.send_rtp(test_peer::rtp(1, 1, 1, 111, sound));
  EXPECT_TRUE(bob.receive_rtp());
  EXPECT_EQ(alice.check(words.value), 0);
  EXPECT_EQ(alice.check(from.ice, true, false, 200), -1) << "and then they are nobody's";
  alice.send_rtp(test_peer::rtp(1, 2, 2, 111, sound));
  EXPECT_TRUE(bob.receive_rtp());
}

TEST(transport, a_client_that_moves_is_followed_once_it_has_shown_its_password) {
  test_site site;
  test_peer alice{site.port()}, bob{site.port()};
  const auto from = site.joined(alice), to = site.joined(bob);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 1)}).value;
  ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  bob.move();
  alice.move();
  alice.send_rtp(test_peer::rtp(1, 1, 1, 111, sound));
  EXPECT_FALSE(bob.receive_rtp(100));
  EXPECT_EQ(alice.check(from.ice), 0);
  EXPECT_EQ(bob.check(to.ice), 0);
  alice.send_rtp(test_peer::rtp(1, 2, 2, 111, sound));
  EXPECT_TRUE(bob.receive_rtp());
}

} // namespace
} // namespace strowger::media
