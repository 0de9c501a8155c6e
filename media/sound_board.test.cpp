// The switchboard and the sound that is no client's: who hears the music, and what is recorded.
#include "media/desk_board.hpp"

#include <gtest/gtest.h>

namespace strowger::media {
namespace {

const tenant_id tenant{"default"};
const call_id name{"c"};
const producer_id music{"m"};
constexpr std::uint8_t opus_number = 100;

// Devices a and b in a call: x sends px and hears the other by cx. a is leg 1, b leg 2.
struct held_call : ::testing::Test {
  held_call() {
    opus_ = wire::router_codec(opus().codecs.front())->payload_type;
    for (const std::string d : {"a", "b"}) {
      it.created(who(d), transport_id{d + ">"}, way::from_client, {}, 0);
      it.created(who(d), transport_id{d + "<"}, way::to_client, {}, 0);
      it.produced(who(d), transport_id{d + ">"}, producer_id{"p" + d}, wire::media_kind::audio,
                  opus(), false, out);
    }
    it.settled(who("a"), it.set_aside(who("a"), false, {}), name, 0, out);
    it.settled(who("b"), it.set_aside(who("b"), true, name), name, 0, out);
    news();
    it.answered(who("a"), name, out);
    for (const std::string d : {"a", "b"}) {
      const producer_id source{d == "a" ? "pb" : "pa"};
      failure why;
      EXPECT_TRUE(it.may_consume(who(d), transport_id{d + "<"}, source, why));
      EXPECT_EQ(
          it.consumed(who(d), transport_id{d + "<"}, consumer_id{"c" + d}, source, opus_, false),
          std::optional{true});
    }
    out.clear();
  }
  static wire::rtp_parameters opus() {
    return {{}, {{"audio/opus", 111, 48'000, 2, {}, {}}}, {}, {{1, 0, {}}}, "cn"};
  }
  static owner who(const std::string& d) { return {tenant, device_id{d}}; }
  void news(bool restored = false) {
    view.answered = true;
    view.relayed = true;
    view.parties = {{device_id{"a"}, device_id{"b"}, true, held, false, 1, false},
                    {device_id{"b"}, device_id{"a"}, true, held, false, 2, held}};
    it.call_changed({tenant, name}, view, restored, 0, out);
  }
  // What there is of this kind, as words.
  std::string took() {
    std::string text;
    for (const auto& each : std::exchange(out, {})) {
      if (const auto* e = std::get_if<effect::pause_consumer>(&each))
        text += (e->on ? "pause " : "flow ") + e->id.value + "; ";
      if (const auto* e = std::get_if<effect::switch_source>(&each))
        text += "switch " + e->id.value + " " + e->to.value + "; ";
      if (const auto* e = std::get_if<effect::play>(&each))
        text += "play " + e->id.value + " " + e->music.value + "; ";
      if (const auto* e = std::get_if<effect::lost_recording>(&each))
        text += "lost " + std::to_string(e->recording) + "; ";
      if (const auto* e = std::get_if<effect::record>(&each)) {
        text += "record " + std::to_string(e->recording) + (e->paused ? " paused" : "");
        for (const auto& [leg, from] : e->legs)
          text += " " + std::to_string(leg) + ":" + from.from.value;
        text += "; ";
      }
    }
    return text;
  }

  switchboard it;
  effects out;
  call_view view;
  bool held = false;
  std::uint8_t opus_ = opus_number;
};

TEST_F(held_call, only_who_is_held_hears_the_music_and_only_when_it_is_there) {
  it.add_music(opus_, music);
  held = true;
  news();
  EXPECT_EQ(took(), "pause ca; pause cb; play cb m; ");
  it.playing(consumer_id{"cb"}, music, out);
  EXPECT_EQ(took(), "flow cb; ");
  news();
  EXPECT_EQ(took(), ""); // it is so already
  held = false;
  news();
  EXPECT_EQ(took(), "flow ca; pause cb; switch cb pa; flow cb; ");
}

TEST_F(held_call, without_music_for_its_codec_there_is_silence) {
  it.add_music(static_cast<std::uint8_t>(opus_ + 1), music);
  held = true;
  news();
  EXPECT_EQ(took(), "pause ca; pause cb; ");
  it.playing(consumer_id{"cb"}, music, out); // too late, or never asked for
  EXPECT_EQ(took(), "");
}

TEST_F(held_call, music_that_comes_after_the_hold_was_over_lets_nothing_flow) {
  it.add_music(opus_, music);
  held = true;
  news();
  held = false;
  view.parties.clear();
  news();
  took();
  it.playing(consumer_id{"cb"}, music, out);
  EXPECT_EQ(took(), "");
}

TEST_F(held_call, a_client_that_pauses_its_consumer_hears_no_music) {
  it.add_music(opus_, music);
  held = true;
  news();
  it.playing(consumer_id{"cb"}, music, out);
  took();
  it.pause(consumer_id{"cb"}, true, out);
  EXPECT_EQ(took(), "pause cb; ");
}

TEST_F(held_call, listeners_are_shared_out_among_the_players) {
  it.add_music(opus_, music);
  it.add_music(opus_, producer_id{"n"});
  held = true;
  news();
  EXPECT_EQ(took(), "pause ca; pause cb; play cb m; ");
}

TEST_F(held_call, a_recording_takes_what_the_others_can_hear) {
  view.recording = 1;
  news();
  EXPECT_EQ(took(), "record 1 1:pa 2:pb; ");
  news();
  EXPECT_EQ(took(), "");
  held = true;
  news();
  EXPECT_EQ(took(), "pause ca; pause cb; record 1; ");
  held = false;
  view.recording_paused = true;
  news();
  EXPECT_EQ(took(), "flow ca; flow cb; record 1 paused; ");
  view.recording = 0;
  news();
  EXPECT_EQ(took(), "record 0; ");
}

TEST_F(held_call, a_recording_ends_with_its_call) {
  view.recording = 1;
  news();
  took();
  it.call_changed({tenant, name}, call_view{.over = true}, false, 0, out);
  EXPECT_EQ(took(), "record 0; ");
}

TEST_F(held_call, a_recording_from_before_the_start_is_not_taken_up_again) {
  it.call_changed({tenant, name}, call_view{.over = true}, false, 0, out);
  took();
  view.recording = 3;
  news(true);
  EXPECT_EQ(took(), "lost 3; ");
  news();
  EXPECT_EQ(took().find("record 3"), std::string::npos);
}

} // namespace
} // namespace strowger::media
