// Which codec of a producer a consumer may have, and in whose numbers (ORTC, as mediasoup does it).
#include "protocol/mediasoup/mediasoup.hpp"

#include <algorithm>

namespace strowger::protocol::mediasoup {
namespace {

constexpr std::string_view mid_uri = "urn:ietf:params:rtp-hdrext:sdes:mid";

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string text_of(const parameters& all, std::string_view name, std::string preset) {
  for (const auto& [key, content] : all) {
    if (key != name) continue;
    const auto* number = std::get_if<std::int64_t>(&content);
    return number ? std::to_string(*number) : std::get<std::string>(content);
  }
  return preset;
}

// RFC 6184, section 8.1: the profile is the first byte and what is constrained of it; the level
// may differ.
std::string profile_of(const codec& c) {
  auto id = text_of(c.parameters, "profile-level-id", "42001f");
  if (id.size() != 6) return {};
  std::ranges::transform(id, id.begin(), [](unsigned char x) { return std::tolower(x); });
  return id == "42e01f" || id.starts_with("42e0") || id.starts_with("42c0") ? "constrained"
                                                                            : id.substr(0, 4);
}

bool same(const codec& a, const codec& b) {
  if (!same_text(a.mime, b.mime) || a.clock_rate != b.clock_rate) return false;
  if (a.kind() == media_kind::audio) return a.channels == b.channels;
  if (!same_text(a.mime, "video/H264")) return true;
  return text_of(a.parameters, "packetization-mode", "0") ==
             text_of(b.parameters, "packetization-mode", "0") &&
         profile_of(a) == profile_of(b);
}

bool repairs(const codec& c, std::uint8_t repaired) {
  return c.repairs() && text_of(c.parameters, "apt", "") == std::to_string(repaired);
}

const codec* repair_of(const std::vector<codec>& all, std::uint8_t repaired) {
  const auto it = std::ranges::find_if(all, [&](const codec& c) { return repairs(c, repaired); });
  return it == all.end() ? nullptr : &*it;
}

// What carries the medium: neither retransmission nor digits.
const codec* main_codec(const rtp_parameters& p) {
  for (const auto& c : p.codecs)
    if (!c.repairs() && !same_text(c.mime, "audio/telephone-event")) return &c;
  return nullptr;
}

const codec* found_in(const std::vector<codec>& all, const codec& what) {
  const auto it = std::ranges::find_if(all, [&](const codec& c) { return same(c, what); });
  return it == all.end() ? nullptr : &*it;
}

// The client may name an extension for one kind only and take it for both (it does: see the
// captures), so the uri decides.
std::vector<header_extension> extensions_for(media_kind kind, const rtp_capabilities& client) {
  std::vector<header_extension> out;
  for (const auto& e : router_capabilities().extensions) {
    if (e.of != kind || e.uri == mid_uri) continue;
    const bool known = std::ranges::any_of(
        client.extensions, [&](const header_extension& c) { return c.uri == e.uri; });
    if (known) out.push_back({e.uri, e.id, {}});
  }
  return out;
}

std::vector<rtcp_feedback> common(const std::vector<rtcp_feedback>& a,
                                  const std::vector<rtcp_feedback>& b) {
  std::vector<rtcp_feedback> out;
  for (const auto& each : a)
    if (std::ranges::find(b, each) != b.end()) out.push_back(each);
  return out;
}

} // namespace

const codec* router_codec(const codec& what) {
  return what.repairs() ? nullptr : found_in(router_capabilities().codecs, what);
}

std::optional<failure> unsupported(const rtp_parameters& producer, media_kind kind) {
  const auto* first = main_codec(producer);
  if (!first) return failure{errc::codec_not_supported, std::string{name_of(kind)}, 0};
  for (const auto& c : producer.codecs) {
    if (c.kind() != kind) return failure{errc::codec_not_supported, c.mime, 0};
    if (!c.repairs() && !router_codec(c)) return failure{errc::codec_not_supported, c.mime, 0};
  }
  return std::nullopt;
}

std::optional<rtp_parameters> consumer_parameters(const rtp_parameters& producer, media_kind kind,
                                                  const rtp_capabilities& client) {
  const auto* sent = main_codec(producer);
  const auto* ours = sent ? router_codec(*sent) : nullptr;
  const auto* theirs = ours ? found_in(client.codecs, *ours) : nullptr;
  if (!theirs || theirs->payload_type != ours->payload_type) return std::nullopt;
  rtp_parameters out;
  auto told = *ours;
  told.parameters = sent->parameters;
  told.feedback = common(ours->feedback, theirs->feedback);
  out.codecs.push_back(std::move(told));
  const auto* repair = repair_of(router_capabilities().codecs, ours->payload_type);
  if (repair && repair_of(client.codecs, ours->payload_type) &&
      repair_of(producer.codecs, sent->payload_type))
    out.codecs.push_back(*repair);
  out.extensions = extensions_for(kind, client);
  out.encodings.emplace_back();
  out.cname = producer.cname;
  return out;
}

} // namespace strowger::protocol::mediasoup
