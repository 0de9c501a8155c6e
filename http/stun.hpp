// STUN Binding (RFC 8489) as pure functions: what answer, if any, a datagram gets.
#pragma once

#include "protocol/stun.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace strowger::http::stun {

using strowger::stun::address;

inline constexpr std::size_t datagram_bytes_max = strowger::stun::message_bytes_max;

// A Binding success with XOR-MAPPED-ADDRESS; error 420 with UNKNOWN-ATTRIBUTES for attributes that
// must be understood and are not. FINGERPRINT when the request carries a valid one. Nothing at all
// for what is no well-formed Binding request: a reflector must not answer noise.
std::optional<std::vector<std::uint8_t>> respond(std::span<const std::uint8_t> datagram,
                                                 const address& from);

} // namespace strowger::http::stun
