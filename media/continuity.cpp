#include "media/continuity.hpp"

#include <algorithm>

namespace strowger::media {

bool continuity::map(std::uint16_t sequence, std::uint32_t timestamp, std::uint32_t clock_rate,
                     std::int64_t now_us, place& out) {
  out.first = !synced_;
  if (!synced_) {
    sequence_offset_ = static_cast<std::uint16_t>(last_sequence_ + 1 - sequence);
    if (!based_) { // as much later as the clock says, and at least a little
      const auto away = std::clamp<std::int64_t>(now_us - last_us_, 0, 3'600'000'000);
      const auto ticks = static_cast<std::uint32_t>(away * clock_rate / 1'000'000);
      timestamp_offset_ =
          last_timestamp_ + (sent_ ? std::max(ticks, clock_rate / 100) : 0) - timestamp;
      based_ = true;
    }
    since_ = sequence;
    mapped_ = 0;
    synced_ = true;
  }
  // As long as half the numbers have not passed, what lies before `since_` is an old straggler.
  if (mapped_ < 0x4000 && after(since_, sequence)) return false;
  ++mapped_;
  out.sequence = static_cast<std::uint16_t>(sequence + sequence_offset_);
  out.timestamp = timestamp + timestamp_offset_;
  if (!sent_ || after(out.sequence, last_sequence_)) {
    last_sequence_ = out.sequence;
    last_timestamp_ = out.timestamp;
    last_us_ = now_us;
  }
  sent_ = true;
  return true;
}

bool continuity::unmap(std::uint16_t sequence, std::uint16_t& out) const {
  if (!synced_) return false;
  out = static_cast<std::uint16_t>(sequence - sequence_offset_);
  return mapped_ >= 0x4000 || !after(since_, out);
}

} // namespace strowger::media
