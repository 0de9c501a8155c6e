#include "protocol/stun.hpp"

#include <algorithm>

namespace strowger::stun {
namespace {

constexpr std::uint32_t magic_cookie = 0x2112A442;
constexpr std::uint32_t fingerprint_xor = 0x5354554E;

std::uint16_t read16(bytes in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}
std::uint32_t read32(bytes in, std::size_t at) {
  return static_cast<std::uint32_t>(read16(in, at)) << 16 | read16(in, at + 2);
}
std::uint64_t read64(bytes in, std::size_t at) {
  return static_cast<std::uint64_t>(read32(in, at)) << 32 | read32(in, at + 4);
}

constexpr auto crc_table = [] {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    out[i] = i;
    for (int bit = 0; bit < 8; ++bit) out[i] = out[i] >> 1 ^ (out[i] & 1 ? 0xEDB88320U : 0U);
  }
  return out;
}();

std::uint32_t crc32(bytes in) { // ITU V.42, as zip has it
  std::uint32_t crc = ~0U;
  for (const auto byte : in) crc = crc >> 8 ^ crc_table[(crc ^ byte) & 0xFF];
  return ~crc;
}

// Servers without credentials of their own may leave these unread (RFC 8489, section 9).
bool of_stun(std::uint16_t type) {
  namespace a = attribute;
  for (const auto known :
       {a::username, a::message_integrity, a::error_code, a::unknown_attributes, a::realm, a::nonce,
        a::message_integrity_sha256, a::password_algorithm, a::userhash, a::xor_mapped_address})
    if (type == known) return true;
  return type == 0x0001 || type >= 0x8000; // MAPPED-ADDRESS; comprehension-optional
}

bool read_address(bytes value, bytes cookie_and_transaction, message& out) {
  if (value.size() < 8) return false;
  address found;
  found.v6 = value[1] == 2;
  const std::size_t size = found.v6 ? 16 : 4;
  if ((value[1] != 1 && value[1] != 2) || value.size() != 4 + size) return false;
  found.port = read16(value, 2) ^ (magic_cookie >> 16);
  for (std::size_t i = 0; i < size; ++i) found.bytes[i] = value[4 + i] ^ cookie_and_transaction[i];
  out.mapped = found;
  return true;
}

bool read_attribute(bytes in, std::size_t at, std::uint16_t type, bytes value, message& out) {
  switch (type) {
  case attribute::username:
    out.username = value;
    return true;
  case attribute::message_integrity:
    out.integrity = value;
    out.integrity_at = at;
    return value.size() == integrity_bytes;
  case attribute::use_candidate:
    out.use_candidate = true;
    return true;
  case attribute::priority:
    if (value.size() == 4) out.priority = read32(value, 0);
    return value.size() == 4;
  case attribute::ice_controlled:
    if (value.size() == 8) out.controlled = read64(value, 0);
    return value.size() == 8;
  case attribute::ice_controlling:
    if (value.size() == 8) out.controlling = read64(value, 0);
    return value.size() == 8;
  case attribute::xor_mapped_address:
    return read_address(value, in.subspan(4, 16), out);
  case attribute::error_code:
    if (value.size() >= 4) out.error = (value[2] & 7) * 100 + value[3];
    return value.size() >= 4;
  default:
    return true;
  }
}

} // namespace

bool parse(bytes in, message& out) {
  out = {};
  if (in.size() < header_bytes || in.size() % 4 != 0 || in.size() > message_bytes_max) return false;
  if ((in[0] & 0xC0) != 0 || read32(in, 4) != magic_cookie) return false;
  if (read16(in, 2) != in.size() - header_bytes) return false;
  out.type = read16(in, 0);
  out.transaction = in.subspan(8, 12);
  for (std::size_t at = header_bytes; at < in.size();) {
    const auto type = read16(in, at);
    const std::size_t size = read16(in, at + 2), padded = (size + 3) / 4 * 4;
    if (out.fingerprinted || padded > in.size() - at - 4) return false; // FINGERPRINT comes last
    const auto value = in.subspan(at + 4, size);
    if (type == attribute::fingerprint) {
      if (size != 4 || (crc32(in.first(at)) ^ fingerprint_xor) != read32(in, at + 4)) return false;
      out.fingerprinted = true;
    } else if (!out.integrity) {
      if (!read_attribute(in, at, type, value, out)) return false;
      if (!of_stun(type) && out.required_count < out.required.size())
        out.required[out.required_count++] = type;
    }
    at += 4 + padded;
  }
  return true;
}

