// What a receiver knows of one RTP stream (RFC 3550, appendix A): loss, jitter, the report that
// goes back. Pure: times are arguments, microseconds of a steady clock.
#pragma once

#include "media/rtcp.hpp"

#include <cstdint>

namespace strowger::media {

class reception {
public:
  void packet(std::uint16_t sequence, std::uint32_t timestamp, std::size_t bytes,
              std::uint32_t clock_rate, std::int64_t now_us);
  void sender_report(std::uint64_t ntp, std::int64_t now_us);
  // For a receiver report; ends the interval that the fraction lost is counted over.
  rtcp::report_block report(std::uint32_t ssrc, std::int64_t now_us);

  bool begun() const { return packets_ > 0; }
  std::uint64_t packets() const { return packets_; }
  std::uint64_t octets() const { return octets_; }
  std::int64_t lost() const;
  double fraction_lost() const { return fraction_ / 256.0; } // of the last interval
  double jitter_ms(std::uint32_t clock_rate) const {
    return clock_rate ? jitter_ * 1000.0 / clock_rate : 0;
  }
  std::int64_t last_us() const { return last_us_; }
  std::uint16_t highest() const { return static_cast<std::uint16_t>(highest_); }

private:
  std::uint64_t packets_ = 0, octets_ = 0;
  std::uint32_t first_ = 0, highest_ = 0; // extended by the wraps
  std::uint64_t expected_before_ = 0, packets_before_ = 0;
  double jitter_ = 0; // in timestamp units
  std::uint32_t transit_ = 0;
  std::int64_t last_us_ = 0, report_us_ = 0;
  std::uint32_t report_ntp_ = 0; // the middle bits
  std::uint8_t fraction_ = 0;
  std::uint16_t strange_ = 0; // where a jump would go on, when two packets in a row agree
  bool is_strange_ = false;
};

} // namespace strowger::media
