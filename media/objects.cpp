#include "media/objects.hpp"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace strowger::media {
namespace {

bool same_text(const std::string& a, const std::string& b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string parameter(const codec& of, std::string_view name) {
  for (const auto& [key, value] : of.parameters)
    if (key == name) return value;
  return {};
}

bool is_repair(const codec& c) {
  const auto slash = c.mime.find('/');
  return slash != std::string::npos && same_text(c.mime.substr(slash + 1), "rtx");
}

// Sound that goes with a codec and is none itself.
bool is_auxiliary(const codec& c) {
  return is_repair(c) || same_text(c.mime, "audio/telephone-event") ||
         same_text(c.mime, "audio/CN");
}

std::uint8_t repaired_type(const codec& c) {
  const auto text = parameter(c, "apt");
  unsigned out = no_payload_type;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out < 128 ? static_cast<std::uint8_t>(out) : no_payload_type;
}

bool same_codec(const codec& a, const codec& b) {
  if (!same_text(a.mime, b.mime) || a.clock_rate != b.clock_rate) return false;
  if (std::max<int>(a.channels, 1) != std::max<int>(b.channels, 1)) return false;
  if (!same_text(a.mime, "video/H264")) return true;
  const auto mode = [](const codec& c) {
    const auto said = parameter(c, "packetization-mode");
    return said.empty() ? std::string{"0"} : said;
  };
  return mode(a) == mode(b);
}

refusal check(const rtp_parameters& rtp) {
  if (rtp.codecs.empty() || rtp.mid.size() > 16 || rtp.cname.size() > 255)
    return refusal::malformed; // a mid must fit a one-byte extension
  if (rtp.codecs.size() > limits::media_codecs_max ||
      rtp.header_extensions.size() > limits::media_extensions_max)
    return refusal::too_many;
  std::array<bool, 128> seen{};
  for (const auto& c : rtp.codecs) {
    if (c.payload_type > 127 || seen[c.payload_type] || c.clock_rate == 0 ||
        c.clock_rate > 1'000'000 || c.mime.size() > limits::text_bytes_max)
      return refusal::malformed;
    // 64..95 would be taken for RTCP (RFC 5761, section 4)
    if (c.payload_type >= 64 && c.payload_type < 96) return refusal::malformed;
    seen[c.payload_type] = true;
  }
  for (const auto& e : rtp.header_extensions)
    if (e.id == 0 || e.id == 15) return refusal::malformed;
  return refusal::none;
}

std::uint8_t id_of(const rtp_parameters& rtp, std::string_view uri) {
  for (const auto& e : rtp.header_extensions)
    if (e.uri == uri) return e.id;
  return 0;
}

} // namespace

refusal prepare(producer& out) {
  if (const auto why = check(out.rtp); why != refusal::none) return why;
  out.codec_of.fill(no_payload_type);
  out.repaired_by.fill(no_payload_type);
  const codec* first = nullptr;
  for (std::size_t i = 0; i < out.rtp.codecs.size(); ++i) {
    const auto& c = out.rtp.codecs[i];
    if (is_repair(c)) {
      out.repaired_by[c.payload_type] = repaired_type(c);
      continue;
    }
    out.codec_of[c.payload_type] = static_cast<std::uint8_t>(i);
    if (!first && !is_auxiliary(c)) first = &c;
  }
  if (!first) return refusal::malformed;
  out.clock_rate = first->clock_rate;
  out.video = video_codec_of(first->mime);
  for (const auto& f : first->rtcp_feedback) {
    if (f.type == "nack" && f.parameter.empty()) out.nacks = out.kind == kind::video;
    if (f.type == "nack" && f.parameter == "pli") out.plis = true;
    if (f.type == "ccm" && f.parameter == "fir") out.firs = true;
    if (f.type == "goog-remb") out.takes_remb = true;
    if (f.type == "transport-cc") out.transport_cc_id = id_of(out.rtp, uri::transport_cc);
  }
  out.mid_id = id_of(out.rtp, uri::mid);
  return refusal::none;
}

refusal prepare(consumer& out) {
  if (const auto why = check(out.rtp); why != refusal::none) return why;
  out.repair_payload.fill(no_payload_type);
  for (const auto& c : out.rtp.codecs) {
    const auto repaired = is_repair(c) ? repaired_type(c) : no_payload_type;
    if (repaired != no_payload_type) out.repair_payload[repaired] = c.payload_type;
  }
  out.plan = {};
  for (const auto& e : out.rtp.header_extensions)
    if (e.id > 14) out.plan.two_bytes = true;
  if (!out.rtp.mid.empty()) out.plan.mid_id = id_of(out.rtp, uri::mid);
  out.plan.mid = out.rtp.mid;
  out.plan.abs_send_time_id = id_of(out.rtp, uri::abs_send_time);
  return refusal::none;
}

refusal adapt(consumer& out, const producer& to) {
  std::array<std::uint8_t, 128> types;
  types.fill(no_payload_type);
  bool any = false;
  for (const auto& theirs : to.rtp.codecs) {
    if (is_repair(theirs)) continue;
    const auto mine =
        std::ranges::find_if(out.rtp.codecs, [&](const codec& c) { return same_codec(c, theirs); });
    if (mine == out.rtp.codecs.end()) continue;
    types[theirs.payload_type] = mine->payload_type;
    any = any || !is_auxiliary(theirs);
  }
  if (!any || out.kind != to.kind) return refusal::codec_mismatch;
  out.payload_type = types;
  out.clock_rate.fill(to.clock_rate);
  for (const auto& c : to.rtp.codecs) out.clock_rate[c.payload_type] = c.clock_rate;
  out.plan.to.fill(0);
  out.plan.any = false;
  for (const auto& e : to.rtp.header_extensions) {
    // What belongs to one hop the relay writes itself, or leaves out.
    if (e.uri == uri::mid || e.uri == uri::abs_send_time || e.uri == uri::transport_cc) continue;
    const auto id = id_of(out.rtp, e.uri);
    out.plan.to[e.id] = id;
    out.plan.any = out.plan.any || id != 0;
  }
  return refusal::none;
}

} // namespace strowger::media