writer::writer(std::uint16_t type, bytes transaction) {
  raw16(type);
  raw16(0);
  raw16(magic_cookie >> 16);
  raw16(magic_cookie & 0xFFFF);
  std::ranges::copy(transaction.first(12), out_.begin() + size_);
  size_ += 12;
}

void writer::raw16(std::uint32_t v) {
  out_[size_++] = static_cast<std::uint8_t>(v >> 8);
  out_[size_++] = static_cast<std::uint8_t>(v);
}

void writer::length(std::size_t extra) {
  const auto length = size_ - header_bytes + extra;
  out_[2] = static_cast<std::uint8_t>(length >> 8);
  out_[3] = static_cast<std::uint8_t>(length);
}

void writer::put(std::uint16_t attribute, bytes value) {
  const auto padded = (value.size() + 3) / 4 * 4;
  if (padded + 4 > out_.size() - size_) {
    fits_ = false;
    return;
  }
  raw16(attribute);
  raw16(static_cast<std::uint32_t>(value.size()));
  std::ranges::copy(value, out_.begin() + size_);
  size_ += padded;
}

void writer::put32(std::uint16_t attribute, std::uint32_t value) {
  std::array<std::uint8_t, 4> out;
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  put(attribute, out);
}

void writer::put64(std::uint16_t attribute, std::uint64_t value) {
  std::array<std::uint8_t, 8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  put(attribute, out);
}

void writer::put_xor_address(const address& from) {
  std::array<std::uint8_t, 20> value{};
  const std::size_t size = from.v6 ? 16 : 4;
  value[1] = from.v6 ? 2 : 1;
  const auto port = from.port ^ (magic_cookie >> 16);
  value[2] = static_cast<std::uint8_t>(port >> 8);
  value[3] = static_cast<std::uint8_t>(port);
  for (std::size_t i = 0; i < size; ++i) value[4 + i] = from.bytes[i] ^ out_[4 + i];
  put(attribute::xor_mapped_address, bytes{value}.first(4 + size));
}

void writer::put_error(int code, std::string_view phrase) {
  std::array<std::uint8_t, 64> value{};
  value[2] = static_cast<std::uint8_t>(code / 100);
  value[3] = static_cast<std::uint8_t>(code % 100);
  phrase = phrase.substr(0, value.size() - 4);
  std::ranges::copy(phrase, value.begin() + 4);
  put(attribute::error_code, bytes{value}.first(4 + phrase.size()));
}

void writer::put_unknown(std::span<const std::uint16_t> types) {
  std::array<std::uint8_t, 16> value{};
  std::size_t size = 0;
  for (const auto type : types.first(std::min<std::size_t>(types.size(), 8))) {
    value[size++] = static_cast<std::uint8_t>(type >> 8);
    value[size++] = static_cast<std::uint8_t>(type);
  }
  put(attribute::unknown_attributes, bytes{value}.first(size));
}

bytes writer::to_sign() {
  length(4 + integrity_bytes);
  return bytes{out_}.first(size_);
}

void writer::put_fingerprint() {
  length(8); // the CRC covers a length that counts the FINGERPRINT itself
  put32(attribute::fingerprint, crc32(bytes{out_}.first(size_)) ^ fingerprint_xor);
}

bytes writer::finish() {
  length(0);
  return bytes{out_}.first(size_);
}

signed_parts signed_by(bytes datagram, const message& in) {
  signed_parts out;
  std::ranges::copy(datagram.first(header_bytes), out.head.begin());
  const auto length = in.integrity_at - header_bytes + 4 + integrity_bytes;
  out.head[2] = static_cast<std::uint8_t>(length >> 8);
  out.head[3] = static_cast<std::uint8_t>(length);
  out.rest = datagram.subspan(header_bytes, in.integrity_at - header_bytes);
  return out;
}

} // namespace strowger::stun
