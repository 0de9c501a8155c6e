// STUN (RFC 8489) and TURN (RFC 8656) as a client needs them: addresses, requests, answers. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::cli::stun {

using bytes = std::vector<std::uint8_t>;
using transaction = std::array<std::uint8_t, 12>;

enum class transport { udp, tcp, tls };

struct address {      // RFC 7064, RFC 7065: stun:host[:port], turn:host[:port][?transport=udp|tcp]
  bool relay = false; // turn: or turns:
  std::string host;   // brackets off
  std::uint16_t port = 3478;
  transport by = transport::udp;
};
bool parse_url(std::string_view text, address& out);

enum class method : std::uint16_t { binding = 0x001, allocate = 0x003, refresh = 0x004 };

struct credentials { // the long-term mechanism, RFC 8489 section 9.2
  std::string username, password;
  std::string realm, nonce; // from the server's 401
};

bytes binding_request(const transaction& id);
// For a UDP relay; without credentials every TURN server refuses it with 401.
bytes allocate_request(const transaction& id, const credentials* who = nullptr);
// Gives an allocation back: a lifetime of 0 seconds.
bytes release_request(const transaction& id, const credentials& who);

struct answer {
  bool success = false;
  int error = 0; // 401, 420, ...
  std::string reason, realm, nonce;
  std::string mapped;  // the sender as the server sees it, "192.0.2.1:32853"
  std::string relayed; // of an allocation
};
// Nothing when it is no answer to that request, or its fingerprint is wrong.
std::optional<answer> parse_answer(std::span<const std::uint8_t> message, const transaction& id);

// Over TCP messages follow each other: the whole length once the header is there, otherwise 0.
std::size_t message_bytes(std::span<const std::uint8_t> so_far);

} // namespace strowger::cli::stun
