#include "media/sound_ogg.hpp"

#include <algorithm>
#include <array>

namespace strowger::media::ogg {
namespace {

constexpr std::size_t head_bytes = 27;
constexpr std::size_t checksum_at = 22;
constexpr std::size_t segments_max = 255;
constexpr std::uint8_t full_segment = 255; // another follows
constexpr std::array<std::uint8_t, 5> begins{'O', 'g', 'g', 'S', 0};

constexpr std::array<std::uint32_t, 256> table = [] {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    auto r = i << 24;
    for (int bit = 0; bit < 8; ++bit) r = r << 1 ^ (r >> 31 ? 0x04c11db7U : 0U);
    out[i] = r;
  }
  return out;
}();

template <class T> void put(std::vector<std::uint8_t>& out, T what) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<std::uint8_t>(what >> (8 * i)));
}
template <class T> T take(std::span<const std::uint8_t> from, std::size_t at) {
  T out = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) out |= static_cast<T>(from[at + i]) << (8 * i);
  return out;
}

std::uint32_t step(std::uint32_t so_far, std::uint8_t byte) {
  return so_far << 8 ^ table[so_far >> 24 ^ byte];
}

} // namespace

std::uint32_t checksum(std::span<const std::uint8_t> page) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < page.size(); ++i)
    out = step(out, i >= checksum_at && i < checksum_at + 4 ? 0 : page[i]);
  return out;
}

std::optional<page> read_page(std::span<const std::uint8_t> from) {
  if (from.size() < head_bytes || !std::ranges::equal(from.first(begins.size()), begins))
    return std::nullopt;
  const std::size_t segments = from[26];
  if (from.size() < head_bytes + segments) return std::nullopt;
  page out;
  out.lacing = from.subspan(head_bytes, segments);
  std::size_t bytes = 0;
  for (const auto each : out.lacing) bytes += each;
  out.size = head_bytes + segments + bytes;
  if (from.size() < out.size) return std::nullopt;
  out.body = from.subspan(head_bytes + segments, bytes);
  if (checksum(from.first(out.size)) != take<std::uint32_t>(from, checksum_at)) return std::nullopt;
  out.continues = from[5] & 1;
  out.first = from[5] & 2;
  out.last = from[5] & 4;
  out.granule = take<std::uint64_t>(from, 6);
  out.serial = take<std::uint32_t>(from, 14);
  out.sequence = take<std::uint32_t>(from, 18);
  return out;
}

std::optional<std::vector<packet>> read_packets(std::span<const std::uint8_t> file) {
  std::vector<packet> out;
  std::vector<std::uint8_t> open; // of a packet that goes on
  bool goes_on = false, ended = false;
  std::uint32_t serial = 0, sequence = 0;
  while (!file.empty()) {
    const auto p = read_page(file);
    if (!p || ended || p->continues != goes_on) return std::nullopt;
    if (out.empty() && !goes_on && sequence == 0) serial = p->serial;
    if (p->serial != serial || p->sequence != sequence || p->first != (sequence == 0))
      return std::nullopt;
    ++sequence;
    ended = p->last;
    std::size_t at = 0;
    for (const auto length : p->lacing) {
      const auto part = p->body.subspan(at, length);
      open.insert(open.end(), part.begin(), part.end());
      at += length;
      goes_on = length == full_segment;
      if (goes_on) continue;
      out.push_back({std::move(open), p->granule});
      open.clear();
    }
    file = file.subspan(p->size);
  }
  if (goes_on) return std::nullopt;
  return out;
}

bool writer::add(std::span<const std::uint8_t> packet, std::uint64_t granule,
                 std::vector<std::uint8_t>& out) {
  const auto segments = packet.size() / full_segment + 1;
  if (segments > segments_max) return false;
  if (lacing_.size() + segments > segments_max) flush(false, out);
  lacing_.insert(lacing_.end(), segments - 1, full_segment);
  lacing_.push_back(static_cast<std::uint8_t>(packet.size() % full_segment));
  body_.insert(body_.end(), packet.begin(), packet.end());
  granule_ = granule;
  return true;
}

void writer::flush(bool last, std::vector<std::uint8_t>& out) {
  if (lacing_.empty() && !last) return;
  const auto begin = out.size();
  out.insert(out.end(), begins.begin(), begins.end());
  out.push_back(static_cast<std::uint8_t>((sequence_ == 0 ? 2 : 0) | (last ? 4 : 0)));
  put(out, granule_);
  put(out, serial_);
  put(out, sequence_++);
  put(out, std::uint32_t{0});
  out.push_back(static_cast<std::uint8_t>(lacing_.size()));
  out.insert(out.end(), lacing_.begin(), lacing_.end());
  out.insert(out.end(), body_.begin(), body_.end());
  const auto sum = checksum(std::span{out}.subspan(begin));
  for (std::size_t i = 0; i < 4; ++i)
    out[begin + checksum_at + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  lacing_.clear();
  body_.clear();
}

} // namespace strowger::media::ogg
