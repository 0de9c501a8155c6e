#include "media/sound_wav.hpp"

#include "core/limits.hpp"
#include "media/sound_formats.hpp"

#include <algorithm>
#include <string_view>

namespace strowger::media {
namespace {

constexpr std::uint32_t rate = 8'000;
constexpr std::size_t frame_bytes = 160; // 20 ms

template <class T> void put(std::vector<std::uint8_t>& out, T what) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<std::uint8_t>(what >> (8 * i)));
}
void put_text(std::vector<std::uint8_t>& out, std::string_view what) {
  out.insert(out.end(), what.begin(), what.end());
}
std::uint32_t take32(std::span<const std::uint8_t> from) {
  return from[0] | from[1] << 8 | from[2] << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

} // namespace

std::vector<std::uint8_t> wav::head(std::uint16_t format, std::uint64_t bytes) {
  const auto sound = static_cast<std::uint32_t>(bytes);
  std::vector<std::uint8_t> out;
  put_text(out, "RIFF");
  put(out, static_cast<std::uint32_t>(head_bytes - 8 + sound + sound % 2));
  put_text(out, "WAVEfmt ");
  put(out, std::uint32_t{18});
  put(out, format);
  put(out, std::uint16_t{1}); // channel
  put(out, rate);
  put(out, rate);             // bytes a second
  put(out, std::uint16_t{1}); // bytes a sample
  put(out, std::uint16_t{8}); // bits
  put(out, std::uint16_t{0}); // no more of the format
  put_text(out, "fact");
  put(out, std::uint32_t{4});
  put(out, sound);
  put_text(out, "data");
  put(out, sound);
  return out;
}

std::vector<frame> read_g711_wav(std::span<const std::uint8_t> file, sound which) {
  const auto is = [&](std::size_t at, std::string_view word) {
    return std::equal(word.begin(), word.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
  };
  if (file.size() < 12 || !is(0, "RIFF") || !is(8, "WAVE")) return {};
  bool known = false;
  std::vector<frame> out;
  for (std::size_t at = 12; file.size() - at >= 8;) {
    const std::size_t size = take32(file.subspan(at + 4));
    const auto body = file.subspan(at + 8);
    if (size > body.size()) return {};
    if (is(at, "fmt ")) {
      const auto format = which == sound::ulaw ? wav::format_ulaw : wav::format_alaw;
      known = size >= 16 && body[0] == format && body[1] == 0 && body[2] == 1 && body[3] == 0 &&
              take32(body.subspan(4)) == rate && body[14] == 8;
      if (!known) return {};
    }
    if (is(at, "data") && known) {
      for (std::size_t i = 0; i + frame_bytes <= size; i += frame_bytes) {
        if (out.size() == limits::media_player_frames_max) break;
        const auto part = body.subspan(i, frame_bytes);
        out.push_back({{part.begin(), part.end()}, frame_bytes, false});
      }
      return out;
    }
    at += 8 + std::min(size + size % 2, body.size());
  }
  return {};
}

} // namespace strowger::media
