#include "media/rtp.hpp"

#include <cstring>

namespace strowger::media {

bool parse_rtp(bytes in, rtp_packet& out) {
  if (in.size() < rtp_header_bytes || in[0] >> 6 != 2) return false;
  const std::size_t sources = (in[0] & 15) * 4U;
  std::size_t at = rtp_header_bytes + sources;
  if (at > in.size()) return false;
  out.sources = in.subspan(rtp_header_bytes, sources);
  out.profile = 0;
  out.extension = {};
  if (in[0] & 0x10) {
    if (in.size() - at < 4) return false;
    const std::size_t size = read16(&in[at + 2]) * 4U;
    out.profile = read16(&in[at]);
    at += 4;
    if (size > in.size() - at) return false;
    out.extension = in.subspan(at, size);
    at += size;
  }
  out.padding = 0;
  if (in[0] & 0x20) {
    if (in.size() == at) return false;
    out.padding = in.back();
    if (out.padding == 0 || out.padding > in.size() - at) return false;
  }
  out.payload = in.subspan(at, in.size() - at - out.padding);
  out.marker = in[1] & 0x80;
  out.payload_type = in[1] & 0x7F;
  out.sequence = read16(&in[2]);
  out.timestamp = read32(&in[4]);
  out.ssrc = read32(&in[8]);
  return true;
}

namespace {

struct block { // an extension block under construction
  room to;
  std::size_t size = 4; // its own header
  bool two_bytes = false;
  bool full = false;

  void put(std::uint8_t id, bytes value) {
    if (!two_bytes && (value.empty() || value.size() > 16 || id > 14)) return; // cannot be said
    if (value.size() > 255) return;
    const std::size_t head = two_bytes ? 2 : 1;
    if (to.size() < size + head + value.size() + 3) {
      full = true;
      return;
    }
    if (two_bytes) {
      to[size] = id;
      to[size + 1] = static_cast<std::uint8_t>(value.size());
    } else {
      to[size] = static_cast<std::uint8_t>(id << 4 | (value.size() - 1));
    }
    if (!value.empty()) std::memcpy(&to[size + head], value.data(), value.size());
    size += head + value.size();
  }
  std::size_t finish() { // 0: nothing was put
    if (size == 4) return 0;
    while (size % 4) to[size++] = 0;
    write16(&to[0], two_bytes ? 0x1000 : 0xBEDE);
    write16(&to[2], static_cast<std::uint32_t>(size / 4 - 1));
    return size;
  }
};

std::size_t write_extensions(const rtp_packet& in, const rtp_header& head,
                             const extension_plan& plan, room to) {
  block out{to};
  out.two_bytes = plan.two_bytes;
  if (plan.any)
    each_extension(in, [&](std::uint8_t id, bytes value) {
      if (plan.to[id]) out.put(plan.to[id], value);
    });
  if (plan.mid_id)
    out.put(plan.mid_id, {reinterpret_cast<const std::uint8_t*>(plan.mid.data()), plan.mid.size()});
  if (plan.abs_send_time_id) {
    std::uint8_t value[3];
    write24(value, head.abs_send_time);
    out.put(plan.abs_send_time_id, value);
  }
  if (plan.transport_cc_id) {
    std::uint8_t value[2];
    write16(value, head.transport_sequence);
    out.put(plan.transport_cc_id, value);
  }
  return out.full ? 0 : out.finish();
}

} // namespace

std::size_t write_rtp(const rtp_packet& in, const rtp_header& head, const extension_plan& plan,
                      room to, std::size_t first) {
  const auto fixed = rtp_header_bytes + in.sources.size();
  if (to.size() < fixed + 8) return 0;
  if (!in.sources.empty()) std::memcpy(&to[12], in.sources.data(), in.sources.size());
  std::size_t at = fixed;
  const bool wanted =
      plan.mid_id || plan.abs_send_time_id || plan.transport_cc_id || (plan.any && in.profile != 0);
  if (wanted) at += write_extensions(in, head, plan, to.subspan(fixed));
  if (to.size() - at < first + in.payload.size() + in.padding) return 0;
  to[0] = static_cast<std::uint8_t>(0x80 | (in.padding ? 0x20 : 0) | (at > fixed ? 0x10 : 0) |
                                    in.sources.size() / 4);
  to[1] = static_cast<std::uint8_t>((head.marker ? 0x80 : 0) | head.payload_type);
  write16(&to[2], head.sequence);
  write32(&to[4], head.timestamp);
  write32(&to[8], head.ssrc);
  at += first;
  if (!in.payload.empty()) std::memcpy(&to[at], in.payload.data(), in.payload.size());
  at += in.payload.size();
  if (in.padding) {
    std::memset(&to[at], 0, in.padding);
    at += in.padding;
    to[at - 1] = in.padding;
  }
  return at;
}

} // namespace strowger::media
