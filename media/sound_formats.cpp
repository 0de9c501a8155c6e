#include "media/sound_formats.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <array>

namespace strowger::media {
namespace {

constexpr std::array opus_config_samples{480U, 960U, 1920U, 2880U}; // SILK: 10, 20, 40, 60 ms
constexpr std::uint32_t opus_samples_max = 5'760;                   // 120 ms

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::uint32_t frame_samples(std::uint8_t toc) {
  const unsigned config = toc >> 3;
  if (config < 12) return opus_config_samples[config & 3];
  if (config < 16) return opus_config_samples[config & 1];
  return 120U << (config & 3); // CELT: 2.5, 5, 10, 20 ms
}

} // namespace

std::optional<sound> sound_of(std::string_view mime) {
  if (same_word(mime, "audio/opus")) return sound::opus;
  if (same_word(mime, "audio/pcmu")) return sound::ulaw;
  if (same_word(mime, "audio/pcma")) return sound::alaw;
  return std::nullopt;
}

std::uint32_t rate_of(sound which) { return which == sound::opus ? 48'000 : 8'000; }

std::string_view ending_of(sound which) { return which == sound::opus ? ".opus" : ".wav"; }

media::codec codec_of(sound which) {
  if (which == sound::opus) return {"audio/opus", 100, 48'000, 2, {}, {}};
  const bool ulaw = which == sound::ulaw;
  return {ulaw ? "audio/PCMU" : "audio/PCMA",
          static_cast<std::uint8_t>(ulaw ? 0 : 8),
          8'000,
          1,
          {},
          {}};
}

std::uint32_t opus_samples(std::span<const std::uint8_t> packet) {
  if (packet.empty()) return 0;
  const auto one = frame_samples(packet[0]);
  const unsigned code = packet[0] & 3;
  if (code < 3) return code == 0 ? one : 2 * one;
  if (packet.size() < 2) return 0;
  const auto all = one * (packet[1] & 0x3fU);
  return all <= opus_samples_max ? all : 0;
}

std::uint32_t samples_in(sound which, std::span<const std::uint8_t> payload) {
  if (which == sound::opus) return opus_samples(payload);
  return static_cast<std::uint32_t>(payload.size());
}

std::vector<frame> read_ogg_opus(std::span<const std::uint8_t> file) {
  const auto packets = ogg::read_packets(file);
  if (!packets || packets->size() < 3) return {};
  const auto& head = packets->front().content;
  static constexpr std::string_view magic = "OpusHead";
  const bool plain = head.size() >= 19 && std::equal(magic.begin(), magic.end(), head.begin()) &&
                     head[8] >> 4 == 0 && (head[9] == 1 || head[9] == 2) && head[18] == 0;
  if (!plain) return {};
  std::vector<frame> out;
  for (std::size_t i = 2; i < packets->size(); ++i) {
    const auto& each = (*packets)[i].content;
    const auto ticks = opus_samples(each);
    if (ticks == 0 || each.size() > limits::media_datagram_bytes_max - 100) return {};
    if (out.size() == limits::media_player_frames_max) break;
    out.push_back({each, ticks, false});
  }
  return out;
}

} // namespace strowger::media
