// A short name for what a command says, so that its id cannot be used for something else: FNV-1a,
// 64 bits, in hex. Guessable by whoever guesses the text: it is digested with the site's key before
// it is written with the command's id, so it never changes. Any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace strowger {

inline std::string fingerprint_of(std::initializer_list<std::string_view> parts) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto eat = [&](unsigned char c) { hash = (hash ^ c) * 0x100000001b3; };
  for (const auto part : parts) {
    for (const char c : part) eat(static_cast<unsigned char>(c));
    eat(0); // {"a", "bc"} is not {"ab", "c"}
  }
  std::string out(16, '0');
  for (auto at = out.rbegin(); at != out.rend(); ++at, hash >>= 4)
    *at = "0123456789abcdef"[hash & 15];
  return out;
}

} // namespace strowger
