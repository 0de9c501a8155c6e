// Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01):
// when each packet of a transport came, told to its sender. Pure.
#pragma once

#include "media/bytes.hpp"

#include <array>

namespace strowger::media {

class arrivals {
public:
  static constexpr std::uint16_t window = 512;

  void add(std::uint16_t sequence, std::int64_t now_us);
  bool any() const { return any_; }
  // Writes what follows the two SSRCs of a feedback packet: statuses and times of what came since
  // the last feedback. Returns its size, a multiple of 4; 0: nothing to tell.
  std::size_t feedback(room to);

private:
  std::array<std::int64_t, window> at_{}; // by sequence; 0: not come
  std::uint16_t next_ = 0;                // not told yet
  std::uint16_t highest_ = 0;
  std::uint8_t count_ = 0;
  bool begun_ = false, any_ = false;
};

} // namespace strowger::media
