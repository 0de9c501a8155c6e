// For the .cpp files of this folder only: AES in counter mode and AES-GCM (NIST SP 800-38A,
// 800-38D) by the processor's own instructions, where it has them. All of a key is in one place, so
// that it can be fetched ahead of a packet: with a thousand keys the wait for memory is what costs.
// No tables and no branches on secrets.
#pragma once

#include "media/bytes.hpp"

#include <array>

namespace strowger::media {

class aes_instructions {
public:
  static bool available(); // x86-64 with AES and PCLMULQDQ; else nothing else may be called

  void key(bytes what); // 16 or 32 bytes
  void forget();        // wipes it

  // `iv`: 16 bytes, the first counter; content of less than 65,536 blocks, when the last two bytes
  // of `iv` are 0.
  void counter(const std::uint8_t* iv, room content) const;
  // `iv`: 12 bytes; `tag`: 16. `first` and `second` are authenticated only. In place.
  void seal(const std::uint8_t* iv, bytes first, bytes second, room content,
            std::uint8_t* tag) const;
  // False: the tag is wrong, and `content` is as it was.
  bool open(const std::uint8_t* iv, bytes first, bytes second, room content,
            const std::uint8_t* tag) const;

private:
  alignas(64) std::array<std::uint8_t, 64> powers_{}; // of the hash key, fourth to first
  int count_ = 0;                                     // of rounds
  alignas(16) std::array<std::uint8_t, 15 * 16> rounds_{};
};

} // namespace strowger::media
