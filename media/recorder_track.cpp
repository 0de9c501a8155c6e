#include "media/recorder_track.hpp"

#include <algorithm>

namespace strowger::media {
namespace {

constexpr std::int64_t astray_s = 2; // timestamps that leave the clock so far mean nothing
constexpr std::int64_t arrival_jitter_ms = 60; // an arrival that is late by less makes no gap

} // namespace

std::optional<std::uint64_t> recording_track::gap(std::uint32_t ssrc, std::uint32_t timestamp,
                                                  std::int64_t elapsed_us, std::uint64_t written) {
  const auto here = elapsed_us * rate_ / 1'000'000;
  const auto end = static_cast<std::int64_t>(written);
  auto place = anchor_ + static_cast<std::int32_t>(timestamp - first_);
  const bool astray = place - here > astray_s * rate_ || here - place > astray_s * rate_;
  if (!anchored_ || ssrc != ssrc_ || astray) {
    anchored_ = true;
    ssrc_ = ssrc;
    first_ = timestamp;
    anchor_ = here - end <= arrival_jitter_ms * rate_ / 1000 ? end : here;
    place = anchor_;
  }
  if (place < end) return std::nullopt;
  return static_cast<std::uint64_t>(place - end);
}

} // namespace strowger::media
