#include "media/rtcp.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace strowger::media::rtcp {

bool read(const item& in, sender_info& out) {
  if (in.type != type::sr || in.body.size() < 24) return false;
  const auto* b = in.body.data();
  out.ssrc = read32(b);
  out.ntp = static_cast<std::uint64_t>(read32(b + 4)) << 32 | read32(b + 8);
  out.timestamp = read32(b + 12);
  out.packets = read32(b + 16);
  out.octets = read32(b + 20);
  return true;
}

bool read_remb(const item& in, std::uint64_t& out) {
  if (in.type != type::psfb || in.count != format::afb || in.body.size() < 16) return false;
  if (std::memcmp(&in.body[8], "REMB", 4) != 0) return false;
  const unsigned exponent = in.body[13] >> 2;
  const std::uint64_t mantissa = read24(&in.body[13]) & 0x3FFFF;
  if (exponent > 45) return false; // more than 63 bits
  out = mantissa << exponent;
  return true;
}

std::uint8_t* writer::begin(std::uint8_t type, std::uint8_t count, std::size_t body_bytes) {
  if (to_.size() - size_ < body_bytes + 4) {
    full_ = true;
    return nullptr;
  }
  auto* at = &to_[size_];
  at[0] = static_cast<std::uint8_t>(0x80 | count);
  at[1] = type;
  write16(at + 2, static_cast<std::uint32_t>(body_bytes / 4));
  size_ += body_bytes + 4;
  return at + 4;
}

void writer::put(std::uint8_t* at, const report_block& b) {
  write32(at, b.ssrc);
  at[4] = b.fraction_lost;
  write24(at + 5, static_cast<std::uint32_t>(std::clamp(b.lost, -0x800000, 0x7FFFFF)) & 0xFFFFFF);
  write32(at + 8, b.highest);
  write32(at + 12, b.jitter);
  write32(at + 16, b.last_sr);
  write32(at + 20, b.delay);
}

void writer::sender_report(const sender_info& info, std::span<const report_block> blocks) {
  blocks = blocks.first(std::min<std::size_t>(blocks.size(), 31));
  auto* at = begin(type::sr, static_cast<std::uint8_t>(blocks.size()), 24 + 24 * blocks.size());
  if (!at) return;
  write32(at, info.ssrc);
  write32(at + 4, static_cast<std::uint32_t>(info.ntp >> 32));
  write32(at + 8, static_cast<std::uint32_t>(info.ntp));
  write32(at + 12, info.timestamp);
  write32(at + 16, info.packets);
  write32(at + 20, info.octets);
  for (at += 24; const auto& b : blocks) {
    put(at, b);
    at += 24;
  }
}

void writer::receiver_report(std::uint32_t sender, std::span<const report_block> blocks) {
  blocks = blocks.first(std::min<std::size_t>(blocks.size(), 31));
  auto* at = begin(type::rr, static_cast<std::uint8_t>(blocks.size()), 4 + 24 * blocks.size());
  if (!at) return;
  write32(at, sender);
  for (at += 4; const auto& b : blocks) {
    put(at, b);
    at += 24;
  }
}

void writer::source(std::uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  const auto body = (4 + 2 + cname.size() + 1 + 3) / 4 * 4; // ends with at least one zero
  auto* at = begin(type::sdes, 1, body);
  if (!at) return;
  std::memset(at, 0, body);
  write32(at, ssrc);
  at[4] = 1; // CNAME
  at[5] = static_cast<std::uint8_t>(cname.size());
  if (!cname.empty()) std::memcpy(at + 6, cname.data(), cname.size());
}

void writer::bye(std::uint32_t ssrc) {
  if (auto* at = begin(type::bye, 1, 4)) write32(at, ssrc);
}

void writer::feedback(std::uint8_t type, std::uint8_t format, std::uint32_t sender,
                      std::uint32_t media, bytes rest) {
  auto* at = begin(type, format, 8 + rest.size());
  if (!at) return;
  write32(at, sender);
  write32(at + 4, media);
  if (!rest.empty()) std::memcpy(at + 8, rest.data(), rest.size());
}

void writer::nack(std::uint32_t sender, std::uint32_t media,
                  std::span<const std::uint16_t> missing) { // rising
  std::array<std::uint8_t, 4 * 64> rest;
  std::size_t size = 0;
  for (std::size_t i = 0; i < missing.size() && size + 4 <= rest.size();) {
    const auto first = missing[i++];
    std::uint32_t mask = 0;
    for (; i < missing.size(); ++i) {
      const auto away = static_cast<std::uint16_t>(missing[i] - first);
      if (away == 0 || away > 16) break;
      mask |= 1U << (away - 1);
    }
    write16(&rest[size], first);
    write16(&rest[size + 2], mask);
    size += 4;
  }
  if (size) feedback(type::rtpfb, format::nack, sender, media, bytes{rest}.first(size));
}

void writer::pli(std::uint32_t sender, std::uint32_t media) {
  feedback(type::psfb, format::pli, sender, media, {});
}

void writer::fir(std::uint32_t sender, std::uint32_t media, std::uint8_t count) {
  std::array<std::uint8_t, 8> rest{};
  write32(rest.data(), media);
  rest[4] = count;
  feedback(type::psfb, format::fir, sender, 0, rest);
}

void writer::remb(std::uint32_t sender, std::uint64_t bits, std::span<const std::uint32_t> media) {
  std::array<std::uint8_t, 8 + 4 * 16> rest{};
  media = media.first(std::min<std::size_t>(media.size(), 16));
  unsigned exponent = 0;
  for (; bits > 0x3FFFF; bits >>= 1) ++exponent;
  std::memcpy(rest.data(), "REMB", 4);
  rest[4] = static_cast<std::uint8_t>(media.size());
  write24(&rest[5], exponent << 18 | static_cast<std::uint32_t>(bits));
  for (std::size_t i = 0; i < media.size(); ++i) write32(&rest[8 + 4 * i], media[i]);
  feedback(type::psfb, format::afb, sender, 0, bytes{rest}.first(8 + 4 * media.size()));
}

} // namespace strowger::media::rtcp
