// Recordings on a real disk: files that can be proved, gaps, pauses, and what a crash leaves.
#include "media/recorder.hpp"

#include "media/recorder_file.hpp"
#include "media/recorder_track.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace strowger::media {
namespace {

namespace fs = std::filesystem;
using octets = std::vector<std::uint8_t>;

const octets speech{0x78, 1, 2, 3}; // Opus, 20 ms
const recording_key key{tenant_id{"default"}, call_id{"call-1"}, 1};

octets content_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class recorder_on_disk : public ::testing::Test {
protected:
  recorder_on_disk() {
    std::string name = (fs::temp_directory_path() / "recorder-XXXXXX").string();
    root = ::mkdtemp(name.data());
    open();
  }
  ~recorder_on_disk() override {
    it.reset();
    fs::remove_all(root);
  }
  void open() {
    it = recorder::start(root, {[this](const recording_key& k, const answer::recorded_file& f,
                                       std::function<void(errc)> done) {
                                  const std::scoped_lock held{lock};
                                  keys.push_back(k);
                                  filed.push_back(f);
                                  done(errc::ok);
                                  changed.notify_all();
                                },
                                [this](const recording_key&, recording_end why) {
                                  const std::scoped_lock held{lock};
                                  ended.push_back(why);
                                  changed.notify_all();
                                }});
  }
  void say(const tap_sink& to, int from, int count, std::uint8_t payload_type = 111) {
    for (int i = from; i < from + count; ++i) {
      tapped p;
      p.ssrc = 7;
      p.timestamp = static_cast<std::uint32_t>(1'000 + i * 960);
      p.payload_type = payload_type;
      p.arrived_us = begun + i * 20'000;
      p.payload = speech;
      to(p);
    }
  }
  answer::recorded_file file() {
    std::unique_lock held{lock};
    changed.wait_for(held, std::chrono::seconds{5}, [&] { return !filed.empty(); });
    if (filed.empty()) return {};
    auto out = filed.front();
    filed.erase(filed.begin());
    return out;
  }
  fs::path folder() const { return fs::path{root} / "default" / "call-1"; }

  static constexpr std::int64_t begun = 5'000'000;
  std::string root;
  std::unique_ptr<recorder> it;
  std::mutex lock;
  std::condition_variable changed;
  std::vector<answer::recorded_file> filed;
  std::vector<recording_key> keys;
  std::vector<recording_end> ended;
};

TEST_F(recorder_on_disk, a_leg_becomes_a_file_that_says_what_it_holds) {
  it->begin(key, begun);
  const auto sink = it->leg(key, 2, {{111, sound::opus}});
  say(sink, 0, 50);
  say(sink, 50, 1, 126); // digits are no sound
  say(sink, 53, 47);     // three are lost
  it->end(key);
  const auto done = file();
  EXPECT_EQ(done.file, "leg-2.opus");
  EXPECT_EQ(done.leg, 2U);
  EXPECT_EQ(done.duration_ms, 2'000);
  const auto bytes = content_of(folder() / done.file);
  EXPECT_EQ(bytes.size(), done.bytes);
  EXPECT_EQ(done.sha256.size(), 64U);
  const auto frames = read_ogg_opus(bytes);
  ASSERT_EQ(frames.size(), 100U);
  EXPECT_EQ(frames[51].payload, octets{0x78});
  it.reset();
  EXPECT_FALSE(fs::exists(folder() / (done.file + ".open")));
}

TEST_F(recorder_on_disk, what_is_said_during_a_pause_is_in_no_file) {
  it->begin(key, begun);
  const auto sink = it->leg(key, 1, {{111, sound::opus}});
  say(sink, 0, 50);
  it->pause(key, begun + 1'000'000);
  say(sink, 50, 50);
  it->resume(key, begun + 2'000'000);
  say(sink, 100, 50);
  it->end(key);
  EXPECT_EQ(file().duration_ms, 2'000);
}

TEST_F(recorder_on_disk, a_second_recording_has_files_of_its_own) {
  for (const std::uint32_t n : {1U, 2U}) {
    auto each = key;
    each.recording = n;
    it->begin(each, begun);
    say(it->leg(each, 1, {{111, sound::opus}}), 0, 5);
    it->end(each);
  }
  EXPECT_EQ(file().file, "leg-1.opus");
  const auto second = file();
  EXPECT_EQ(second.file, "leg-1-2.opus");
  EXPECT_EQ(second.recording, 2U);
}

TEST_F(recorder_on_disk, g711_becomes_a_wav_file) {
  it->begin(key, begun);
  const auto sink = it->leg(key, 1, {{8, sound::alaw}});
  tapped p;
  p.payload_type = 8;
  p.arrived_us = begun;
  const octets samples(160, 0x55);
  p.payload = samples;
  sink(p);
  it->end(key);
  const auto done = file();
  EXPECT_EQ(done.file, "leg-1.wav");
  EXPECT_EQ(done.duration_ms, 20);
  EXPECT_EQ(read_g711_wav(content_of(folder() / done.file), sound::alaw).size(), 1U);
}

TEST_F(recorder_on_disk, what_a_crash_left_is_mended_filed_and_ended) {
  {
    auto left = recorder_file::make(root, key, 3, sound::opus);
    ASSERT_TRUE(left);
    for (int i = 0; i < 60; ++i) left->add(speech, 0);
    left->sync();
  } // nobody ended it
  std::ofstream{folder() / "leg-3.opus", std::ios::app | std::ios::binary} << "OggS torn";
  it->mend_all();
  const auto done = file();
  EXPECT_EQ(done.file, "leg-3.opus");
  EXPECT_EQ(done.leg, 3U);
  EXPECT_EQ(done.duration_ms, 1'200);
  EXPECT_EQ(keys.front(), key);
  const auto bytes = content_of(folder() / done.file);
  EXPECT_EQ(bytes.size(), done.bytes);
  EXPECT_EQ(read_ogg_opus(bytes).size(), 60U);
  EXPECT_EQ(ended, std::vector{recording_end::server_restarted});
}

TEST_F(recorder_on_disk, a_tenant_s_name_is_never_a_path) {
  const recording_key odd{tenant_id{"../x/.."}, call_id{"a/b"}, 1};
  it->begin(odd, begun);
  say(it->leg(odd, 1, {{111, sound::opus}}), 0, 1);
  it->end(odd);
  EXPECT_EQ(file().file, "leg-1.opus");
  EXPECT_TRUE(fs::exists(fs::path{root} / "=2e=2e=2fx=2f=2e=2e" / "a=2fb" / "leg-1.opus"));
}

TEST(recording_track, follows_timestamps_and_only_at_first_the_clock) {
  recording_track t{48'000};
  EXPECT_EQ(t.gap(1, 100, 2'000'000, 0), 96'000U);      // two seconds late
  EXPECT_EQ(t.gap(1, 100 + 960, 2'500'000, 96'960), 0); // however late it arrives
  EXPECT_EQ(t.gap(1, 100 + 3 * 960, 2'060'000, 97'920), 960U);
  EXPECT_FALSE(t.gap(1, 100 + 2 * 960, 2'060'000, 99'840));      // too late
  EXPECT_EQ(t.gap(2, 7, 3'000'000, 99'840), 144'000U - 99'840U); // another source
  EXPECT_EQ(t.gap(2, 7 + 48'000 * 60, 3'020'000, 144'960), 0U);  // timestamps gone astray
}

} // namespace
} // namespace strowger::media
