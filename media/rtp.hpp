// RTP packets (RFC 3550) and their header extensions (RFC 8285): bounds-checked reading, and
// writing them anew in a consumer's numbers. Pure.
#pragma once

#include "media/bytes.hpp"

#include <array>
#include <string>

namespace strowger::media {

inline constexpr std::size_t rtp_header_bytes = 12;

struct rtp_packet {
  std::uint32_t ssrc = 0, timestamp = 0;
  std::uint16_t sequence = 0;
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t profile = 0; // of the extension block; 0: there is none
  bytes extension;           // its content, padding included
  bytes sources;             // CSRCs, 4 bytes each
  bytes payload;             // without padding
  std::uint8_t padding = 0;  // bytes of it after the payload
};

// False when a length inside points outside, or the version is not 2.
bool parse_rtp(bytes datagram, rtp_packet& out);

// Calls f(id, value) for each element of the extension block; stops at the first that is cut off.
template <class F> void each_extension(const rtp_packet& in, F&& f) {
  const auto all = in.extension;
  if (in.profile == 0xBEDE) {
    for (std::size_t at = 0; at < all.size();) {
      const auto id = all[at] >> 4;
      const std::size_t size = (all[at] & 15) + 1U;
      if (id == 15) return; // reserved: the rest is not to be read
      if (id == 0) {
        ++at; // padding
        continue;
      }
      if (size > all.size() - at - 1) return;
      f(static_cast<std::uint8_t>(id), all.subspan(at + 1, size));
      at += 1 + size;
    }
  } else if ((in.profile & 0xFFF0) == 0x1000) {
    for (std::size_t at = 0; at < all.size();) {
      if (all[at] == 0) {
        ++at;
        continue;
      }
      if (all.size() - at < 2 || all[at + 1] > all.size() - at - 2) return;
      f(all[at], all.subspan(at + 2, all[at + 1]));
      at += 2U + all[at + 1];
    }
  }
}

// How a consumer wants its extensions: by the producer's id, the consumer's (0: leave out), and
// what the relay itself puts in.
struct extension_plan {
  bool any = false;                                                   // one of `to` is not 0
  bool two_bytes = false;                                             // an id above 14 is in use
  std::uint8_t mid_id = 0, abs_send_time_id = 0, transport_cc_id = 0; // 0: not put in
  std::string mid;
  std::array<std::uint8_t, 256> to{};
};

struct rtp_header { // what is written
  std::uint32_t ssrc = 0, timestamp = 0;
  std::uint16_t sequence = 0;
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint32_t abs_send_time = 0; // 6.18 fixed point seconds, 24 bits
  std::uint16_t transport_sequence = 0;
};

// Writes `in` with another header into `to`. `first` (0, or 2 for the original sequence number of
// a retransmission, RFC 4588) bytes are left free before the payload. Returns the size; 0 when it
// does not fit.
std::size_t write_rtp(const rtp_packet& in, const rtp_header& head, const extension_plan& plan,
                      room to, std::size_t first = 0);

} // namespace strowger::media
