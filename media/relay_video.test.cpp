// Video through the relay: key frames, NACK in both directions, feedback.
#include "media/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

const buffer key_frame{0x10, 0x00, 1, 2, 3}, inter_frame{0x10, 0x01, 4, 5, 6};

rtp_parameters vp8(std::uint8_t type, std::uint32_t ssrc, std::uint32_t rtx_ssrc) {
  rtp_parameters out;
  out.codecs = {
      {"video/VP8", type, 90'000, 1, {}, {{"nack", ""}, {"nack", "pli"}, {"goog-remb", ""}}},
      {"video/rtx",
       static_cast<std::uint8_t>(type + 1),
       90'000,
       1,
       {{"apt", std::to_string(type)}},
       {}}};
  out.encodings = {{ssrc, rtx_ssrc, ""}};
  return out;
}

class video : public ::testing::Test {
protected:
  void SetUp() override {
    from = site.joined(alice);
    to = site.joined(bob);
    shown = site.produce(from.id, {kind::video, vp8(96, 10, 11)}).value;
    seen = site.consume(to.id, shown, {vp8(101, 0, 0)}).value;
  }
  void show(std::uint16_t sequence, const buffer& what) {
    alice.send_rtp(test_peer::rtp(10, sequence, sequence * 3000U, 96, what));
  }
  template <class F> bool alice_is_told(F&& f, int packets = 5) { // f(item) of RTCP
    bool found = false;
    for (int i = 0; i < packets && !found; ++i)
      if (const auto in = alice.receive_rtcp(500))
        rtcp::each(*in, [&](const rtcp::item& item) { found = found || f(item); });
    return found;
  }
  static bool is_pli(const rtcp::item& i) {
    return i.type == rtcp::type::psfb && i.count == rtcp::format::pli && rtcp::media_ssrc(i) == 10;
  }
  test_site site;
  test_peer alice{site.port()}, bob{site.port()};
  transport_made from, to;
  producer_id shown;
  consumer_made seen;
};

TEST_F(video, begins_with_a_key_frame_that_was_asked_for) {
  EXPECT_TRUE(alice_is_told(is_pli));
  show(1, inter_frame);
  EXPECT_FALSE(bob.receive_rtp(100));
  show(2, key_frame);
  show(3, inter_frame);
  EXPECT_EQ(bob.receive_rtp()->read.payload_type, 101);
  EXPECT_TRUE(bob.receive_rtp());
}

TEST_F(video, a_viewer_that_missed_a_packet_gets_it_again) {
  show(1, key_frame);
  show(2, inter_frame);
  const auto first = bob.receive_rtp();
  const auto lost = bob.receive_rtp();
  ASSERT_TRUE(first && lost);
  buffer out(100);
  rtcp::writer ask{out};
  const auto wanted = lost->read.sequence;
  ask.nack(1, seen.ssrc, std::span{&wanted, 1});
  bob.send_rtcp(ask, out);
  const auto again = bob.receive_rtp();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->read.ssrc, seen.rtx_ssrc);
  EXPECT_EQ(again->read.payload_type, 102);
  EXPECT_EQ(again->read.timestamp, lost->read.timestamp);
  ASSERT_EQ(again->read.payload.size(), inter_frame.size() + 2);
  EXPECT_EQ(read16(again->read.payload.data()), wanted) << "RFC 4588: the original number first";
  EXPECT_TRUE(std::equal(inter_frame.begin(), inter_frame.end(), again->read.payload.begin() + 2));
}

TEST_F(video, what_the_relay_missed_it_asks_for_and_passes_on) {
  show(1, key_frame);
  show(3, inter_frame);
  ASSERT_TRUE(bob.receive_rtp());
  const auto third = bob.receive_rtp();
  ASSERT_TRUE(third);
  EXPECT_TRUE(alice_is_told([](const rtcp::item& i) {
    bool asked = false;
    if (i.type == rtcp::type::rtpfb && i.count == rtcp::format::nack)
      rtcp::each_nack(i, [&](std::uint16_t s) { asked = asked || s == 2; });
    return asked;
  }));
  buffer again{0, 2};
  again.insert(again.end(), inter_frame.begin(), inter_frame.end());
  alice.send_rtp(test_peer::rtp(11, 1, 2 * 3000, 97, again));
  const auto late = bob.receive_rtp();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->read.ssrc, seen.ssrc);
  EXPECT_EQ(late->read.sequence, static_cast<std::uint16_t>(third->read.sequence - 1));
  EXPECT_EQ(buffer(late->read.payload.begin(), late->read.payload.end()), inter_frame);
}

