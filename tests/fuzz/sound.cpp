// Files of sound: what is read, written anew and read again is the same; what is mended is whole.
// The checksums of Ogg pages are made right first, or nothing behind them would be reached.
#include "media/sound_formats.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <vector>

namespace strowger::fuzz {
namespace {

using octets = std::vector<std::uint8_t>;

octets with_checksums(bytes in) {
  octets out{in.begin(), in.end()};
  for (std::size_t at = 0; at + 27 <= out.size();) {
    const std::size_t segments = out[at + 26];
    std::size_t size = 27 + segments;
    if (at + size > out.size()) break;
    for (std::size_t i = 0; i < segments; ++i) size += out[at + 27 + i];
    if (at + size > out.size()) break;
    const auto sum = media::ogg::checksum(std::span{out}.subspan(at, size));
    for (std::size_t i = 0; i < 4; ++i)
      out[at + 22 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
    at += size;
  }
  return out;
}

void opus(const octets& file) {
  const auto frames = media::read_ogg_opus(file);
  if (frames.empty()) return;
  media::sound_writer w{media::sound::opus, 1};
  auto again = w.begin();
  const auto add = [&](const octets& more) { again.insert(again.end(), more.begin(), more.end()); };
  std::uint64_t samples = 0;
  for (const auto& f : frames) {
    add(w.add(f.payload, 0));
    samples += f.ticks;
  }
  add(w.end());
  check(w.samples() == samples, "nothing is longer or shorter");
  const auto back = media::read_ogg_opus(again);
  check(back.size() == frames.size(), "as many packets come back");
  for (std::size_t i = 0; i < back.size(); ++i)
    check(back[i].payload == frames[i].payload, "as they were");
}

} // namespace

void one(bytes in) {
  const auto file = with_checksums(in);
  opus(file);
  for (const auto which : {media::sound::ulaw, media::sound::alaw}) media::read_g711_wav(in, which);
  for (const auto which : {media::sound::opus, media::sound::ulaw}) {
    const auto left = media::mend(which, file);
    check(left.bytes <= file.size() && left.head.size() <= left.bytes, "a file does not grow");
    check(media::opus_samples(in) <= 5'760, "no packet is longer than 120 ms");
  }
}

} // namespace strowger::fuzz
