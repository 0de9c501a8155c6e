// Where a datagram came from: the key of a client's path through UDP or one TCP connection.
#pragma once

#include "protocol/stun.hpp"

#include <cstring>
#include <functional>
#include <string>

namespace strowger::media {

struct address {
  stun::address at;             // IPv4-mapped IPv6 counts as IPv4
  std::uint32_t connection = 0; // of ICE-TCP, from 1; 0: UDP
  bool operator==(const address&) const = default;
};
std::string text_of(const address& of); // "udp 127.0.0.1:5004", "tcp [::1]:9"

struct address_hash {
  std::size_t operator()(const address& a) const {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, a.at.bytes.data(), 8);
    std::memcpy(&low, a.at.bytes.data() + 8, 8);
    auto mixed = (high ^ low * 0x9E3779B97F4A7C15ULL) +
                 (static_cast<std::uint64_t>(a.at.port) << 32 | a.connection);
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9ULL;
    return static_cast<std::size_t>(mixed ^ mixed >> 32);
  }
};

} // namespace strowger::media
