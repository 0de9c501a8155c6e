// What the relay does with those who mean ill, or are broken.
#include "media/test_site.hpp"

#include "core/limits.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace strowger::media {
namespace {

const buffer sound{1, 2, 3, 4};

class hostile : public ::testing::Test {
protected:
  void SetUp() override {
    from = site.joined(alice);
    to = site.joined(bob);
    const auto spoken = site.produce(from.id, {kind::audio, opus(111, 1000)}).value;
    ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  }
  bool still_works() {
    ++sequence; // and nothing of what came before was passed on
    alice.send_rtp(test_peer::rtp(1000, sequence, sequence, 111, sound));
    const auto got = bob.receive_rtp();
    return got && std::ranges::equal(got->read.payload, sound) && !bob.receive_rtp(20);
  }
  transport_stats stats(const transport_made& of) {
    return site.ask<transport_stats>([&](auto d) { site->stats(nullptr, of.id, d); }).value;
  }
  test_site site;
  test_peer alice{site.port()}, bob{site.port()}, mallory{site.port()};
  transport_made from, to;
  std::uint16_t sequence = 0;
};

TEST_F(hostile, packets_recorded_on_the_wire_are_heard_once) {
  ASSERT_TRUE(still_works());
  const auto recorded = alice.last_sent();
  for (int i = 0; i < 20; ++i) alice.send_raw(recorded);
  EXPECT_TRUE(still_works());
  EXPECT_GE(stats(from).dropped, 20U);
}

TEST_F(hostile, media_from_an_address_without_a_password_is_dropped) {
  ASSERT_TRUE(still_works());
  const auto recorded = alice.last_sent();
  for (int i = 0; i < 20; ++i) mallory.send_raw(recorded);
  EXPECT_TRUE(still_works());
  EXPECT_FALSE(mallory.receive_rtp(20));
}

TEST_F(hostile, forged_packets_from_the_right_address_are_dropped) {
  for (int i = 0; i < 50; ++i) {
    auto forged = test_peer::rtp(1000, static_cast<std::uint16_t>(i), 1, 111, buffer(40, 7));
    alice.send_raw(forged);
  }
  EXPECT_TRUE(still_works());
  EXPECT_EQ(stats(from).dropped, 50U);
}

TEST_F(hostile, a_flood_of_unknown_ssrcs_costs_nothing_but_a_count) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    alice.send_rtp(test_peer::rtp(0x10000 + i, 1, 1, 111, sound));
    if (i % 500 == 0) {
      EXPECT_TRUE(still_works());
    }
  }
  EXPECT_TRUE(still_works());
  EXPECT_GT(stats(from).dropped, 1000U);
}

TEST_F(hostile, a_recorded_check_from_elsewhere_moves_nothing) {
  const auto recorded = bob.check_bytes(to.ice);
  bob.send_raw(recorded);
  EXPECT_TRUE(still_works());
  const auto before = stats(to).selected_tuple;
  mallory.send_raw(recorded);
  EXPECT_TRUE(still_works());
  EXPECT_EQ(stats(to).selected_tuple, before);
  bob.send_raw(recorded);
  EXPECT_TRUE(still_works()) << "a retransmission is none";
}

TEST_F(hostile, a_check_with_a_forged_source_takes_no_address_that_media_comes_from) {
  ASSERT_TRUE(still_works());
  const auto own = site.transport(); // mallory's, who knows its password and says to be alice
  EXPECT_EQ(alice.check(own.ice, true, false, 100), -1);
  EXPECT_TRUE(still_works());
  EXPECT_EQ(stats(own).dropped, 1U);
  EXPECT_EQ(alice.check(from.ice), 0) << "who is there is answered";
}

TEST_F(hostile, an_address_is_free_again_when_its_transport_is_closed) {
  ASSERT_TRUE(still_works());
  site.ask<nothing>([&](auto d) { site->close_transport(nullptr, from.id, d); });
  EXPECT_EQ(alice.check(site.transport().ice), 0);
}

TEST_F(hostile, an_address_that_has_shown_only_a_password_goes_to_the_next_one) {
  const auto one = site.transport(), two = site.transport();
  test_peer client{site.port(), test_peer::over::tcp};
  EXPECT_EQ(client.check(one.ice), 0);
  EXPECT_EQ(client.check(two.ice), 0);
  EXPECT_EQ(client.check(two.ice), 0) << "over the same connection, which is still open";
  EXPECT_TRUE(stats(one).selected_tuple.empty());
}

TEST_F(hostile, checks_with_a_wrong_password_or_role_are_refused) {
  EXPECT_EQ(mallory.check({to.ice.ufrag, "wrong"}), 401);
  EXPECT_EQ(mallory.check({"nobody", "wrong"}, true, false, 100), -1);
  EXPECT_EQ(bob.check(to.ice, true, true), 487) << "a lite agent never controls";
  EXPECT_TRUE(still_works());
}

TEST_F(hostile, oversized_packets_are_dropped) {
  alice.send_rtp(test_peer::rtp(1000, 500, 1, 111, buffer(1590, 1)));
  EXPECT_TRUE(still_works());
}

TEST_F(hostile, noise_of_every_kind_is_dropped) {
  std::mt19937 random{3};
  for (int i = 0; i < 5000; ++i) {
    buffer noise(random() % 200);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
    if (!noise.empty() && i % 2)
      noise[0] = static_cast<std::uint8_t>("\x00\x01\x16\x80\x90"[i % 5]);
    (i % 3 ? alice : mallory).send_raw(noise);
    if (i % 500 == 0) {
      EXPECT_TRUE(still_works());
    }
  }
  EXPECT_TRUE(still_works());
}

