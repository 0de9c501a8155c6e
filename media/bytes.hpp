// Network order, in and out of bytes. Callers have checked the bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace strowger::media {

using bytes = std::span<const std::uint8_t>;
using room = std::span<std::uint8_t>;

inline std::uint16_t read16(const std::uint8_t* at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint32_t read24(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 16 | static_cast<std::uint32_t>(at[1]) << 8 | at[2];
}
inline std::uint32_t read32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(read16(at)) << 16 | read16(at + 2);
}
inline void write16(std::uint8_t* at, std::uint32_t v) {
  at[0] = static_cast<std::uint8_t>(v >> 8);
  at[1] = static_cast<std::uint8_t>(v);
}
inline void write24(std::uint8_t* at, std::uint32_t v) {
  at[0] = static_cast<std::uint8_t>(v >> 16);
  write16(at + 1, v);
}
inline void write32(std::uint8_t* at, std::uint32_t v) {
  write16(at, v >> 16);
  write16(at + 2, v);
}

// a is after b in a sequence that wraps (RFC 1982).
inline bool after(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(a - b) > 0; }
inline bool after32(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

} // namespace strowger::media
