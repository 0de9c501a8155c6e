// Why the relay drops a datagram: counted by reason, never logged one by one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace strowger::media {

enum class drop : std::uint8_t {
  malformed,
  oversized,
  unknown_address, // no client has shown its ICE password from there
  unknown_user,    // STUN for no transport
  bad_integrity,   // STUN, SRTP or SRTCP
  replayed,        //
  unknown_ssrc,    //
  too_many,        // a limit
  not_connected,   // before DTLS is done
  send_failed,     // the kernel's queue or a TCP connection's is full
  no_codec,        // the consumer has none for this payload type
  handshake,       // DTLS out of place
  address_held,    // STUN from where another client's media comes
  count_
};

inline constexpr std::array<std::string_view, static_cast<std::size_t>(drop::count_)> drop_names{
    "malformed",    "oversized", "unknown_address", "unknown_user", "bad_integrity", "replayed",
    "unknown_ssrc", "too_many",  "not_connected",   "send_failed",  "no_codec",      "handshake",
    "address_held"};

} // namespace strowger::media
