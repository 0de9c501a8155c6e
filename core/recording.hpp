// The words of call recording: what may be asked, whose consent there is, and why one ends.
#pragma once

#include "core/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace strowger {

enum class recording_act : std::uint8_t { start, pause, resume, stop };
// Nobody is recorded before somebody has said which: missing is refused.
enum class recording_consent : std::uint8_t { missing, given, not_required };
enum class recording_end : std::uint8_t {
  asked,
  call_ended,
  server_restarted,
  storage_failed, // the disk is full, or does not take it
  limit_reached   // limits.hpp, "recording"
};

// A name for a folder or a file that is one step of a path, whatever it is the name of.
inline std::string path_step(std::string_view name) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    ((out += '=') += digits[byte >> 4]) += digits[byte & 15];
  }
  return out;
}

template <> struct enum_names<recording_act> {
  static constexpr std::array<std::string_view, 4> value{"start", "pause", "resume", "stop"};
};
template <> struct enum_names<recording_consent> {
  static constexpr std::array<std::string_view, 3> value{"missing", "given", "not_required"};
};
template <> struct enum_names<recording_end> {
  static constexpr std::array<std::string_view, 5> value{
      "asked", "call_ended", "server_restarted", "storage_failed", "limit_reached"};
};

} // namespace strowger
