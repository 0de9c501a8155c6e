// Numbers that follow from a seed, the same on every machine.
#pragma once

#include <cstdint>

namespace strowger::power {

class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) { next(); }
  std::uint64_t next() { // splitmix64
    auto z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t end) { return end < 2 ? 0 : next() % end; }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) {
    return first + below(last - first + 1);
  }
  bool chance(unsigned percent) { return below(100) < percent; }

private:
  std::uint64_t state_;
};

} // namespace strowger::power