TEST_F(hostile, more_addresses_than_allowed_push_the_oldest_out_not_the_selected) {
  for (std::size_t i = 0; i < 3 * limits::media_tuples_max; ++i) {
    test_peer other{site.port()};
    EXPECT_EQ(other.check(to.ice, false), 0);
  }
  EXPECT_TRUE(still_works());
}

TEST(handshake, another_certificate_than_announced_ends_the_transport) {
  test_site site;
  test_peer peer{site.port()}, other{site.port()};
  const auto made = site.transport();
  ASSERT_EQ(site.connect(made.id, other.own()), refusal::none);
  ASSERT_EQ(peer.check(made.ice), 0);
  peer.handshake();
  const auto closed = site.wait_for<happened::transport_closed>();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->why, close_reason::dtls_failed);
  EXPECT_EQ(site.ask<transport_stats>([&](auto d) { site->stats(nullptr, made.id, d); }).why,
            refusal::unknown_transport);
}

TEST(handshake, one_that_never_ends_is_ended) {
  options quick;
  quick.dtls_timeout_ms = 300;
  test_site site{quick};
  test_peer peer{site.port()};
  const auto made = site.transport();
  ASSERT_EQ(site.connect(made.id, peer.own()), refusal::none);
  ASSERT_EQ(peer.check(made.ice), 0);
  peer.begin_handshake();
  const auto closed = site.wait_for<happened::transport_closed>();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->why, close_reason::dtls_timeout);
}

TEST(handshake, weak_fingerprints_are_refused) {
  test_site site;
  const auto made = site.transport();
  const std::string zeros = "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00";
  EXPECT_EQ(site.connect(made.id, {"sha-1", zeros}), refusal::weak_fingerprint);
  EXPECT_EQ(site.connect(made.id, {"sha-256", zeros}), refusal::weak_fingerprint) << "too short";
  EXPECT_EQ(site.connect(made.id, {"md5", "00"}), refusal::weak_fingerprint);
}

TEST(handshake, connecting_twice_is_the_same_or_refused) {
  test_site site;
  test_peer one{site.port()}, two{site.port()};
  const auto made = site.transport();
  EXPECT_EQ(site.connect(made.id, one.own()), refusal::none);
  EXPECT_EQ(site.connect(made.id, one.own()), refusal::none);
  EXPECT_EQ(site.connect(made.id, two.own()), refusal::already_connected);
}

TEST(silence, of_a_client_is_told_once_and_its_return_too) {
  options quick;
  quick.silent_after_ms = 200;
  test_site site{quick};
  test_peer peer{site.port()};
  const auto made = site.joined(peer);
  const auto silent = site.wait_for<happened::transport_silent>();
  ASSERT_TRUE(silent);
  EXPECT_GE(silent->since, 200);
  EXPECT_FALSE(site.wait_for<happened::transport_silent>(400));
  EXPECT_EQ(peer.check(made.ice), 0);
  EXPECT_TRUE(site.wait_for<happened::transport_heard>());
}

TEST(ssrcs, are_never_used_twice_on_one_transport) {
  test_site site;
  const auto from = site.transport(), to = site.transport();
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 5)}).value;
  EXPECT_EQ(site.produce(from.id, {kind::audio, opus(111, 5)}).why, refusal::ssrc_taken);
  const auto first = site.consume(to.id, spoken, {opus(100, 9)});
  ASSERT_TRUE(first);
  EXPECT_EQ(site.consume(to.id, spoken, {opus(100, 9)}).why, refusal::ssrc_taken);
  site.ask<nothing>([&](auto d) { site->close_consumer(nullptr, first.value.id, d); });
  EXPECT_EQ(site.consume(to.id, spoken, {opus(100, 9)}).why, refusal::ssrc_taken)
      << "the same key and counter twice would give the key away";
}

TEST(ssrcs, that_were_not_signalled_are_learned_by_payload_type) {
  test_site site;
  test_peer alice{site.port()}, bob{site.port()};
  const auto from = site.joined(alice), to = site.joined(bob);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 0)}).value;
  ASSERT_TRUE(site.consume(to.id, spoken, {opus(100, 0)}));
  alice.send_rtp(test_peer::rtp(4242, 1, 1, 111, sound));
  EXPECT_TRUE(bob.receive_rtp());
  alice.send_rtp(test_peer::rtp(4243, 1, 1, 111, sound));
  EXPECT_FALSE(bob.receive_rtp(50)) << "it has one now";
}

TEST(directions, are_kept) {
  test_site site;
  const auto from = site.transport(direction::from_client),
             to = site.transport(direction::to_client);
  EXPECT_EQ(site.produce(to.id, {kind::audio, opus(111, 5)}).why, refusal::wrong_direction);
  const auto spoken = site.produce(from.id, {kind::audio, opus(111, 5)});
  ASSERT_TRUE(spoken);
  EXPECT_EQ(site.consume(from.id, spoken.value, {opus(100, 0)}).why, refusal::wrong_direction);
  EXPECT_EQ(site.consume(to.id, producer_id{"nobody"}, {opus(100, 0)}).why,
            refusal::unknown_producer);
}

} // namespace
} // namespace strowger::media
