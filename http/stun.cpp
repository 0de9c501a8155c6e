#include "http/stun.hpp"

#include <string_view>

namespace strowger::http::stun {
namespace {

constexpr std::uint32_t magic_cookie = 0x2112A442;
constexpr std::size_t header_bytes = 20;
constexpr std::uint16_t binding_request = 0x0001, binding_success = 0x0101, binding_error = 0x0111;
constexpr std::uint16_t username = 0x0006, message_integrity = 0x0008, error_code = 0x0009,
                        unknown_attributes = 0x000A, realm = 0x0014, nonce = 0x0015,
                        message_integrity_sha256 = 0x001C, password_algorithm = 0x001D,
                        userhash = 0x001E, xor_mapped_address = 0x0020, fingerprint = 0x8028;
constexpr std::uint32_t fingerprint_xor = 0x5354554E;

using bytes = std::span<const std::uint8_t>;

std::uint16_t read16(bytes in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}
std::uint32_t read32(bytes in, std::size_t at) {
  return static_cast<std::uint32_t>(read16(in, at)) << 16 | read16(in, at + 2);
}

std::uint32_t crc32(bytes in) { // ITU V.42, as zip has it
  std::uint32_t crc = ~0U;
  for (const auto byte : in) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

struct writer {
  std::vector<std::uint8_t> out;
  void put16(std::uint32_t v) {
    out.push_back(static_cast<std::uint8_t>(v >> 8));
    out.push_back(static_cast<std::uint8_t>(v));
  }
  void put32(std::uint32_t v) {
    put16(v >> 16);
    put16(v);
  }
  void length_now(std::size_t extra = 0) {
    const auto length = out.size() - header_bytes + extra;
    out[2] = static_cast<std::uint8_t>(length >> 8);
    out[3] = static_cast<std::uint8_t>(length);
  }
};

// Servers without credentials of their own may leave these unread (RFC 8489, section 9).
bool understood(std::uint16_t type) {
  switch (type) {
  case username:
  case message_integrity:
  case realm:
  case nonce:
  case message_integrity_sha256:
  case password_algorithm:
  case userhash:
    return true;
  default:
    return type >= 0x8000; // comprehension-optional
  }
}

struct request {
  std::vector<std::uint16_t> unknown;
  bool fingerprinted = false;
};

bool parse(bytes in, request& out) {
  if (in.size() < header_bytes || in.size() % 4 != 0 || in.size() > datagram_bytes_max)
    return false;
  if (read16(in, 0) != binding_request || read32(in, 4) != magic_cookie) return false;
  if (read16(in, 2) != in.size() - header_bytes) return false;
  for (std::size_t at = header_bytes; at < in.size();) {
    const auto type = read16(in, at);
    const std::size_t size = read16(in, at + 2), padded = (size + 3) / 4 * 4;
    if (out.fingerprinted || padded > in.size() - at - 4) return false; // FINGERPRINT comes last
    if (type == fingerprint) {
      if (size != 4 || (crc32(in.first(at)) ^ fingerprint_xor) != read32(in, at + 4)) return false;
      out.fingerprinted = true;
    } else if (!understood(type)) {
      out.unknown.push_back(type);
    }
    at += 4 + padded;
  }
  return true;
}

void put_mapped(writer& to, const address& from, bytes transaction) {
  const std::size_t size = from.v6 ? 16 : 4;
  to.put16(xor_mapped_address);
  to.put16(static_cast<std::uint32_t>(4 + size));
  to.put16(from.v6 ? 2 : 1);
  to.put16(from.port ^ (magic_cookie >> 16));
  for (std::size_t i = 0; i < size; ++i) // `transaction` is the cookie and the id: 16 bytes
    to.out.push_back(from.bytes[i] ^ transaction[i]);
}

void put_unknown(writer& to, const std::vector<std::uint16_t>& types) {
  constexpr std::string_view phrase = "Unknown Attribute   "; // padded to a multiple of 4
  to.put16(error_code);
  to.put16(4 + 17);
  to.put32(4 << 8 | 20);
  to.out.insert(to.out.end(), phrase.begin(), phrase.end());
  to.put16(unknown_attributes);
  to.put16(static_cast<std::uint32_t>(types.size() * 2));
  for (const auto type : types) to.put16(type);
  if (types.size() % 2) to.put16(0);
}

} // namespace

std::optional<std::vector<std::uint8_t>> respond(bytes datagram, const address& from) {
  request in;
  if (!parse(datagram, in)) return std::nullopt;
  writer to;
  to.put16(in.unknown.empty() ? binding_success : binding_error);
  to.put16(0);
  to.out.insert(to.out.end(), datagram.begin() + 4, datagram.begin() + header_bytes);
  if (in.unknown.empty())
    put_mapped(to, from, datagram.subspan(4, 16));
  else
    put_unknown(to, in.unknown);
  if (in.fingerprinted) {
    to.length_now(8); // the CRC covers a length that counts the FINGERPRINT itself
    const auto crc = crc32(to.out) ^ fingerprint_xor;
    to.put16(fingerprint);
    to.put16(4);
    to.put32(crc);
  }
  to.length_now();
  return std::move(to.out);
}

} // namespace strowger::http::stun
