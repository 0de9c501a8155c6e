// A quick, well mixed hash of a text, the same in every run: for tables in memory and for sharing
// work out. Two multiplications for every 16 bytes (the idea of wyhash). Never stored; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace strowger {

inline std::uint64_t text_hash(std::string_view text, std::uint64_t seed = 0) {
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using wide = unsigned __int128;
    const auto product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  auto hash = seed ^ 0x9e3779b97f4a7c15 ^ text.size();
  while (!text.empty()) {
    const auto taken = std::min<std::size_t>(16, text.size());
    std::uint64_t words[2] = {0, 0};
    std::memcpy(words, text.data(), taken);
    hash = mix(hash ^ words[0], words[1] ^ 0xbf58476d1ce4e5b9);
    text.remove_prefix(taken);
  }
  return mix(hash, 0x94d049bb133111eb);
}

} // namespace strowger
