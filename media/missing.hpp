// The packets of a video stream that have not come: which to ask for (NACK), when, how often. Pure.
#pragma once

#include "media/bytes.hpp"

#include <array>
#include <span>

namespace strowger::media {

class missing {
public:
  static constexpr std::size_t kept_max = 128; // a larger hole: a key frame is cheaper
  static constexpr int asked_max = 8;
  static constexpr std::int64_t again_us = 60'000; // about a round trip

  // True: too much is missing; ask for a key frame instead.
  bool arrived(std::uint16_t sequence);
  // What to ask for now, rising; at most as many as fit.
  std::size_t ask(std::int64_t now_us, std::span<std::uint16_t> out);
  bool any() const { return count_ > 0; }

private:
  struct hole {
    std::uint16_t sequence = 0;
    int asked = 0;
    std::int64_t asked_us = 0;
  };
  std::array<hole, kept_max> holes_{};
  std::size_t count_ = 0;
  std::uint16_t highest_ = 0;
  bool begun_ = false;
};

} // namespace strowger::media
