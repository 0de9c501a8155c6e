// Reads what mediasoup-client sends. Every fault names the path of the member that does not fit.
#include "core/limits.hpp"
#include "protocol/mediasoup/mediasoup.hpp"
#include "protocol/reader.hpp"

#include <algorithm>

namespace strowger::protocol::mediasoup {
namespace {

constexpr std::int64_t number_max = 127; // RFC 3551
constexpr std::int64_t extension_max = 255;
constexpr std::int64_t clock_rate_max = 1'000'000;
constexpr std::int64_t channels_max = 8;
constexpr std::int64_t ssrc_max = 0xFFFF'FFFF;
constexpr std::size_t id_bytes_max = 128;
constexpr std::size_t format_bytes_max = 1024;
constexpr std::size_t format_members_max = 64;

// One place in the message and the first fault of all of it.
class place {
public:
  place(const value& here, std::string path, failure& fault) :
      in_(here), path_(std::move(path)), fault_(fault) {
    if (!here.as_object()) note(here.is_null() ? errc::missing_field : errc::wrong_type, {});
  }

  std::string text(std::string_view name, std::size_t most = id_bytes_max) {
    return read([&](reader& in) { return in.text(name, most); });
  }
  std::string maybe_text(std::string_view name, std::size_t most = id_bytes_max) {
    return read([&](reader& in) { return in.maybe_text(name, most).value_or(""); });
  }
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most) {
    return read([&](reader& in) { return in.integer(name, least, most); });
  }
  std::int64_t maybe_integer(std::string_view name, std::int64_t least, std::int64_t most,
                             std::int64_t preset) {
    return read([&](reader& in) { return in.maybe_integer(name, least, most).value_or(preset); });
  }
  bool maybe_flag(std::string_view name) {
    return read([&](reader& in) { return in.maybe_flag(name); });
  }
  bool there(std::string_view name) const {
    const auto* found = in_.find(name);
    return found && !found->is_null();
  }
  const value* raw(std::string_view name) const { return in_.find(name); }
  place inside(std::string_view name) const {
    static const value nothing;
    const auto* found = in_.find(name);
    return {found ? *found : nothing, path_of(name), fault_};
  }
  // Each member of a list of at most `most`, at least `least`; absent counts as empty.
  template <class Read>
  void each(std::string_view name, std::size_t least, std::size_t most, const Read& take) {
    const auto* found = in_.find(name);
    if (!found || found->is_null()) {
      if (least > 0) note(errc::missing_field, name);
      return;
    }
    const auto* list = found->as_array();
    if (!list) return note(errc::wrong_type, name);
    if (list->size() < least || list->size() > most) return note(errc::value_out_of_range, name);
    for (std::size_t i = 0; i < list->size() && ok(); ++i)
      take(place{(*list)[i], path_of(name) + "[" + std::to_string(i) + "]", fault_});
  }
  void note(errc why, std::string_view name) const {
    if (fault_.why == errc::ok) fault_ = {why, path_of(name), 0};
  }
  bool ok() const { return fault_.why == errc::ok; }

private:
  template <class Read> auto read(const Read& what) -> decltype(what(std::declval<reader&>())) {
    if (!in_.as_object()) return {};
    reader in{in_};
    auto out = what(in);
    if (!in.ok()) note(in.fault().why, in.fault().detail);
    return out;
  }
  std::string path_of(std::string_view name) const {
    if (path_.empty() || name.empty()) return path_ + std::string{name};
    return path_ + "." + std::string{name};
  }

