// The pure parts that keep a stream whole: continuity, reception, what is missing.
#include "media/continuity.hpp"
#include "media/missing.hpp"
#include "media/objects.hpp"
#include "media/reception.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

TEST(continuity, sequence_numbers_wrap_like_the_sources) {
  continuity to{65'535, 0};
  continuity::place at;
  ASSERT_TRUE(to.map(7, 100, 8000, 0, at));
  EXPECT_EQ(at.sequence, 65'535);
  ASSERT_TRUE(to.map(8, 260, 8000, 20'000, at));
  EXPECT_EQ(at.sequence, 0);
  EXPECT_EQ(at.timestamp, 160U);
}

TEST(continuity, stragglers_from_before_a_change_are_not_sent) {
  continuity to{0, 0};
  continuity::place at;
  ASSERT_TRUE(to.map(100, 0, 8000, 0, at));
  to.resume();
  ASSERT_TRUE(to.map(110, 1600, 8000, 200'000, at));
  EXPECT_EQ(at.sequence, 1);
  EXPECT_FALSE(to.map(109, 1440, 8000, 200'000, at));
  ASSERT_TRUE(to.map(112, 1920, 8000, 240'000, at));
  ASSERT_TRUE(to.map(111, 1760, 8000, 240'000, at)) << "out of order is fine";
  EXPECT_EQ(at.sequence, 2);
}

TEST(continuity, a_new_source_goes_on_at_the_clocks_pace) {
  continuity to{0, 1000};
  continuity::place at;
  ASSERT_TRUE(to.map(1, 0, 48'000, 1'000'000, at));
  EXPECT_EQ(at.timestamp, 1000U);
  to.new_source();
  ASSERT_TRUE(to.map(9000, 77, 48'000, 2'500'000, at));
  EXPECT_EQ(at.timestamp, 1000U + 72'000U);
  EXPECT_EQ(at.sequence, 1);
  to.new_source();
  ASSERT_TRUE(to.map(5, 5, 48'000, 2'500'000, at)) << "in the same instant: a little later";
  EXPECT_EQ(at.timestamp, 1000U + 72'000U + 480U);
}

TEST(continuity, what_is_left_out_leaves_no_gap) {
  continuity to{0, 0};
  continuity::place at;
  to.map(1, 0, 8000, 0, at);
  to.skip(2);
  to.map(3, 320, 8000, 0, at);
  EXPECT_EQ(at.sequence, 1);
  std::uint16_t source = 0;
  EXPECT_TRUE(to.unmap(1, source));
  EXPECT_EQ(source, 3);
}

TEST(reception, counts_loss_and_its_fraction) {
  reception got;
  for (std::uint16_t i = 65'530; i != 20; ++i)
    if (i % 2 == 0) got.packet(i, i * 160U, 100, 8000, i * 20'000LL);
  EXPECT_EQ(got.packets(), 13U);
  EXPECT_EQ(got.lost(), 12);
  const auto block = got.report(1, 0);
  EXPECT_EQ(block.fraction_lost, 12 * 256 / 25);
  EXPECT_EQ(block.highest, 0x10000U + 18);
  EXPECT_EQ(got.report(1, 0).fraction_lost, 0) << "nothing was lost since";
}

TEST(reception, even_pace_has_no_jitter_and_uneven_has) {
  reception even, uneven;
  for (std::uint16_t i = 0; i < 200; ++i) {
    even.packet(i, i * 160U, 100, 8000, i * 20'000LL);
    uneven.packet(i, i * 160U, 100, 8000, i * 20'000LL + (i % 2) * 10'000);
  }
  EXPECT_NEAR(even.jitter_ms(8000), 0, 0.2);
  EXPECT_NEAR(uneven.jitter_ms(8000), 10, 1);
}

TEST(reception, a_sender_that_begins_anew_is_followed) {
  reception got;
  for (std::uint16_t i = 0; i < 10; ++i) got.packet(i, 0, 1, 8000, 0);
  for (std::uint16_t i = 30'000; i < 30'010; ++i) got.packet(i, 0, 1, 8000, 0);
  EXPECT_LT(got.lost(), 3);
  EXPECT_EQ(got.highest(), 30'009);
}

TEST(missing, asks_for_holes_again_and_then_gives_up) {
  missing holes;
  holes.arrived(10);
  EXPECT_FALSE(holes.arrived(13));
  std::array<std::uint16_t, 8> out;
  ASSERT_EQ(holes.ask(0, out), 2U);
  EXPECT_EQ(out[0], 11);
  EXPECT_EQ(out[1], 12);
  EXPECT_EQ(holes.ask(1000, out), 0U) << "too early";
  holes.arrived(12);
  for (int i = 1; i < missing::asked_max; ++i)
    EXPECT_EQ(holes.ask(i * missing::again_us, out), 1U) << i;
  EXPECT_EQ(holes.ask(missing::asked_max * missing::again_us, out), 0U);
  EXPECT_FALSE(holes.any());
}

TEST(missing, a_large_hole_wants_a_key_frame) {
  missing holes;
  holes.arrived(10);
  EXPECT_TRUE(holes.arrived(1000));
  EXPECT_FALSE(holes.any());
}

producer speaker(std::vector<codec> codecs) {
  producer out;
  out.rtp.codecs = std::move(codecs);
  return out;
}

TEST(codecs, are_matched_by_what_they_are) {
  auto from = speaker(
      {{"audio/opus", 111, 48'000, 2, {}, {}}, {"audio/telephone-event", 110, 48'000, 1, {}, {}}});
  ASSERT_EQ(prepare(from), refusal::none);
  consumer to;
  to.rtp.codecs = {{"AUDIO/OPUS", 96, 48'000, 2, {}, {}},
                   {"audio/telephone-event", 97, 48'000, 1, {}, {}}};
  ASSERT_EQ(prepare(to), refusal::none);
  ASSERT_EQ(adapt(to, from), refusal::none);
  EXPECT_EQ(to.payload_type[111], 96);
  EXPECT_EQ(to.payload_type[110], 97);
  EXPECT_EQ(to.payload_type[8], no_payload_type);
  consumer deaf;
  deaf.rtp.codecs = {{"audio/PCMU", 0, 8000, 1, {}, {}},
                     {"audio/telephone-event", 97, 48'000, 1, {}, {}}};
  ASSERT_EQ(prepare(deaf), refusal::none);
  EXPECT_EQ(adapt(deaf, from), refusal::codec_mismatch) << "tones alone are no sound";
}

TEST(codecs, contradictions_are_refused) {
  auto twice = speaker({{"audio/opus", 1, 48'000, 2, {}, {}}, {"audio/PCMU", 1, 8000, 1, {}, {}}});
  EXPECT_EQ(prepare(twice), refusal::malformed);
  auto large = speaker({{"audio/opus", 200, 48'000, 2, {}, {}}});
  EXPECT_EQ(prepare(large), refusal::malformed);
  auto none = speaker({});
  EXPECT_EQ(prepare(none), refusal::malformed);
  auto timeless = speaker({{"audio/opus", 1, 0, 2, {}, {}}});
  EXPECT_EQ(prepare(timeless), refusal::malformed);
}

} // namespace
} // namespace strowger::media
