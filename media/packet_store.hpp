// The last packets of a video stream, for those that a consumer has missed (NACK). Bounded.
#pragma once

#include "core/limits.hpp"
#include "media/bytes.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace strowger::media {

class packet_store {
public:
  void keep(std::uint16_t sequence, bytes plain) { // RTP as it was received, decrypted
    if (plain.size() > limits::media_datagram_bytes_max) return;
    if (slots_.empty()) slots_.resize(limits::media_resend_packets_max);
    auto& slot = slots_[sequence % slots_.size()];
    slot.sequence = sequence;
    slot.size = static_cast<std::uint16_t>(plain.size());
    std::memcpy(slot.bytes.data(), plain.data(), plain.size());
  }
  bytes find(std::uint16_t sequence) const { // empty: gone, or never there
    if (slots_.empty()) return {};
    const auto& slot = slots_[sequence % slots_.size()];
    if (slot.size == 0 || slot.sequence != sequence) return {};
    return bytes{slot.bytes}.first(slot.size);
  }
  void clear() { slots_ = {}; }

private:
  struct slot {
    std::uint16_t sequence = 0, size = 0;
    std::array<std::uint8_t, limits::media_datagram_bytes_max> bytes;
  };
  std::vector<slot> slots_;
};

} // namespace strowger::media
