// Sound in files: Ogg Opus (RFC 7845) and G.711 in WAV, as bytes that come one after the other. A
// file that was cut off can be read up to there. Pure.
#pragma once

#include "media/relay_types.hpp"
#include "media/sound_ogg.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace strowger::media {

enum class sound : std::uint8_t { opus, ulaw, alaw };
// "audio/opus", "audio/PCMU", "audio/PCMA", in any case.
std::optional<sound> sound_of(std::string_view mime);
std::uint32_t rate_of(sound which);      // of RTP timestamps: 48,000 or 8,000 Hz
std::string_view ending_of(sound which); // ".opus" | ".wav"
media::codec codec_of(sound which);      // as a player needs it

// How long one Opus packet is, in samples at 48 kHz (RFC 6716, section 3); 0: malformed.
std::uint32_t opus_samples(std::span<const std::uint8_t> packet);
// The same for an RTP payload of any of them.
std::uint32_t samples_in(sound which, std::span<const std::uint8_t> payload);

// ---- reading: what a player plays, of at most limits::media_player_frames_max frames. Empty: the
// file is not what it should be.
std::vector<frame> read_ogg_opus(std::span<const std::uint8_t> file); // mono or stereo, family 0
std::vector<frame> read_g711_wav(std::span<const std::uint8_t> file, sound which); // 8 kHz, mono

// ---- writing: bytes to append, but for what head() says.
class sound_writer {
public:
  // `serial`: of the Ogg stream, any number.
  sound_writer(sound which, std::uint32_t serial);

  std::vector<std::uint8_t> begin();
  // One RTP payload, `silence` samples after the end of what is there. Empty or malformed payloads
  // are silence. What is complete comes back; the rest with the next call, or with pause().
  std::vector<std::uint8_t> add(std::span<const std::uint8_t> payload, std::uint64_t silence);
  std::vector<std::uint8_t> flush(); // what is held back: a crash loses nothing before it
  std::vector<std::uint8_t> end();
  // The first bytes as they have to be by now; nothing where they stay what they were.
  std::vector<std::uint8_t> head() const;

  std::uint64_t samples() const { return samples_; } // so far
  std::int64_t length_ms() const;

private:
  void add_silence(std::uint64_t samples, std::vector<std::uint8_t>& out);
  void page_when_due(std::vector<std::uint8_t>& out);

  const sound which_;
  ogg::writer pages_;
  std::uint64_t samples_ = 0, paged_ = 0;
};

// A file that was left without its end: so many of its bytes are whole, so long it is, and these
// are its first bytes then.
struct mended {
  std::uint64_t bytes = 0, samples = 0;
  std::vector<std::uint8_t> head;
};
mended mend(sound which, std::span<const std::uint8_t> file);

} // namespace strowger::media
