#include "protocol/rest/body.hpp"
#include "protocol/rest/rest.hpp"
#include "protocol/sdp.hpp"
#include "protocol/timestamp.hpp"

#include <algorithm>
#include <charconv>

namespace strowger::protocol::rest {
namespace {

tenant_id tenant(reader& in, const tenant_id& home) {
  const auto name = in.maybe_text("tenant", 63);
  if (!name || name->empty()) return home;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (!std::ranges::all_of(*name, good)) in.refuse(errc::value_out_of_range, "tenant");
  return tenant_id{*name};
}

session_id session(reader& in) { return session_id{in.text("session_id")}; }

std::optional<call_id> call(reader& in) {
  auto text = in.maybe_text("call_id");
  if (!text || text->empty()) return std::nullopt;
  return call_id{std::move(*text)};
}

// Of a call record (actors/views/world.cpp writes them).
bool is_state(std::string_view text) {
  return text == "ringing" || text == "answered" || text == "completed" || text == "failed";
}

bool parse_number(std::string_view text, std::int64_t& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size();
}

} // namespace

outcome<request::login> parse_login(std::string_view body, std::string_view address) {
  return parse<request::login>(body, [&](reader& in) {
    request::login out{
        tenant(in, tenant_id{"default"}), in.text("username"), {}, std::string{address}};
    out.password = in.text("password", limits::password_bytes_max);
    return out;
  });
}

outcome<request::register_agent> parse_register(std::string_view body, std::string_view address,
                                                const tenant_id& home) {
  return parse<request::register_agent>(body, [&](reader& in) {
    // Open to everybody: a field that means nothing here (a role, say) must not seem to work.
    in.only({"username", "email", "extension", "password", "tenant", "typology"});
    request::register_agent out{tenant(in, home), in.text("username"), in.text("email")};
    out.extension = in.target("extension");
    out.password = in.text("password", limits::password_bytes_max);
    out.typology = in.maybe_text("typology", 64).value_or("");
    out.address = address;
    check_email(in, out.email);
    return out;
  });
}

outcome<initiate> parse_initiate(std::string_view body, const query& q) {
  if (const auto method = q.find("method"); method != q.end() && method->second != "webrtc") {
    const bool known = method->second == "sip" || method->second == "ami";
    if (known) return failure{errc::method_not_supported, method->second, 0};
    return failure{errc::value_out_of_range, "method", 0};
  }
  return parse<initiate>(body, [](reader& in) {
    initiate out{in.target("target_extension"), std::nullopt};
    if (auto device = in.maybe_text("device_id"); device && !device->empty())
      out.device = device_id{std::move(*device)};
    return out;
  });
}

outcome<request::record> parse_record(std::string_view body) {
  return parse<request::record>(body, [](reader& in) {
    request::record out;
    if (!parse_enum(in.text("action"), out.what)) in.refuse(errc::value_out_of_range, "action");
    const auto consent = in.maybe_text("consent");
    if (consent && (!parse_enum(*consent, out.consent) || *consent == "missing"))
      in.refuse(errc::value_out_of_range, "consent");
    return out;
  });
}

outcome<std::string> parse_open_session(std::string_view body) {
  return parse<std::string>(body, [](reader& in) { return in.target("extension"); });
}

outcome<session_sdp> parse_sdp(std::string_view body) {
  return parse<session_sdp>(body, [](reader& in) {
    auto id = session(in);
    return session_sdp{std::move(id), in.sdp("sdp")};
  });
}

outcome<session_candidate> parse_candidate(std::string_view body) {
  return parse<session_candidate>(body, [](reader& in) {
    auto id = session(in);
    return session_candidate{std::move(id), in.candidate("candidate")};
  });
}

outcome<session_dial> parse_call(std::string_view body) {
  return parse<session_dial>(body, [](reader& in) {
    session_dial out;
    out.session = session(in);
    out.what.target = in.target("target_extension");
    out.what.campaign = in.maybe_text("campaign_id").value_or("");
    out.what.lead = in.maybe_text("lead_id").value_or("");
    out.what.video = in.maybe_flag("video");
    return out;
  });
}

outcome<session_act> parse_hangup(std::string_view body) {
  return parse<session_act>(body, [](reader& in) {
    auto id = session(in);
    return session_act{std::move(id), call(in), request::hang_up{}};
  });
}

outcome<session_act> parse_dtmf(std::string_view body) {
  return parse<session_act>(body, [](reader& in) {
    auto id = session(in);
    request::dtmf tone{in.text("digit", 1), in.maybe_integer("duration", 40, 6000).value_or(100)};
    if (in.ok() && std::string_view{"0123456789*#ABCD"}.find(tone.tone) == std::string_view::npos)
      in.refuse(errc::value_out_of_range, "digit");
    return session_act{std::move(id), call(in), std::move(tone)};
  });
}

outcome<request::history> parse_history(const query& q) {
  request::history out;
  const auto refuse = [](std::string name) {
    return failure{errc::value_out_of_range, std::move(name), 0};
  };
  const auto text = [&](const char* name) -> std::string_view {
    const auto found = q.find(name);
    return found == q.end() ? std::string_view{} : std::string_view{found->second};
  };
  const auto when = [&](const char* name, time_ms& at) {
    const auto given = text(name);
    return given.empty() || parse_number(given, at) || parse_rfc3339(given, at);
  };
  for (const char* name : {"extension", "state", "cursor"})
    if (text(name).size() > limits::text_bytes_max) return refuse(name);
  if (const auto given = text("extension"); !given.empty()) out.extension = given;
  if (const auto given = text("state"); !given.empty()) {
    if (!is_state(given)) return refuse("state");
    out.state = given;
  }
  if (!when("from", out.from)) return refuse("from");
  if (!when("to", out.to)) return refuse("to");
  if (const auto given = text("limit"); !given.empty()) {
    std::int64_t limit = 0;
    if (!parse_number(given, limit) || limit < 1) return refuse("limit");
    out.limit = std::min<std::size_t>(static_cast<std::size_t>(limit), limits::history_page_max);
  }
  out.cursor = text("cursor"); // a position of the log
  if (std::int64_t at = 0; !out.cursor.empty() && (!parse_number(out.cursor, at) || at < 0))
    return refuse("cursor");
  return out;
}

} // namespace strowger::protocol::rest
