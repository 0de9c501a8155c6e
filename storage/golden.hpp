// Golden files: the bytes of every event version that ever existed, kept as hex text, for tests.
// A missing file is written when STROWGER_WRITE_GOLDEN is set; an existing one is never changed.
#pragma once

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::storage {

inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// White space is skipped; anything else that is no digit ends the text.
inline std::string from_hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0 && (c == ' ' || c == '\n')) continue;
    if (digit < 0) break;
    if (high >= 0) out.push_back(static_cast<char>(high << 4 | digit));
    high = high >= 0 ? -1 : digit;
  }
  return out;
}

// The bytes stored in `path`; when the file is missing: written from `fresh` if the environment
// asks for it, else nothing.
inline std::optional<std::string> golden_bytes(const std::string& path, std::string_view fresh) {
  if (std::ifstream file{path}; file)
    return from_hex(std::string{std::istreambuf_iterator<char>{file}, {}});
  if (!std::getenv("STROWGER_WRITE_GOLDEN")) return std::nullopt;
  const auto hex = to_hex(fresh);
  std::ofstream file{path};
  for (std::size_t at = 0; at < hex.size(); at += 64) file << hex.substr(at, 64) << '\n';
  return std::string{fresh};
}

} // namespace strowger::storage
