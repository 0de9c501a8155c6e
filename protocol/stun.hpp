// STUN messages (RFC 8489) as bytes: what the STUN responder and ICE read and write. Pure: message
// integrity is computed by the caller, over the bytes that this says.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace strowger::stun {

using bytes = std::span<const std::uint8_t>;

struct address {                        // of a sender
  std::array<std::uint8_t, 16> bytes{}; // network order; IPv4 uses the first four
  bool v6 = false;
  std::uint16_t port = 0;
  bool operator==(const address&) const = default;
};

inline constexpr std::size_t header_bytes = 20;
inline constexpr std::size_t integrity_bytes = 20; // HMAC-SHA1
inline constexpr std::size_t message_bytes_max = 1500;

namespace type {
inline constexpr std::uint16_t request = 0x0001, indication = 0x0011, success = 0x0101,
                               error = 0x0111; // of Binding
}
namespace attribute {
inline constexpr std::uint16_t username = 0x0006, message_integrity = 0x0008, error_code = 0x0009,
                               unknown_attributes = 0x000A, realm = 0x0014, nonce = 0x0015,
                               message_integrity_sha256 = 0x001C, password_algorithm = 0x001D,
                               userhash = 0x001E, xor_mapped_address = 0x0020, priority = 0x0024,
                               use_candidate = 0x0025, fingerprint = 0x8028,
                               ice_controlled = 0x8029, ice_controlling = 0x802A;
}

// What a datagram holds; the spans look into it. Attributes after MESSAGE-INTEGRITY other than
// FINGERPRINT are not read.
struct message {
  std::uint16_t type = 0;
  bytes transaction;              // 12 bytes
  std::optional<bytes> username;  //
  std::optional<bytes> integrity; // 20 bytes: HMAC-SHA1 over `signed_bytes`
  std::size_t integrity_at = 0;   // where that attribute begins
  bool fingerprinted = false;     // and rightly
  bool use_candidate = false;     // RFC 8445
  std::optional<std::uint32_t> priority;
  std::optional<std::uint64_t> controlled, controlling; // the tie-breaker
  std::optional<address> mapped;                        // XOR-MAPPED-ADDRESS
  int error = 0;                                        // ERROR-CODE
  // Attributes that must be understood and are not of RFC 8489, in order; more are not kept.
  std::array<std::uint16_t, 8> required{};
  std::size_t required_count = 0;
};

// False for what is no well-formed STUN message, a wrong FINGERPRINT included. Sizes of attributes
// it knows are checked. No FINGERPRINT at all is well-formed.
bool parse(bytes datagram, message& out);

// Writes one message into its own buffer. What does not fit is left out, and `fits` is false.
class writer {
public:
  writer(std::uint16_t type, bytes transaction); // 12 bytes

  void put(std::uint16_t attribute, bytes value); // padded with zeros
  void put32(std::uint16_t attribute, std::uint32_t value);
  void put64(std::uint16_t attribute, std::uint64_t value);
  void put_xor_address(const address& from);
  void put_error(int code, std::string_view phrase);
  void put_unknown(std::span<const std::uint16_t> types);
  // The bytes that MESSAGE-INTEGRITY covers, with the length that it is to be computed with.
  bytes to_sign();
  void put_integrity(bytes hmac) { put(attribute::message_integrity, hmac); } // 20 bytes
  void put_fingerprint();                                                     // last
  bytes finish(); // lives as long as the writer
  bool fits() const { return fits_; }

private:
  void length(std::size_t extra);
  void raw16(std::uint32_t v);
  std::array<std::uint8_t, 640> out_{};
  std::size_t size_ = 0;
  bool fits_ = true;
};

// Over what MESSAGE-INTEGRITY of a parsed message was computed: `datagram` up to the attribute,
// with the length field patched in `head` (20 bytes), then the rest.
struct signed_parts {
  std::array<std::uint8_t, header_bytes> head;
  bytes rest;
};
signed_parts signed_by(bytes datagram, const message& in);

} // namespace strowger::stun
