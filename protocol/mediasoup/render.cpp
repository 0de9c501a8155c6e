#include "protocol/mediasoup/mediasoup.hpp"

namespace strowger::protocol::mediasoup {
namespace {

value object() { return value{value::object{}}; }

value render(const parameters& what) {
  auto out = object();
  for (const auto& [name, content] : what)
    std::visit([&](const auto& x) { out.set(name, x); }, content);
  return out;
}

value render(const std::vector<rtcp_feedback>& what) {
  value::array out;
  for (const auto& f : what)
    out.push_back(object().set("type", f.type).set("parameter", f.parameter));
  return out;
}

value render_codec(const codec& c, std::string_view number) {
  auto out = object();
  out.set("mimeType", c.mime).set(number, c.payload_type).set("clockRate", c.clock_rate);
  if (c.kind() == media_kind::audio) out.set("channels", c.channels);
  return out.set("parameters", render(c.parameters)).set("rtcpFeedback", render(c.feedback));
}

value render_encoding(const encoding& e) {
  auto out = object();
  if (e.ssrc) out.set("ssrc", e.ssrc);
  if (e.rtx_ssrc) out.set("rtx", object().set("ssrc", e.rtx_ssrc));
  return out;
}

value render_candidate(const candidate& c) {
  auto out = object();
  out.set("foundation", c.foundation)
      .set("priority", c.priority)
      .set("ip", c.ip)
      .set("address", c.ip)
      .set("protocol", c.tcp ? "tcp" : "udp")
      .set("port", c.port)
      .set("type", "host");
  return c.tcp ? out.set("tcpType", "passive") : out;
}

} // namespace

value render(const rtp_capabilities& what) {
  value::array codecs, extensions;
  for (const auto& c : what.codecs) {
    auto told = render_codec(c, "preferredPayloadType");
    codecs.push_back(told.set("kind", name_of(c.kind())));
  }
  for (const auto& e : what.extensions) {
    auto told = object();
    if (e.of) told.set("kind", name_of(*e.of));
    extensions.push_back(told.set("uri", e.uri)
                             .set("preferredId", e.id)
                             .set("preferredEncrypt", false)
                             .set("direction", "sendrecv"));
  }
  return object().set("codecs", std::move(codecs)).set("headerExtensions", std::move(extensions));
}

value render(const rtp_parameters& what) {
  value::array codecs, extensions, encodings;
  for (const auto& c : what.codecs) codecs.push_back(render_codec(c, "payloadType"));
  for (const auto& e : what.extensions)
    extensions.push_back(object()
                             .set("uri", e.uri)
                             .set("id", e.id)
                             .set("encrypt", false)
                             .set("parameters", object()));
  for (const auto& e : what.encodings) encodings.push_back(render_encoding(e));
  auto out = object();
  if (!what.mid.empty()) out.set("mid", what.mid);
  return out.set("codecs", std::move(codecs))
      .set("headerExtensions", std::move(extensions))
      .set("encodings", std::move(encodings))
      .set("rtcp", object().set("cname", what.cname).set("reducedSize", true).set("mux", true));
}

value render_ice(std::string_view ufrag, std::string_view password) {
  return object().set("usernameFragment", ufrag).set("password", password).set("iceLite", true);
}

value render(const transport_view& what) {
  value::array candidates, fingerprints;
  for (const auto& c : what.candidates) candidates.push_back(render_candidate(c));
  for (const auto& f : what.fingerprints)
    fingerprints.push_back(object().set("algorithm", f.algorithm).set("value", f.value));
  return object()
      .set("id", what.id)
      .set("transportId", what.id)
      .set("iceParameters", render_ice(what.ufrag, what.password))
      .set("iceCandidates", std::move(candidates))
      .set("dtlsParameters",
           object().set("role", "auto").set("fingerprints", std::move(fingerprints)));
}

} // namespace strowger::protocol::mediasoup
