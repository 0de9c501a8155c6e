// Base32 in lower case without padding (RFC 4648 alphabet): ids that survive URLs and file names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace strowger::security {

inline std::string base32(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t held = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += letters[held >> (bits - 5) & 31];
  }
  if (bits > 0) text += letters[held << (5 - bits) & 31];
  return text;
}

} // namespace strowger::security
