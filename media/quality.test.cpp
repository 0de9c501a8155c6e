// The E-model against figures worked out by hand from G.107, and which leg is told what and when.
#include "media/quality.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

struct row {
  line on;
  std::string_view codec;
  double rating, mos;
};

TEST(quality, follows_the_e_model) {
  for (const auto& [on, codec, rating, mos] : std::vector<row>{
           {{0, 0, 0}, "audio/PCMU", 93.2, 4.41},
           {{0.01, 0, 0}, "audio/pcma", 89.56, 4.33}, // 95 / 26.1 less
           {{0.05, 0, 0}, "audio/PCMU", 77.42, 3.92},
           {{0.05, 0, 0}, "audio/opus", 74.20, 3.79},
           {{0, 0, 100}, "audio/opus", 93.2, 4.41},  // 100 ms one way are not noticed
           {{0, 0, 300}, "audio/opus", 90.16, 4.34}, // 200 ms: Idd 3.04, with X = 1
           {{0, 75, 0}, "audio/opus", 90.16, 4.34},  // and so much jitter is buffered away
           {{1, 0, 0}, "audio/PCMU", 17.26, 1.18},
           {{0, 0, 0}, "audio/else", 83.2, 4.14},
       }) {
    const auto got = rating_of(on, impairment_of(codec));
    EXPECT_NEAR(got, rating, 0.01) << codec << " " << on.loss << " " << on.rtt_ms;
    EXPECT_NEAR(mos_of(got), mos, 0.01) << codec << " " << on.loss << " " << on.rtt_ms;
  }
}

TEST(quality, more_loss_or_delay_never_sounds_better) {
  const auto codec = impairment_of("audio/opus");
  double before = 5;
  for (int percent = 0; percent <= 100; ++percent) {
    const auto now = mos_of(rating_of({percent / 100.0, 0, 0}, codec));
    EXPECT_LE(now, before) << percent;
    before = now;
  }
  before = 5;
  for (int ms = 0; ms < 5000; ms += 50) {
    const auto now = mos_of(rating_of({0, 0, static_cast<double>(ms)}, codec));
    EXPECT_LE(now, before + 1e-9) << ms;
    before = now;
  }
}

TEST(quality, has_words_for_it) {
  EXPECT_EQ(words_of(4.41), "good");
  EXPECT_EQ(words_of(3.9), "fair");
  EXPECT_EQ(words_of(3.2), "poor");
  EXPECT_EQ(words_of(1), "bad");
}

const call_key key{tenant_id{"t"}, call_id{"c"}};
const device_id ann{"ann"}, bob{"bob"};

happened::quality heard(double loss) {
  stream_stats s;
  s.packets = 250;
  s.lost = static_cast<std::int64_t>(loss * 250);
  s.fraction_lost = loss;
  s.jitter_ms = 2.5;
  s.rtt_ms = 40;
  return {consumer_id{"x"}, kind::audio, s, "audio/opus"};
}
call_view with(std::vector<device_id> devices) {
  call_view out;
  for (auto& device : devices) out.parties.push_back({std::move(device), {}, true});
  out.over = out.parties.empty();
  return out;
}

TEST(quality_board, tells_a_device_at_a_modest_rate_and_at_once_when_it_becomes_bad) {
  quality_board board;
  const auto first = board.report(key, ann, heard(0), 0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->call, key.call);
  EXPECT_EQ(first->mos_x100, 441U);
  EXPECT_EQ(first->rating, "good");
  EXPECT_EQ(first->jitter_us, 2'500U);
  EXPECT_EQ(first->rtt_us, 40'000U);
  EXPECT_FALSE(first->sent_jitter_us);
  EXPECT_FALSE(board.report(key, ann, heard(0), 5'000));
  EXPECT_TRUE(board.report(key, ann, heard(0), 10'000));
  const auto worse = board.report(key, ann, heard(0.2), 12'000);
  ASSERT_TRUE(worse);
  EXPECT_EQ(worse->rating, "bad");
  EXPECT_EQ(worse->loss_permyriad, 2'000U);
  EXPECT_FALSE(board.report(key, ann, heard(0.2), 13'000));
  EXPECT_FALSE(board.report(key, ann, heard(0), 14'000)) << "good news can wait";
}

TEST(quality_board, says_with_it_what_the_device_sends) {
  quality_board board;
  auto sent = heard(0.01);
  sent.stream = producer_id{"p"};
  EXPECT_FALSE(board.report(key, ann, sent, 0));
  const auto told = board.report(key, ann, heard(0), 0);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->sent_loss_permyriad, 100U);
  EXPECT_EQ(told->sent_jitter_us, 2'500U);
}

TEST(quality_board, gives_each_leg_once_when_it_leaves) {
  quality_board board;
  board.report(key, ann, heard(0.02), 0);
  board.report(key, bob, heard(0), 0);
  EXPECT_TRUE(board.changed(key, with({ann, bob})).empty());
  const auto left = board.changed(key, with({ann}));
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].first, bob);
  EXPECT_EQ(left[0].second, (call_quality{441, 2'500, 0, 40'000, 250}));
  const auto last = board.changed(key, with({}));
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].second.loss_permyriad, 200U);
  EXPECT_TRUE(board.changed(key, with({})).empty());
  EXPECT_EQ(board.size(), 0U);
}

TEST(quality_board, leaves_out_pictures_and_who_heard_nothing) {
  quality_board board;
  auto picture = heard(0);
  picture.kind = kind::video;
  EXPECT_FALSE(board.report(key, ann, picture, 0));
  auto sent = heard(0);
  sent.stream = producer_id{"p"};
  board.report(key, ann, sent, 0);
  EXPECT_TRUE(board.changed(key, with({})).empty());
  EXPECT_EQ(board.size(), 0U);
}

} // namespace
} // namespace strowger::media
