// Binary building blocks of the data folder: big-endian keys, LEB128 numbers, length-first text.
#pragma once

#include "storage/storage_error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::storage {

inline void put_be64(std::string& out, std::uint64_t what) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(what >> (56 - 8 * i));
  out.append(bytes, sizeof bytes);
}

inline std::uint64_t be64(std::string_view bytes) { // the first 8 bytes; the caller checks the size
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

inline void put_varint(std::string& out, std::uint64_t what) {
  char bytes[10];
  std::size_t size = 0;
  for (; what >= 0x80; what >>= 7) bytes[size++] = static_cast<char>(what | 0x80);
  bytes[size++] = static_cast<char>(what);
  out.append(bytes, size);
}

inline void put_signed(std::string& out, std::int64_t what) { // zigzag: small magnitudes are short
  put_varint(out, static_cast<std::uint64_t>(what) << 1 ^ static_cast<std::uint64_t>(what >> 63));
}

inline void put_text(std::string& out, std::string_view what) {
  put_varint(out, what.size());
  out.append(what);
}

// Reads what the functions above wrote; throws storage_error when the bytes end too early.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto next = byte();
      out |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if (next < 0x80) return out;
    }
    throw storage_error{"a number is too long"};
  }
  std::int64_t signed_number() {
    const auto raw = varint();
    return static_cast<std::int64_t>(raw >> 1 ^ (~(raw & 1) + 1));
  }
  std::string_view text() { return take(varint()); }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw storage_error{"the bytes end too early"};
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

private:
  std::string_view rest_;
};

} // namespace strowger::storage
