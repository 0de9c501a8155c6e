#include "media/rtcp.hpp"
#include "media/transport_cc.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace strowger::media {
namespace {

using buffer = std::vector<std::uint8_t>;

std::vector<rtcp::item> items(bytes in) {
  std::vector<rtcp::item> out;
  EXPECT_TRUE(rtcp::each(in, [&](const rtcp::item& i) { out.push_back(i); }));
  return out;
}

TEST(rtcp, a_sender_report_with_its_name_has_these_bytes) {
  buffer out(100);
  rtcp::writer to{out};
  to.sender_report({0x01020304, 0x1122334455667788, 5, 6, 7});
  to.source(0x01020304, "ab");
  out.resize(to.size());
  EXPECT_EQ(out, (buffer{0x80, 200, 0, 6, 1, 2, 3, 4, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                         0x88, 0,   0, 0, 5, 0, 0, 0, 6,    0,    0,    0,    7,    0x81, 202,
                         0,    3,   1, 2, 3, 4, 1, 2, 'a',  'b',  0,    0,    0,    0}));
  const auto read = items(out);
  ASSERT_EQ(read.size(), 2U);
  rtcp::sender_info info;
  ASSERT_TRUE(rtcp::read(read[0], info));
  EXPECT_EQ(info.ntp, 0x1122334455667788U);
  EXPECT_EQ(info.octets, 7U);
}

TEST(rtcp, report_blocks_come_back_as_they_were_written) {
  buffer out(100);
  rtcp::writer to{out};
  const rtcp::report_block block{9, 128, -5, 0x10001, 77, 0xABCD, 65'536};
  to.receiver_report(1, std::span{&block, 1});
  int seen = 0;
  for (const auto& i : items(bytes{out}.first(to.size())))
    rtcp::each_report(i, [&](const rtcp::report_block& b) {
      ++seen;
      EXPECT_EQ(b.ssrc, 9U);
      EXPECT_EQ(b.fraction_lost, 128);
      EXPECT_EQ(b.lost, -5);
      EXPECT_EQ(b.highest, 0x10001U);
      EXPECT_EQ(b.jitter, 77U);
      EXPECT_EQ(b.last_sr, 0xABCDU);
      EXPECT_EQ(b.delay, 65'536U);
    });
  EXPECT_EQ(seen, 1);
}

TEST(rtcp, a_nack_names_each_missing_packet) {
  buffer out(100);
  rtcp::writer to{out};
  const std::vector<std::uint16_t> missing{65'534, 65'535, 0, 16, 40};
  to.nack(1, 2, missing);
  std::vector<std::uint16_t> read;
  for (const auto& i : items(bytes{out}.first(to.size()))) {
    EXPECT_TRUE(rtcp::is_feedback(i));
    EXPECT_EQ(rtcp::media_ssrc(i), 2U);
    rtcp::each_nack(i, [&](std::uint16_t s) { read.push_back(s); });
  }
  EXPECT_EQ(read, missing);
}

TEST(rtcp, bit_rates_and_key_frames_are_understood) {
  buffer out(100);
  rtcp::writer to{out};
  const std::uint32_t ssrc = 3;
  to.remb(1, 2'500'000, std::span{&ssrc, 1});
  to.fir(1, 3, 8);
  to.pli(1, 3);
  to.bye(3);
  const auto read = items(bytes{out}.first(to.size()));
  ASSERT_EQ(read.size(), 4U);
  std::uint64_t rate = 0;
  ASSERT_TRUE(rtcp::read_remb(read[0], rate));
  EXPECT_NEAR(static_cast<double>(rate), 2'500'000, 16);
  std::uint32_t of = 0;
  rtcp::each_fir(read[1], [&](std::uint32_t s) { of = s; });
  EXPECT_EQ(of, 3U);
  EXPECT_EQ(rtcp::media_ssrc(read[2]), 3U);
  rtcp::each_bye(read[3], [&](std::uint32_t s) { of = s + 1; });
  EXPECT_EQ(of, 4U);
}

TEST(rtcp, what_does_not_fit_is_left_out_whole) {
  buffer out(10);
  rtcp::writer to{out};
  to.bye(1);
  to.bye(2);
  EXPECT_EQ(to.size(), 8U);
  EXPECT_TRUE(to.full());
}

TEST(rtcp, noise_is_read_within_bounds) {
  std::mt19937 random{2};
  buffer good(200);
  rtcp::writer to{good};
  const rtcp::report_block block{9, 1, 1, 1, 1, 1, 1};
  to.sender_report({1, 2, 3, 4, 5}, std::span{&block, 1});
  to.source(1, "name");
  to.fir(1, 2, 3);
  good.resize(to.size());
  std::uint64_t sum = 0;
  for (int round = 0; round < 50'000; ++round) {
    auto noise = good;
    for (int flips = 0; flips < 3; ++flips)
      noise[random() % noise.size()] = static_cast<std::uint8_t>(random());
    noise.resize(random() % (noise.size() + 1));
    rtcp::each(noise, [&](const rtcp::item& i) {
      rtcp::sender_info info;
      if (rtcp::read(i, info)) sum += info.ntp;
      rtcp::each_report(i, [&](const rtcp::report_block& b) { sum += b.ssrc; });
      rtcp::each_nack(i, [&](std::uint16_t s) { sum += s; });
      rtcp::each_fir(i, [&](std::uint32_t s) { sum += s; });
      rtcp::each_bye(i, [&](std::uint32_t s) { sum += s; });
      std::uint64_t rate = 0;
      if (rtcp::read_remb(i, rate)) sum += rate;
    });
  }
  EXPECT_NE(sum, 0U);
}

TEST(transport_cc, tells_what_came_and_when) {
  arrivals got;
  got.add(100, 64'000);        // the reference
  got.add(101, 64'000 + 500);  // two units of 250
  got.add(103, 64'000 + 1000); // 102 is missing
  buffer out(100);
  out.resize(got.feedback(out));
  EXPECT_EQ(out, (buffer{0, 100, 0, 4, 0, 0, 1, 0, // from 100, four, at 1 x 64 ms, the first
                         0xC0 | 1 << 4 | 1 << 2 | 0, 1 << 6, // seven statuses of two bits
                         0, 2, 2, 0, 0, 0}));
  EXPECT_FALSE(got.any());
}

TEST(transport_cc, long_runs_and_large_steps_have_their_own_forms) {
  arrivals got;
  for (std::uint16_t i = 0; i < 20; ++i) got.add(i, 640'000 + i * 1000);
  got.add(40, 640'000 + 200'000);
  buffer out(100);
  out.resize(got.feedback(out));
  EXPECT_EQ(read16(&out[2]), 41);
  EXPECT_EQ(read16(&out[8]), 1 << 13 | 20) << "twenty that came";
  EXPECT_EQ(read16(&out[10]), 20) << "twenty that did not";
  EXPECT_EQ(read16(&out[12]), 0xC000 | 2 << 12) << "one with a step of two bytes";
  EXPECT_EQ(out.size() % 4, 0U);
}

TEST(transport_cc, a_jump_is_no_endless_list) {
  arrivals got;
  got.add(1, 1000);
  got.add(30'000, 2000);
  buffer out(1000);
  const auto size = got.feedback(out);
  EXPECT_EQ(read16(&out[0]), 30'000);
  EXPECT_LT(size, 20U);
}

} // namespace
} // namespace strowger::media
