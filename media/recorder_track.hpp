// Where the packets of one leg stand on the clock of their recording: by their timestamps as long
// as these go on, by their arrival where they begin anew. Pure.
#pragma once

#include "media/relay_types.hpp"

namespace strowger::media {

// The clock of a recording: it stands still while that is paused.
class recording_clock {
public:
  explicit recording_clock(std::int64_t begun_us) : begun_us_(begun_us) {}
  void pause(std::int64_t at_us) {
    if (paused_at_ < 0) paused_at_ = at_us;
  }
  void resume(std::int64_t at_us) {
    if (paused_at_ >= 0) cut_us_ += at_us - paused_at_;
    paused_at_ = -1;
  }
  bool paused() const { return paused_at_ >= 0; }
  std::int64_t elapsed_us(std::int64_t at_us) const {
    const auto out = (paused_at_ >= 0 ? paused_at_ : at_us) - begun_us_ - cut_us_;
    return out < 0 ? 0 : out;
  }

private:
  const std::int64_t begun_us_;
  std::int64_t cut_us_ = 0, paused_at_ = -1;
};

class recording_track {
public:
  explicit recording_track(std::uint32_t rate) : rate_(rate) {}

  // How much silence goes before this packet, in samples, where `written` are in the file. Nothing:
  // it comes too late, or twice.
  std::optional<std::uint64_t> gap(std::uint32_t ssrc, std::uint32_t timestamp,
                                   std::int64_t elapsed_us, std::uint64_t written);
  void begin_anew() { anchored_ = false; } // after a pause

private:
  const std::uint32_t rate_;
  bool anchored_ = false;
  std::uint32_t ssrc_ = 0, first_ = 0;
  std::int64_t anchor_ = 0; // where `first_` stands
};

} // namespace strowger::media
