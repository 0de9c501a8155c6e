// The dialect of mediasoup-client: RTP capabilities and parameters as its JSON spells them, read
// strictly, negotiated, rendered. Pure; the relay's own words stand in media/.
#pragma once

#include "core/ids.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace strowger::protocol::mediasoup {

enum class media_kind : std::uint8_t { audio, video };
std::string_view name_of(media_kind kind); // "audio" | "video"

struct rtcp_feedback {
  std::string type, parameter;
  bool operator==(const rtcp_feedback&) const = default;
};
// Of a format (a=fmtp). Numbers stay numbers, so that what goes back is what came.
using parameter = std::variant<std::int64_t, std::string>;
using parameters = std::vector<std::pair<std::string, parameter>>;

struct codec {      // of a stream, or of capabilities: then payload_type is the preferred one
  std::string mime; // "audio/opus"
  std::uint8_t payload_type = 0;
  std::uint32_t clock_rate = 0;
  std::uint8_t channels = 1; // audio
  mediasoup::parameters parameters;
  std::vector<rtcp_feedback> feedback;

  media_kind kind() const;
  bool repairs() const; // video/rtx
  bool operator==(const codec&) const = default;
};
struct header_extension {
  std::string uri;
  std::uint8_t id = 0;                          // of capabilities: the preferred one
  std::optional<mediasoup::media_kind> of = {}; // capabilities only; none: both
  bool operator==(const header_extension&) const = default;
};
struct encoding {
  std::uint32_t ssrc = 0, rtx_ssrc = 0; // 0: none
  std::string rid;
  bool operator==(const encoding&) const = default;
};
struct rtp_parameters {
  std::string mid;
  std::vector<codec> codecs;
  std::vector<header_extension> extensions;
  std::vector<encoding> encodings;
  std::string cname;
  bool operator==(const rtp_parameters&) const = default;
};
struct rtp_capabilities {
  std::vector<codec> codecs;
  std::vector<header_extension> extensions;
  bool operator==(const rtp_capabilities&) const = default;
};

// What this server forwards: Opus, PCMU, PCMA, telephone-event; VP8 and H.264 with retransmission.
const rtp_capabilities& router_capabilities();

// ---- what a client says. Faults: missing_field, wrong_type, value_out_of_range; the detail is the
// path ("rtpParameters.codecs[0].payloadType"). Members that are not named here are passed over.
struct create_transport {
  bool from_client = false;    // direction "send"; else "receive" (or "recv")
  std::optional<call_id> call; // of a call that goes on already
};
struct fingerprint {
  std::string algorithm, value;
};
enum class dtls_role : std::uint8_t { automatic, client, server };
struct connect_transport {
  std::string transport;
  dtls_role role{};
  std::vector<fingerprint> fingerprints;
};
struct produce {
  std::string transport;
  media_kind kind{};
  rtp_parameters rtp;
  bool paused = false;
};
struct consume {
  std::string transport, producer;
  rtp_capabilities capabilities;
  bool paused = false;
};
enum class subject : std::uint8_t { transport, producer, consumer };
struct about { // pause, resume, restart-ice, get-stats, close
  subject what{};
  std::string id;
};
outcome<create_transport> parse_create_transport(const value& data);
outcome<connect_transport> parse_connect_transport(const value& data);
outcome<produce> parse_produce(const value& data);
outcome<consume> parse_consume(const value& data);
// Of the subjects allowed the first whose member ("transportId" ...) is there.
outcome<about> parse_about(const value& data, std::vector<subject> allowed);

// ---- negotiation
// Each of the producer's codecs must be one of the router's; codec_not_supported otherwise, with
// the mime type as detail.
std::optional<failure> unsupported(const rtp_parameters& producer, media_kind kind);
// What a consumer of this producer is told, in the router's numbers: its first codec, with
// retransmission where both ends have it. No mid: it would have to be unique in the transport. The
// encoding's SSRCs are the relay's to choose. Nothing: cannot_consume.
std::optional<rtp_parameters> consumer_parameters(const rtp_parameters& producer, media_kind kind,
                                                  const rtp_capabilities& client);
// The codec of the router that this one is, or null. H.264: also by packetization-mode and profile.
const codec* router_codec(const codec& what);

// ---- what a client is told
struct candidate {
  std::string foundation;
  std::uint32_t priority = 0;
  std::string ip;
  std::uint16_t port = 0;
  bool tcp = false;
};
struct transport_view {
  std::string id, ufrag, password;
  std::vector<candidate> candidates;
  std::vector<fingerprint> fingerprints;
};
value render(const rtp_capabilities& what);
value render(const rtp_parameters& what);
value render_ice(std::string_view ufrag, std::string_view password);
value render(const transport_view& what); // the ack of webrtc:create-transport

} // namespace strowger::protocol::mediasoup
