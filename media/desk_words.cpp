// Between the wire's words and the relay's.
#include "media/desk.hpp"

#include "core/decision.hpp"

namespace strowger::media {
namespace {

using protocol::value;

std::string text_of(const wire::parameter& p) {
  return std::visit(overloaded{[](std::int64_t n) { return std::to_string(n); },
                               [](const std::string& s) { return s; }},
                    p);
}

std::string_view name_of(dtls_state s) {
  switch (s) {
  case dtls_state::idle:
    return "new";
  case dtls_state::connecting:
    return "connecting";
  case dtls_state::connected:
    return "connected";
  case dtls_state::failed:
    return "failed";
  case dtls_state::closed:
    break;
  }
  return "closed";
}

std::int64_t micro(double ms) { return static_cast<std::int64_t>(ms * 1000); }

} // namespace

failure failure_of(refusal why) {
  switch (why) {
  case refusal::unknown_transport:
    return {errc::transport_unknown, {}, 0};
  case refusal::unknown_producer:
    return {errc::producer_unknown, {}, 0};
  case refusal::unknown_consumer:
    return {errc::consumer_unknown, {}, 0};
  case refusal::already_connected:
    return {errc::transport_connected, {}, 0};
  case refusal::weak_fingerprint:
    return {errc::value_out_of_range, "dtlsParameters.fingerprints", 0};
  case refusal::malformed:
    return {errc::value_out_of_range, "rtpParameters", 0};
  case refusal::wrong_direction:
    return {errc::wrong_direction, {}, 0};
  case refusal::ssrc_taken:
    return {errc::value_out_of_range, "rtpParameters.encodings[0].ssrc", 0};
  case refusal::codec_mismatch:
    return {errc::cannot_consume, {}, 0};
  case refusal::too_many:
    return {errc::too_many_streams, {}, 0};
  case refusal::stopped:
  case refusal::none:
    break;
  }
  return {errc::media_unavailable, {}, 0};
}

rtp_parameters to_relay(const wire::rtp_parameters& what) {
  rtp_parameters out;
  out.mid = what.mid;
  out.cname = what.cname;
  for (const auto& c : what.codecs) {
    codec each{c.mime, c.payload_type, c.clock_rate, c.channels, {}, {}};
    for (const auto& [name, content] : c.parameters)
      each.parameters.emplace_back(name, text_of(content));
    for (const auto& f : c.feedback) each.rtcp_feedback.push_back({f.type, f.parameter});
    out.codecs.push_back(std::move(each));
  }
  for (const auto& e : what.extensions) out.header_extensions.push_back({e.uri, e.id});
  for (const auto& e : what.encodings) out.encodings.push_back({e.ssrc, e.rtx_ssrc, e.rid});
  return out;
}

value render(const transport_stats& what) {
  value out{value::object{}};
  out.set("transportId", what.id.value)
      .set("dtlsState", name_of(what.dtls))
      .set("srtpProfile", what.srtp_profile)
      .set("selectedTuple", what.selected_tuple)
      .set("packetsReceived", what.packets_in)
      .set("bytesReceived", what.bytes_in)
      .set("packetsSent", what.packets_out)
      .set("bytesSent", what.bytes_out)
      .set("packetsDropped", what.dropped);
  if (what.last_packet_ms) out.set("lastPacketMs", *what.last_packet_ms);
  return out;
}

value render(const stream_stats& what) {
  value out{value::object{}};
  out.set("packetCount", what.packets)
      .set("byteCount", what.bytes)
      .set("packetsLost", what.lost)
      .set("fractionLostPerMille", static_cast<std::int64_t>(what.fraction_lost * 1000))
      .set("jitterUs", micro(what.jitter_ms))
      .set("nackCount", what.nacks)
      .set("pliCount", what.plis)
      .set("paused", what.paused);
  if (what.rtt_ms) out.set("roundTripTimeUs", micro(*what.rtt_ms));
  if (what.last_packet_ms) out.set("lastPacketMs", *what.last_packet_ms);
  return out;
}

} // namespace strowger::media
