#include "media/reception.hpp"

#include <algorithm>

namespace strowger::media {

void reception::packet(std::uint16_t sequence, std::uint32_t timestamp, std::size_t bytes,
                       std::uint32_t clock_rate, std::int64_t now_us) {
  constexpr std::uint16_t gap_max = 3000; // more is a sender that has begun anew
  const auto arrival =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(now_us) * clock_rate / 1'000'000);
  const auto transit = arrival - timestamp;
  if (packets_ == 0) {
    first_ = highest_ = sequence;
    transit_ = transit;
  } else {
    const auto ahead = static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(highest_));
    if (ahead < gap_max) {
      highest_ += ahead;
    } else if (ahead < 0x10000 - gap_max) {
      if (is_strange_ && strange_ == sequence) { // count from here, as if nothing had been lost
        const auto seen = static_cast<std::uint32_t>(packets_);
        highest_ = (highest_ & 0xFFFF0000U) + 0x10000U + sequence;
        first_ = highest_ - seen;
      }
      is_strange_ = true;
      strange_ = static_cast<std::uint16_t>(sequence + 1);
    }
    const auto change = static_cast<std::int32_t>(transit - transit_);
    // A jump of the timestamps themselves (new source, mute) is no jitter.
    if (clock_rate && static_cast<std::uint32_t>(std::abs(change)) < clock_rate * 2)
      jitter_ += (std::abs(static_cast<double>(change)) - jitter_) / 16;
    transit_ = transit;
  }
  ++packets_;
  octets_ += bytes;
  last_us_ = now_us;
}

void reception::sender_report(std::uint64_t ntp, std::int64_t now_us) {
  report_ntp_ = static_cast<std::uint32_t>(ntp >> 16);
  report_us_ = now_us;
}

std::int64_t reception::lost() const {
  if (packets_ == 0) return 0;
  return static_cast<std::int64_t>(highest_ - first_) + 1 - static_cast<std::int64_t>(packets_);
}

rtcp::report_block reception::report(std::uint32_t ssrc, std::int64_t now_us) {
  rtcp::report_block out;
  out.ssrc = ssrc;
  const std::uint64_t expected = packets_ ? highest_ - first_ + 1ULL : 0;
  const auto wanted = static_cast<std::int64_t>(expected - expected_before_);
  const auto missing = wanted - static_cast<std::int64_t>(packets_ - packets_before_);
  fraction_ = wanted > 0 && missing > 0
                  ? static_cast<std::uint8_t>(std::min<std::int64_t>(255, missing * 256 / wanted))
                  : 0;
  expected_before_ = expected;
  packets_before_ = packets_;
  out.fraction_lost = fraction_;
  out.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
  out.highest = highest_;
  out.jitter = static_cast<std::uint32_t>(jitter_);
  out.last_sr = report_ntp_;
  if (report_us_)
    out.delay = static_cast<std::uint32_t>((now_us - report_us_) * 65'536 / 1'000'000);
  return out;
}

} // namespace strowger::media
