// Files of sound, byte for byte, and what is read of them.
#include "media/sound_formats.hpp"

#include "core/limits.hpp"
#include "media/sound_wav.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace strowger::media {
namespace {

using octets = std::vector<std::uint8_t>;

std::string hex(std::span<const std::uint8_t> what) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : what) (out += digits[byte >> 4]) += digits[byte & 15];
  return out;
}
void add(octets& to, const octets& what) { to.insert(to.end(), what.begin(), what.end()); }

const octets speech{0x78, 1, 2, 3}; // hybrid, 20 ms, one frame

TEST(sound_formats, an_opus_file_begins_with_two_pages_of_heads) {
  sound_writer w{sound::opus, 0x01020304};
  // The checksums were computed by another implementation of RFC 3533.
  EXPECT_EQ(hex(w.begin()), "4f676753000200000000000000000403020100000000176d71930113"
                            "4f707573486561640102000080bb0000000000"
                            "4f6767530000000000000000000004030201010000008f465ff50118"
                            "4f70757354616773080000005374726f7767657200000000");
}

TEST(sound_formats, a_wav_head_says_what_follows) {
  EXPECT_EQ(hex(wav::head(wav::format_ulaw, 3)),
            "52494646360000005741564566"
            "6d74201200000007000100401f0000401f0000010008000000"
            "6661637404000000030000006461746103000000");
  EXPECT_EQ(wav::head(wav::format_alaw, 3).size(), wav::head_bytes);
}

TEST(sound_formats, what_is_written_is_read_again) {
  sound_writer w{sound::opus, 7};
  auto file = w.begin();
  for (int i = 0; i < 120; ++i) add(file, w.add(speech, 0));
  add(file, w.end());
  EXPECT_EQ(w.length_ms(), 2'400);
  const auto frames = read_ogg_opus(file);
  ASSERT_EQ(frames.size(), 120U);
  EXPECT_EQ(frames.back().payload, speech);
  EXPECT_EQ(frames.back().ticks, 960U);
}

TEST(sound_formats, a_short_gap_is_concealed_and_a_long_one_is_silent) {
  sound_writer w{sound::opus, 7};
  auto file = w.begin();
  add(file, w.add(speech, 0));
  add(file, w.add(speech, 2 * 960));
  add(file, w.add(speech, 48'000 + 120));
  add(file, w.end());
  EXPECT_EQ(w.samples(), 5U * 960 + 48'120);
  const auto frames = read_ogg_opus(file);
  ASSERT_EQ(frames.size(), 5U + 51U);
  EXPECT_EQ(frames[1].payload, octets{0x78});
  EXPECT_EQ(frames[4].payload, (octets{0xf8, 0xff, 0xfe}));
  EXPECT_EQ(frames[54].payload, (octets{0xe0, 0xff, 0xfe}));
}

TEST(sound_formats, silence_of_g711_is_silence) {
  sound_writer w{sound::alaw, 0};
  auto file = w.begin();
  add(file, w.add(octets{1, 2}, 2));
  EXPECT_EQ(hex(std::span{file}.subspan(wav::head_bytes)), "d5d50102");
  EXPECT_EQ(hex(w.head()), hex(wav::head(wav::format_alaw, 4)));
  EXPECT_TRUE(w.end().empty());
}

TEST(sound_formats, durations_follow_the_first_byte) {
  EXPECT_EQ(opus_samples(octets{0x00}), 480U);        // SILK, 10 ms
  EXPECT_EQ(opus_samples(octets{0x18}), 2'880U);      // SILK, 60 ms
  EXPECT_EQ(opus_samples(octets{0x68}), 960U);        // hybrid, 20 ms
  EXPECT_EQ(opus_samples(octets{0x80}), 120U);        // CELT, 2.5 ms
  EXPECT_EQ(opus_samples(octets{0x79}), 2 * 960U);    // two frames
  EXPECT_EQ(opus_samples(octets{0x7b, 3}), 3 * 960U); // as many as it says
  EXPECT_EQ(opus_samples(octets{0x7b, 63}), 0U);      // more than 120 ms
  EXPECT_EQ(opus_samples(octets{0x7b}), 0U);
  EXPECT_EQ(opus_samples(octets{}), 0U);
}

TEST(sound_formats, a_file_without_its_end_is_mended) {
  sound_writer w{sound::opus, 7};
  auto file = w.begin();
  for (int i = 0; i < 75; ++i) add(file, w.add(speech, 0)); // a page and a half
  const auto whole = file.size();
  const auto flushed = w.flush();
  add(file, octets{flushed.begin(), flushed.end() - 3}); // torn
  const auto found = mend(sound::opus, file);
  EXPECT_EQ(found.bytes, whole);
  EXPECT_EQ(found.samples, 48'000U);

  sound_writer g{sound::ulaw, 0};
  auto other = g.begin();
  add(other, g.add(octets(161, 1), 0));
  EXPECT_EQ(hex(mend(sound::ulaw, other).head), hex(wav::head(wav::format_ulaw, 161)));
}

TEST(sound_formats, mending_a_whole_file_changes_nothing) {
  sound_writer g{sound::ulaw, 0};
  g.begin();
  const auto body = g.add(octets(161, 1), 0);
  auto file = g.head();
  add(file, body);
  add(file, g.end());
  const auto found = mend(sound::ulaw, file);
  EXPECT_EQ(found.bytes, file.size());
  EXPECT_EQ(found.samples, 161U);
  EXPECT_TRUE(std::equal(found.head.begin(), found.head.end(), file.begin()));
}

TEST(sound_formats, a_damaged_byte_anywhere_is_noticed) {
  sound_writer w{sound::opus, 7};
  auto file = w.begin();
  for (int i = 0; i < 3; ++i) add(file, w.add(speech, 0));
  add(file, w.end());
  ASSERT_FALSE(read_ogg_opus(file).empty());
  for (std::size_t i = 0; i < file.size(); ++i) {
    auto broken = file;
    broken[i] ^= 0x20;
    EXPECT_TRUE(read_ogg_opus(broken).empty()) << "at " << i;
    EXPECT_TRUE(read_ogg_opus(std::span{file}.first(i)).empty()) << "cut at " << i;
  }
}

TEST(sound_formats, g711_is_read_in_packets_of_20_ms) {
  octets file = wav::head(wav::format_ulaw, 330);
  file.insert(file.end(), 330, 9);
  const auto frames = read_g711_wav(file, sound::ulaw);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].ticks, 160U);
  EXPECT_TRUE(read_g711_wav(file, sound::alaw).empty());
  for (std::size_t i = 0; i < wav::head_bytes; ++i)
    EXPECT_TRUE(read_g711_wav(std::span{file}.first(i), sound::ulaw).empty());
}

} // namespace
} // namespace strowger::media
