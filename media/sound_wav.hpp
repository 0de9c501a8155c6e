// The head of a WAV file of G.711, 8 kHz, mono: RIFF with fmt, fact and data. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace strowger::media::wav {

inline constexpr std::uint16_t format_alaw = 6, format_ulaw = 7;
inline constexpr std::size_t head_bytes = 58;

// For so many bytes of sound after it (and one more, where that is odd).
std::vector<std::uint8_t> head(std::uint16_t format, std::uint64_t bytes);

} // namespace strowger::media::wav
