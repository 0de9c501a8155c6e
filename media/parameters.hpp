// What the relay is told about RTP: codecs, header extensions, encodings. Plain values, no I/O.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace strowger::media {

enum class kind : std::uint8_t { audio, video };

struct feedback { // a=rtcp-fb: {"nack", "pli"}, {"transport-cc", ""}, {"goog-remb", ""} ...
  std::string type;
  std::string parameter;
  bool operator==(const feedback&) const = default;
};

struct codec {
  std::string mime;              // "audio/opus", "video/VP8", "video/rtx", "audio/telephone-event"
  std::uint8_t payload_type = 0; // 0..127
  std::uint32_t clock_rate = 0;  // Hz
  std::uint8_t channels = 1;     // audio; what says nothing has one
  // a=fmtp, by name, in any order; "apt" of video/rtx names the payload type it repairs.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<feedback> rtcp_feedback;
  bool operator==(const codec&) const = default;
};

struct header_extension { // RFC 8285
  std::string uri;
  std::uint8_t id = 0; // 1..14: the one-byte form; up to 255: two bytes
  bool operator==(const header_extension&) const = default;
};

struct encoding {
  std::uint32_t ssrc = 0;     // 0: learned from the first packet (mid, then payload type)
  std::uint32_t rtx_ssrc = 0; // 0: no retransmission stream (RFC 4588)
  std::string rid;            // kept for the record; of several encodings the first is forwarded
  bool operator==(const encoding&) const = default;
};

// Of a producer: what its client sends, in the client's numbers. Of a consumer: what its client
// expects. Which codec becomes which is found by mime type, clock rate and channels (H.264 also by
// packetization-mode), so a consumer survives a change of its producer.
struct rtp_parameters {
  std::string mid; // empty: none is sent or expected
  std::vector<codec> codecs;
  std::vector<header_extension> header_extensions;
  std::vector<encoding> encodings;
  std::string cname;
  bool operator==(const rtp_parameters&) const = default;
};

namespace uri { // header extensions that the relay understands; others pass as they are
inline constexpr auto mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
inline constexpr auto audio_level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
inline constexpr auto abs_send_time = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
inline constexpr auto transport_cc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
} // namespace uri

} // namespace strowger::media
