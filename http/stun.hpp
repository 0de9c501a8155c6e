// STUN Binding (RFC 8489) as pure functions: what answer, if any, a datagram gets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace strowger::http::stun {

struct address {                        // of the sender
  std::array<std::uint8_t, 16> bytes{}; // network order; IPv4 uses the first four
  bool v6 = false;
  std::uint16_t port = 0;
};

inline constexpr std::size_t datagram_bytes_max = 1500;

// A Binding success with XOR-MAPPED-ADDRESS; error 420 with UNKNOWN-ATTRIBUTES for attributes that
// must be understood and are not. FINGERPRINT when the request carries a valid one. Nothing at all
// for what is no well-formed Binding request: a reflector must not answer noise.
std::optional<std::vector<std::uint8_t>> respond(std::span<const std::uint8_t> datagram,
                                                 const address& from);

} // namespace strowger::http::stun
