#include "media/rtp.hpp"
#include "media/key_frame.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace strowger::media {
namespace {

using buffer = std::vector<std::uint8_t>;

// Version 2, padding, extension, one CSRC; marker, type 111, sequence 0x1234; a one-byte block with
// id 1 (one byte, 0x7F), id 4 ("ab"), padding; payload "xyz", two bytes of padding.
const buffer golden{0xB1, 0xEF, 0x12, 0x34, 0x00, 0x00, 0x00, 0x0A, 0x01, 0x02, 0x03,
                    0x04, 0xAA, 0xBB, 0xCC, 0xDD, 0xBE, 0xDE, 0x00, 0x02, 0x10, 0x7F,
                    0x41, 'a',  'b',  0x00, 0x00, 0x00, 'x',  'y',  'z',  0x00, 0x02};

TEST(rtp, reads_every_part) {
  rtp_packet in;
  ASSERT_TRUE(parse_rtp(golden, in));
  EXPECT_TRUE(in.marker);
  EXPECT_EQ(in.payload_type, 111);
  EXPECT_EQ(in.sequence, 0x1234);
  EXPECT_EQ(in.timestamp, 10U);
  EXPECT_EQ(in.ssrc, 0x01020304U);
  EXPECT_EQ(in.sources.size(), 4U);
  EXPECT_EQ(std::string(in.payload.begin(), in.payload.end()), "xyz");
  EXPECT_EQ(in.padding, 2);
  std::vector<int> ids;
  each_extension(in, [&](std::uint8_t id, bytes) { ids.push_back(id); });
  EXPECT_EQ(ids, (std::vector<int>{1, 4}));
}

TEST(rtp, every_cut_is_refused_or_read_within_bounds) {
  for (std::size_t size = 0; size < golden.size(); ++size) {
    const buffer cut(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(size));
    rtp_packet in;
    if (!parse_rtp(cut, in)) continue;
    EXPECT_GE(size, 29U) << "the payload's last byte is a padding count only by accident";
  }
}

TEST(rtp, is_written_in_the_consumers_numbers) {
  rtp_packet in;
  ASSERT_TRUE(parse_rtp(golden, in));
  extension_plan plan;
  plan.to[1] = 3; // id 4 is left out
  plan.any = true;
  plan.mid_id = 5;
  plan.mid = "0";
  buffer out(100);
  const auto size = write_rtp(in, {9, 20, 7, 100, false, 0, 0}, plan, out);
  out.resize(size);
  EXPECT_EQ(out, (buffer{0xB1, 0x64, 0x00, 0x07, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00,
                         0x00, 0x09, 0xAA, 0xBB, 0xCC, 0xDD, 0xBE, 0xDE, 0x00, 0x01,
                         0x30, 0x7F, 0x50, '0',  'x',  'y',  'z',  0x00, 0x02}));
}

TEST(rtp, ids_above_fourteen_take_the_two_byte_form) {
  rtp_packet in;
  ASSERT_TRUE(parse_rtp(golden, in));
  extension_plan plan;
  plan.to[4] = 20;
  plan.any = plan.two_bytes = true;
  buffer out(100);
  out.resize(write_rtp(in, {}, plan, out));
  rtp_packet back;
  ASSERT_TRUE(parse_rtp(out, back));
  EXPECT_EQ(back.profile, 0x1000);
  std::string found;
  each_extension(back, [&](std::uint8_t id, bytes v) {
    EXPECT_EQ(id, 20);
    found.assign(v.begin(), v.end());
  });
  EXPECT_EQ(found, "ab");
}

TEST(rtp, without_extensions_none_are_written) {
  rtp_packet in;
  ASSERT_TRUE(parse_rtp(golden, in));
  buffer out(100);
  out.resize(write_rtp(in, {}, {}, out));
  rtp_packet back;
  ASSERT_TRUE(parse_rtp(out, back));
  EXPECT_EQ(back.profile, 0);
  EXPECT_EQ(out.size(), golden.size() - 12);
}

TEST(rtp, what_does_not_fit_is_not_written) {
  rtp_packet in;
  ASSERT_TRUE(parse_rtp(golden, in));
  extension_plan plan;
  plan.mid_id = 1;
  plan.mid = "sixteen letters!";
  for (std::size_t room = 0; room < 45; ++room) {
    buffer out(room);
    EXPECT_LE(write_rtp(in, {}, plan, out), room);
  }
}

TEST(rtp, noise_is_read_within_bounds) { // the sanitizers judge
  std::mt19937 random{1};
  buffer out(1600);
  extension_plan plan;
  for (int i = 0; i < 256; ++i) plan.to[static_cast<std::size_t>(i)] = 7;
  plan.any = true;
  for (int round = 0; round < 50'000; ++round) {
    auto noise = golden;
    noise.resize(random() % 60);
    for (int flips = 0; flips < 4 && !noise.empty(); ++flips)
      noise[random() % noise.size()] = static_cast<std::uint8_t>(random());
    rtp_packet in;
    if (!parse_rtp(noise, in)) continue;
    const auto size = write_rtp(in, {}, plan, out);
    rtp_packet back;
    ASSERT_TRUE(size == 0 || parse_rtp(bytes{out}.first(size), back));
    ASSERT_TRUE(size == 0 || std::ranges::equal(back.payload, in.payload));
  }
}

TEST(key_frame, is_seen_in_vp8) {
  EXPECT_TRUE(begins_key_frame(video_codec::vp8, buffer{0x10, 0x00}));
  EXPECT_FALSE(begins_key_frame(video_codec::vp8, buffer{0x10, 0x01})) << "an inter frame";
  EXPECT_FALSE(begins_key_frame(video_codec::vp8, buffer{0x00, 0x00})) << "not its beginning";
  EXPECT_FALSE(begins_key_frame(video_codec::vp8, buffer{0x11, 0x00})) << "another partition";
  // X, then I L T K: a PictureID of two bytes, TL0PICIDX, TID
  EXPECT_TRUE(begins_key_frame(video_codec::vp8, buffer{0x90, 0xE0, 0x81, 0x02, 0x03, 0x04, 0x00}));
  EXPECT_FALSE(begins_key_frame(video_codec::vp8, buffer{0x90, 0xE0, 0x81}));
}

TEST(key_frame, is_seen_in_h264) {
  EXPECT_TRUE(begins_key_frame(video_codec::h264, buffer{0x65}));
  EXPECT_TRUE(begins_key_frame(video_codec::h264, buffer{0x67}));
  EXPECT_FALSE(begins_key_frame(video_codec::h264, buffer{0x61}));
  EXPECT_TRUE(begins_key_frame(video_codec::h264, buffer{0x78, 0, 1, 0x61, 0, 1, 0x67}));
  EXPECT_TRUE(begins_key_frame(video_codec::h264, buffer{0x7C, 0x85}));
  EXPECT_FALSE(begins_key_frame(video_codec::h264, buffer{0x7C, 0x05})) << "its middle";
  EXPECT_FALSE(begins_key_frame(video_codec::h264, {}));
}

} // namespace
} // namespace strowger::media