  const value& in_;
  std::string path_;
  failure& fault_;
};

parameters read_format(place& at) {
  parameters out;
  if (!at.there("parameters")) return out;
  const auto inside = at.inside("parameters");
  const auto* members = at.raw("parameters")->as_object();
  if (!members) return out;
  if (members->size() > format_members_max) return inside.note(errc::value_out_of_range, {}), out;
  for (const auto& [name, content] : *members) {
    std::int64_t number = 0;
    if (const auto* text = content.as_text(); text && text->size() <= format_bytes_max)
      out.emplace_back(name, *text);
    else if (text)
      inside.note(errc::value_out_of_range, name);
    else if (content.as_integer(number))
      out.emplace_back(name, number);
    else if (!content.is_null())
      inside.note(errc::wrong_type, name);
  }
  return out;
}

bool looks_like(std::string_view mime) { // "audio/x" or "video/x"
  return (mime.starts_with("audio/") || mime.starts_with("video/")) && mime.size() > 6 &&
         mime.find_first_of(" \r\n\t\"") == mime.npos;
}

codec read_codec(place& at, std::string_view number) {
  codec out;
  out.mime = at.text("mimeType", 64);
  if (at.ok() && !looks_like(out.mime)) at.note(errc::value_out_of_range, "mimeType");
  out.payload_type = static_cast<std::uint8_t>(at.integer(number, 0, number_max));
  out.clock_rate = static_cast<std::uint32_t>(at.integer("clockRate", 1, clock_rate_max));
  out.channels = static_cast<std::uint8_t>(at.maybe_integer("channels", 1, channels_max, 1));
  out.parameters = read_format(at);
  at.each("rtcpFeedback", 0, limits::codecs_per_stream_max, [&](place f) {
    out.feedback.push_back({f.text("type", 32), f.maybe_text("parameter", 32)});
  });
  return out;
}

std::vector<header_extension> read_extensions(place& at, std::string_view number) {
  std::vector<header_extension> out;
  at.each("headerExtensions", 0, limits::codecs_per_stream_max, [&](place e) {
    header_extension x;
    x.uri = e.text("uri", limits::text_bytes_max);
    x.id = static_cast<std::uint8_t>(e.integer(number, 1, extension_max));
    const auto kind = e.maybe_text("kind", 8);
    if (kind == "audio")
      x.of = media_kind::audio;
    else if (kind == "video")
      x.of = media_kind::video;
    else if (!kind.empty())
      e.note(errc::value_out_of_range, "kind");
    out.push_back(std::move(x));
  });
  return out;
}

encoding read_encoding(place& at) {
  encoding out;
  out.ssrc = static_cast<std::uint32_t>(at.maybe_integer("ssrc", 1, ssrc_max, 0));
  out.rid = at.maybe_text("rid", 16);
  if (at.there("rtx")) {
    auto rtx = at.inside("rtx");
    out.rtx_ssrc = static_cast<std::uint32_t>(rtx.integer("ssrc", 1, ssrc_max));
  }
  return out;
}

void no_number_twice(const place& at, const std::vector<codec>& codecs) {
  for (auto a = codecs.begin(); a != codecs.end(); ++a)
    if (std::any_of(codecs.begin(), a,
                    [&](const codec& b) { return b.payload_type == a->payload_type; }))
      return at.note(errc::value_out_of_range, "codecs");
}

rtp_parameters read_rtp(place at) {
  rtp_parameters out;
  out.mid = at.maybe_text("mid", 32);
  at.each("codecs", 1, limits::codecs_per_stream_max,
          [&](place c) { out.codecs.push_back(read_codec(c, "payloadType")); });
  no_number_twice(at, out.codecs);
  out.extensions = read_extensions(at, "id");
  at.each("encodings", 1, limits::streams_per_transport_max,
          [&](place e) { out.encodings.push_back(read_encoding(e)); });
  if (at.there("rtcp")) out.cname = at.inside("rtcp").maybe_text("cname", limits::text_bytes_max);
  return out;
}

rtp_capabilities read_capabilities(place at) {
  rtp_capabilities out;
  at.each("codecs", 1, limits::codecs_per_stream_max,
          [&](place c) { out.codecs.push_back(read_codec(c, "preferredPayloadType")); });
  out.extensions = read_extensions(at, "preferredId");
  return out;
}

fingerprint read_fingerprint(place& at) {
  fingerprint out{at.text("algorithm", 16), at.text("value", 256)};
  const bool hex = std::ranges::all_of(
      out.value, [](unsigned char c) { return std::isxdigit(c) != 0 || c == ':'; });
  if (at.ok() && !hex) at.note(errc::value_out_of_range, "value");
  return out;
}

template <class T> outcome<T> finish(const failure& fault, T&& what) {
  if (fault.why != errc::ok) return fault;
  return std::forward<T>(what);
}

constexpr std::array<std::string_view, 3> members{"transportId", "producerId", "consumerId"};

} // namespace

outcome<create_transport> parse_create_transport(const value& data) {
  failure fault;
  place at{data, {}, fault};
  create_transport out;
  const auto towards = at.text("direction", 16);
  out.from_client = towards == "send";
  if (at.ok() && towards != "send" && towards != "receive" && towards != "recv")
    at.note(errc::value_out_of_range, "direction");
  if (auto call = at.maybe_text("callId"); !call.empty()) out.call = call_id{std::move(call)};
  return finish(fault, std::move(out));
}

outcome<connect_transport> parse_connect_transport(const value& data) {
  failure fault;
  place at{data, {}, fault};
  connect_transport out;
  out.transport = at.text("transportId");
  auto dtls = at.inside("dtlsParameters");
  const auto role = dtls.maybe_text("role", 16);
  out.role = role == "client"   ? dtls_role::client
             : role == "server" ? dtls_role::server
                                : dtls_role::automatic;
  if (out.role == dtls_role::automatic && !role.empty() && role != "auto")
    dtls.note(errc::value_out_of_range, "role");
  dtls.each("fingerprints", 1, 8,
            [&](place f) { out.fingerprints.push_back(read_fingerprint(f)); });
  return finish(fault, std::move(out));
}

outcome<produce> parse_produce(const value& data) {
  failure fault;
  place at{data, {}, fault};
  produce out;
  out.transport = at.text("transportId");
  const auto kind = at.text("kind", 8);
  out.kind = kind == "video" ? media_kind::video : media_kind::audio;
  if (at.ok() && kind != "audio" && kind != "video") at.note(errc::value_out_of_range, "kind");
  out.rtp = read_rtp(at.inside("rtpParameters"));
  out.paused = at.maybe_flag("paused");
  return finish(fault, std::move(out));
}

outcome<consume> parse_consume(const value& data) {
  failure fault;
  place at{data, {}, fault};
  consume out;
  out.transport = at.text("transportId");
  out.producer = at.text("producerId");
  out.capabilities = read_capabilities(at.inside("rtpCapabilities"));
  out.paused = at.maybe_flag("paused");
  return finish(fault, std::move(out));
}

outcome<about> parse_about(const value& data, std::vector<subject> allowed) {
  failure fault;
  place at{data, {}, fault};
  for (const auto what : allowed) {
    const auto name = members[static_cast<std::size_t>(what)];
    if (!at.there(name)) continue;
    about out{what, at.text(name)};
    return finish(fault, std::move(out));
  }
  at.note(errc::missing_field, members[static_cast<std::size_t>(allowed.front())]);
  return fault;
}

} // namespace strowger::protocol::mediasoup