TEST_F(video, a_lost_picture_is_asked_for_but_not_at_any_rate) {
  ASSERT_TRUE(alice_is_told(is_pli));
  buffer out(100);
  rtcp::writer ask{out};
  ask.pli(1, seen.ssrc);
  for (int i = 0; i < 50; ++i) bob.send_rtcp(ask, out);
  int asked = 0;
  while (const auto in = alice.receive_rtcp(700))
    rtcp::each(*in, [&](const rtcp::item& i) { asked += is_pli(i); });
  EXPECT_GE(asked, 1);
  EXPECT_LE(asked, 3);
}

TEST_F(video, a_bit_rate_that_the_viewer_can_take_reaches_the_camera) {
  buffer out(100);
  rtcp::writer say{out};
  say.remb(1, 500'000, std::span{&seen.ssrc, 1});
  bob.send_rtcp(say, out);
  EXPECT_TRUE(alice_is_told([](const rtcp::item& i) {
    std::uint64_t rate = 0;
    return rtcp::read_remb(i, rate) && rate > 490'000 && rate <= 500'000;
  }));
}

TEST_F(video, sender_reports_are_passed_on_in_the_consumers_numbers) {
  show(1, key_frame);
  const auto first = bob.receive_rtp();
  ASSERT_TRUE(first);
  buffer out(100);
  rtcp::writer say{out};
  say.sender_report({10, 0x1111222233334444, 3000 + 90, 1, 5});
  alice.send_rtcp(say, out);
  const auto in = bob.receive_rtcp();
  ASSERT_TRUE(in);
  rtcp::sender_info info;
  rtcp::each(*in, [&](const rtcp::item& i) { rtcp::read(i, info); });
  EXPECT_EQ(info.ssrc, seen.ssrc);
  EXPECT_EQ(info.ntp, 0x1111222233334444U);
  EXPECT_EQ(info.timestamp, first->read.timestamp + 90);
  EXPECT_EQ(info.packets, 1U);
}

TEST_F(video, reports_of_the_viewer_make_figures) {
  show(1, key_frame);
  ASSERT_TRUE(bob.receive_rtp());
  buffer out(100);
  rtcp::writer say{out};
  say.sender_report({10, 0x1111222233334444, 3000, 1, 5});
  alice.send_rtcp(say, out);
  ASSERT_TRUE(bob.receive_rtcp());
  rtcp::writer answer{out};
  const rtcp::report_block block{seen.ssrc, 64, 3, 100, 900, 0x22223333, 0};
  answer.receiver_report(1, std::span{&block, 1});
  bob.send_rtcp(answer, out);
  result<stream_stats> got;
  for (int i = 0; i < 100 && !got.value.rtt_ms; ++i)
    got = site.ask<stream_stats>([&](auto d) { site->stats(nullptr, seen.id, d); });
  ASSERT_TRUE(got && got.value.rtt_ms);
  EXPECT_LT(*got.value.rtt_ms, 1000);
  EXPECT_EQ(got.value.lost, 3);
  EXPECT_EQ(got.value.fraction_lost, 0.25);
  EXPECT_EQ(got.value.jitter_ms, 10);
}

TEST_F(video, arrival_times_are_told_where_that_was_agreed) {
  auto with = vp8(98, 20, 0);
  with.codecs[0].rtcp_feedback.push_back({"transport-cc", ""});
  with.header_extensions = {{uri::transport_cc, 5}};
  ASSERT_TRUE(site.produce(from.id, {kind::video, with}));
  auto packet = test_peer::rtp(20, 1, 1, 98, key_frame);
  packet[0] |= 0x10;
  const buffer extension{0xBE, 0xDE, 0, 1, 0x51, 0x12, 0x34, 0};
  packet.insert(packet.begin() + 12, extension.begin(), extension.end());
  alice.send_rtp(packet);
  EXPECT_TRUE(alice_is_told([](const rtcp::item& i) {
    return i.type == rtcp::type::rtpfb && i.count == rtcp::format::transport_cc &&
           rtcp::media_ssrc(i) == 20 && read16(&i.body[8]) == 0x1234;
  }));
}

} // namespace
} // namespace strowger::media
