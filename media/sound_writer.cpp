#include "media/sound_formats.hpp"
#include "media/sound_wav.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace strowger::media {
namespace {

constexpr std::uint64_t page_samples = 48'000;     // a page a second
constexpr std::uint64_t concealed_samples = 4'800; // longer gaps are silence
// Opus packets of digital silence, CELT only, from 20 ms down to 2.5 ms.
struct quiet {
  std::uint64_t samples;
  std::array<std::uint8_t, 3> packet;
};
constexpr std::array quiets{quiet{960, {0xf8, 0xff, 0xfe}}, quiet{480, {0xf0, 0xff, 0xfe}},
                            quiet{240, {0xe8, 0xff, 0xfe}}, quiet{120, {0xe0, 0xff, 0xfe}}};
constexpr std::uint8_t quiet_ulaw = 0xff, quiet_alaw = 0xd5;

void put(std::vector<std::uint8_t>& out, std::string_view what) {
  out.insert(out.end(), what.begin(), what.end());
}

// RFC 7845, section 5.1: version 1, stereo, nothing to skip, 48 kHz, no gain, family 0.
std::vector<std::uint8_t> opus_head() {
  std::vector<std::uint8_t> out;
  put(out, "OpusHead");
  for (const std::uint8_t each : {1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0}) out.push_back(each);
  return out;
}

// Section 5.2: who wrote it, and nothing else.
std::vector<std::uint8_t> opus_tags() {
  static constexpr std::string_view vendor = "Strowger";
  std::vector<std::uint8_t> out;
  put(out, "OpusTags");
  out.insert(out.end(), {static_cast<std::uint8_t>(vendor.size()), 0, 0, 0});
  put(out, vendor);
  out.insert(out.end(), 4, 0);
  return out;
}

std::uint16_t format_of(sound which) {
  return which == sound::ulaw ? wav::format_ulaw : wav::format_alaw;
}

} // namespace

sound_writer::sound_writer(sound which, std::uint32_t serial) : which_(which), pages_(serial) {}

std::vector<std::uint8_t> sound_writer::begin() {
  if (which_ != sound::opus) return wav::head(format_of(which_), 0);
  std::vector<std::uint8_t> out;
  pages_.add(opus_head(), 0, out);
  pages_.flush(false, out);
  pages_.add(opus_tags(), 0, out);
  pages_.flush(false, out);
  return out;
}

std::vector<std::uint8_t> sound_writer::add(std::span<const std::uint8_t> payload,
                                            std::uint64_t silence) {
  std::vector<std::uint8_t> out;
  const auto long_ = samples_in(which_, payload);
  if (which_ != sound::opus) {
    out.assign(silence, which_ == sound::ulaw ? quiet_ulaw : quiet_alaw);
    out.insert(out.end(), payload.begin(), payload.end());
    samples_ += out.size();
    return out;
  }
  // A short gap is a loss, which a decoder conceals when it is told so: frames without content.
  if (long_ != 0 && silence <= concealed_samples && (payload[0] & 3) == 0)
    for (const std::uint8_t lost = payload[0]; silence >= long_; silence -= long_) {
      samples_ += long_;
      pages_.add({&lost, 1}, samples_, out);
    }
  add_silence(silence, out);
  if (long_ == 0) return out;
  samples_ += long_;
  pages_.add(payload, samples_, out);
  page_when_due(out);
  return out;
}

void sound_writer::add_silence(std::uint64_t samples, std::vector<std::uint8_t>& out) {
  for (const auto& each : quiets)
    for (; samples >= each.samples; samples -= each.samples) {
      samples_ += each.samples;
      pages_.add(each.packet, samples_, out);
      page_when_due(out);
    }
}

void sound_writer::page_when_due(std::vector<std::uint8_t>& out) {
  if (samples_ - paged_ < page_samples) return;
  paged_ = samples_;
  pages_.flush(false, out);
}

std::vector<std::uint8_t> sound_writer::flush() {
  std::vector<std::uint8_t> out;
  paged_ = samples_;
  pages_.flush(false, out);
  return out;
}

std::vector<std::uint8_t> sound_writer::end() {
  std::vector<std::uint8_t> out;
  if (which_ == sound::opus)
    pages_.flush(true, out);
  else if (samples_ % 2 != 0)
    out.push_back(0);
  return out;
}

std::vector<std::uint8_t> sound_writer::head() const {
  if (which_ == sound::opus) return {};
  return wav::head(format_of(which_), samples_);
}

std::int64_t sound_writer::length_ms() const {
  return static_cast<std::int64_t>(samples_ * 1000 / rate_of(which_));
}

mended mend(sound which, std::span<const std::uint8_t> file) {
  mended out;
  if (which != sound::opus) {
    if (file.size() < wav::head_bytes) return out;
    out.bytes = file.size();
    out.samples = file.size() - wav::head_bytes;
    // One that has its end keeps it: its digest may be in the log.
    for (const std::uint64_t padded : {0U, 1U}) {
      if (out.samples < padded) break;
      out.head = wav::head(format_of(which), out.samples - padded);
      const bool same = std::equal(out.head.begin(), out.head.end(), file.begin());
      if (same && (out.samples - padded) % 2 == padded) {
        out.samples -= padded;
        return out;
      }
    }
    out.head = wav::head(format_of(which), out.samples);
    return out;
  }
  while (const auto page = ogg::read_page(file.subspan(out.bytes))) {
    out.bytes += page->size;
    out.samples = page->granule;
  }
  return out;
}

} // namespace strowger::media
