// RTCP (RFC 3550, RFC 4585, RFC 5104, REMB): reading what is understood, writing what the relay
// says. Pure; every length is checked.
#pragma once

#include "media/bytes.hpp"

#include <string_view>

namespace strowger::media::rtcp {

namespace type {
inline constexpr std::uint8_t sr = 200, rr = 201, sdes = 202, bye = 203, app = 204, rtpfb = 205,
                              psfb = 206, xr = 207;
}
namespace format {                                         // of rtpfb and psfb
inline constexpr std::uint8_t nack = 1, transport_cc = 15; // rtpfb
inline constexpr std::uint8_t pli = 1, fir = 4, afb = 15;  // psfb
} // namespace format

struct item { // one packet of a compound
  std::uint8_t type = 0;
  std::uint8_t count = 0; // report count, source count, or feedback format
  bytes body;             // after the first four bytes, without padding
};

// Calls f(item) for each packet; false when the compound is malformed (f saw what came before).
template <class F> bool each(bytes compound, F&& f) {
  if (compound.size() < 8) return false;
  while (!compound.empty()) {
    if (compound.size() < 4 || compound[0] >> 6 != 2) return false;
    const std::size_t size = read16(&compound[2]) * 4U + 4;
    if (size > compound.size()) return false;
    std::size_t padding = 0;
    if (compound[0] & 0x20) {
      padding = compound[size - 1];
      if (padding == 0 || padding > size - 4) return false;
    }
    f(item{compound[1], static_cast<std::uint8_t>(compound[0] & 31),
           compound.subspan(4, size - 4 - padding)});
    compound = compound.subspan(size);
  }
  return true;
}

struct sender_info { // SR
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;
  std::uint32_t timestamp = 0, packets = 0, octets = 0;
};
struct report_block {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;
  std::int32_t lost = 0;                                         // 24 bits, signed
  std::uint32_t highest = 0, jitter = 0, last_sr = 0, delay = 0; // delay in 1/65536 s
};

bool read(const item& in, sender_info& out); // SR
// Calls f(report_block) for those of an SR or RR.
template <class F> void each_report(const item& in, F&& f) {
  std::size_t at = in.type == type::sr ? 24 : 4;
  for (int i = 0; i < in.count && at + 24 <= in.body.size(); ++i, at += 24) {
    const auto* b = &in.body[at];
    report_block out;
    out.ssrc = read32(b);
    out.fraction_lost = b[4];
    out.lost = static_cast<std::int32_t>(read24(b + 5) << 8) >> 8;
    out.highest = read32(b + 8);
    out.jitter = read32(b + 12);
    out.last_sr = read32(b + 16);
    out.delay = read32(b + 20);
    f(out);
  }
}
// Calls f(ssrc) for those of a BYE.
template <class F> void each_bye(const item& in, F&& f) {
  for (std::size_t i = 0; i < in.count && i * 4 + 4 <= in.body.size(); ++i)
    f(read32(&in.body[i * 4]));
}

// Feedback: body is sender ssrc, media ssrc, then what follows.
inline bool is_feedback(const item& in) {
  return (in.type == type::rtpfb || in.type == type::psfb) && in.body.size() >= 8;
}
inline std::uint32_t media_ssrc(const item& in) { return read32(&in.body[4]); }
// Calls f(sequence number) for each packet of a generic NACK.
template <class F> void each_nack(const item& in, F&& f) {
  for (std::size_t at = 8; at + 4 <= in.body.size(); at += 4) {
    const auto first = read16(&in.body[at]);
    const auto mask = read16(&in.body[at + 2]);
    f(first);
    for (unsigned bit = 0; bit < 16; ++bit)
      if (mask >> bit & 1) f(static_cast<std::uint16_t>(first + bit + 1));
  }
}
// Calls f(ssrc) for each entry of a FIR.
template <class F> void each_fir(const item& in, F&& f) {
  for (std::size_t at = 8; at + 8 <= in.body.size(); at += 8) f(read32(&in.body[at]));
}
bool read_remb(const item& in, std::uint64_t& bits_per_second);

// Writes packets one after the other; what does not fit is left out and `full` says so.
class writer {
public:
  explicit writer(room to) : to_(to) {}

  void sender_report(const sender_info& info, std::span<const report_block> blocks = {});
  void receiver_report(std::uint32_t sender, std::span<const report_block> blocks);
  void source(std::uint32_t ssrc, std::string_view cname); // SDES with CNAME
  void bye(std::uint32_t ssrc);
  void nack(std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> missing);
  void pli(std::uint32_t sender, std::uint32_t media);
  void fir(std::uint32_t sender, std::uint32_t media, std::uint8_t count);
  void remb(std::uint32_t sender, std::uint64_t bits_per_second,
            std::span<const std::uint32_t> media);
  // Any feedback: what follows the two SSRCs, a multiple of four bytes.
  void feedback(std::uint8_t type, std::uint8_t format, std::uint32_t sender, std::uint32_t media,
                bytes rest);

  std::size_t size() const { return size_; }
  bool full() const { return full_; }

private:
  std::uint8_t* begin(std::uint8_t type, std::uint8_t count, std::size_t body_bytes);
  static void put(std::uint8_t* at, const report_block& b);

  room to_;
  std::size_t size_ = 0;
  bool full_ = false;
};

} // namespace strowger::media::rtcp
