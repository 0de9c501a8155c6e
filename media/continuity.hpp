// One unbroken stream out of several: sequence numbers and timestamps of a consumer across pauses
// and changes of its source. Pure.
#pragma once

#include "media/bytes.hpp"

namespace strowger::media {

class continuity {
public:
  continuity(std::uint16_t first_sequence, std::uint32_t first_timestamp) :
      last_sequence_(static_cast<std::uint16_t>(first_sequence - 1)),
      last_timestamp_(first_timestamp) {}

  // The next packet continues after the last one sent: after a pause (same source: its timestamps
  // went on by themselves), or with another source.
  void resume() { synced_ = false; }
  void new_source() { synced_ = based_ = false; }
  bool synced() const { return synced_; }

  struct place {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool first = false; // after a resume or a change
  };
  // False: a straggler from before the last resume or change; it must not be sent.
  bool map(std::uint16_t sequence, std::uint32_t timestamp, std::uint32_t clock_rate,
           std::int64_t now_us, place& out);
  // This packet of the source is left out on purpose: no gap shows.
  void skip(std::uint16_t sequence) {
    if (synced_ && after(static_cast<std::uint16_t>(sequence + sequence_offset_), last_sequence_))
      --sequence_offset_;
  }
  // The source's number of a packet that was sent as `sequence`; false: not since the last change.
  bool unmap(std::uint16_t sequence, std::uint16_t& out) const;
  // A timestamp of the source as the consumer sees it; only when synced().
  std::uint32_t timestamp_of(std::uint32_t source) const { return source + timestamp_offset_; }
  std::uint32_t last_timestamp() const { return last_timestamp_; }
  std::int64_t last_us() const { return last_us_; }

private:
  bool synced_ = false; // both offsets are those of the present source
  bool based_ = false;  // the timestamp's is
  bool sent_ = false;
  std::uint16_t sequence_offset_ = 0, since_ = 0, last_sequence_;
  std::uint32_t timestamp_offset_ = 0, last_timestamp_;
  std::uint32_t mapped_ = 0; // packets since the last change
  std::int64_t last_us_ = 0;
};

} // namespace strowger::media
