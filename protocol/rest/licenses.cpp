// Licenses and agents (seed 001): bodies in, answers out.
#include "protocol/rest/body.hpp"
#include "protocol/rest/rest.hpp"

#include "protocol/describe.hpp"

#include <charconv>

namespace strowger::protocol::rest {
namespace {

constexpr std::string_view webrtc_feature = "webrtc_extension";
constexpr std::size_t tenant_bytes_max = 63;

void bound(reader& in, std::string_view name, bool good) {
  if (in.ok() && !good) in.refuse(errc::value_out_of_range, std::string{name});
}

std::uint32_t seats(reader& in, std::string_view name, std::int64_t least) {
  return static_cast<std::uint32_t>(in.integer(name, least, limits::seats_max));
}
std::optional<std::uint32_t> maybe_seats(reader& in, std::string_view name, std::int64_t least,
                                         std::int64_t most = limits::seats_max) {
  const auto found = in.maybe_integer(name, least, most);
  return found ? std::optional{static_cast<std::uint32_t>(*found)} : std::nullopt;
}
std::optional<std::uint32_t> maybe_sessions(reader& in) {
  return maybe_seats(in, "sessions_per_user", 0, limits::devices_per_extension_max);
}

struct features {
  std::optional<bool> webrtc;
  std::optional<std::set<std::string>> others; // those that are on; none: no other is named
};
features features_of(reader& in) {
  features out;
  for (const auto& [name, on] : in.maybe_flags("features", limits::features_max)) {
    if (name == webrtc_feature) {
      out.webrtc = on;
      continue;
    }
    if (!out.others) out.others.emplace();
    if (on) out.others->insert(name);
  }
  return out;
}

// 0 means "no end" in a license, so it is no time that one can name.
std::optional<time_ms> end_of(reader& in) {
  if (in.null("expires_at")) return never;
  const auto at = in.maybe_time("expires_at");
  bound(in, "expires_at", at != std::optional<time_ms>{0});
  return at;
}

std::string visible(reader& in, std::string_view name, std::string text) {
  bound(in, name, std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 127; }));
  return text;
}
std::optional<std::string> maybe_name(reader& in, std::string_view name) {
  auto text = in.maybe_text(name);
  if (!text) return text;
  bound(in, name, !text->empty());
  return visible(in, name, std::move(*text));
}

template <described T> value success(const T& what) {
  value out{value::object{}};
  out.set("success", true);
  auto members = to_value(what);
  for (auto& m : *members.as_object()) out.set(m.name, std::move(m.content));
  return out;
}

// A key that this caller may not see is left out.
value license_value(const answer::license_row& row) {
  auto out = to_value(row);
  if (row.key.empty())
    std::erase_if(*out.as_object(), [](const member& m) { return m.name == "key"; });
  return out;
}

template <class Row, class Render>
value list(std::string_view name, const std::vector<Row>& rows, const Render& render) {
  value::array all;
  for (const auto& row : rows) all.push_back(render(row));
  value out{value::object{}};
  return out.set("success", true).set(name, std::move(all));
}

} // namespace

outcome<request::license> parse_license(std::string_view body) {
  return parse<request::license>(body, [](reader& in) {
    // A limit that is misspelt must not seem to hold.
    in.only({"organization_name", "plan", "features", "max_users", "webrtc_max_users",
             "sessions_per_user", "overdraft", "starts_at", "expires_at"});
    request::license out;
    out.organization = visible(in, "organization_name", in.text("organization_name"));
    out.plan = visible(in, "plan", in.text("plan"));
    out.max_users = seats(in, "max_users", 1);
    out.webrtc_max_users = maybe_seats(in, "webrtc_max_users", 0).value_or(0);
    bound(in, "webrtc_max_users", out.webrtc_max_users <= out.max_users);
    out.sessions_per_user = maybe_sessions(in).value_or(0);
    out.overdraft = maybe_seats(in, "overdraft", 0).value_or(0);
    auto on = features_of(in);
    out.webrtc_extension = on.webrtc.value_or(false);
    if (on.others) out.features = std::move(*on.others);
    out.starts_at = in.maybe_time("starts_at").value_or(0);
    out.expires_at = end_of(in).value_or(never);
    bound(in, "expires_at", out.expires_at == never || out.expires_at > out.starts_at);
    return out;
  });
}

outcome<request::license_change> parse_license_change(std::string_view body) {
  return parse<request::license_change>(body, [](reader& in) {
    // What GET shows may come back with it; what nobody can change is not looked at.
    in.only({"organization_name", "plan", "features", "max_users", "webrtc_max_users",
             "sessions_per_user", "overdraft", "starts_at", "expires_at", "status", "success", "id",
             "key", "seats_used", "seats_leased", "issued_at"});
    request::license_change out;
    if (auto name = in.maybe_text("organization_name")) // the license of a start has none
      out.organization = visible(in, "organization_name", std::move(*name));
    out.plan = maybe_name(in, "plan");
    out.max_users = maybe_seats(in, "max_users", 1);
    out.webrtc_max_users = maybe_seats(in, "webrtc_max_users", 0);
    bound(in, "webrtc_max_users",
          !out.max_users || !out.webrtc_max_users || *out.webrtc_max_users <= *out.max_users);
    out.sessions_per_user = maybe_sessions(in);
    out.overdraft = maybe_seats(in, "overdraft", 0);
    auto on = features_of(in);
    out.webrtc_extension = on.webrtc;
    out.features = std::move(on.others);
    out.starts_at = in.null("starts_at") ? std::optional<time_ms>{0} : in.maybe_time("starts_at");
    out.expires_at = end_of(in);
    const bool bounded = out.starts_at && out.expires_at && *out.expires_at != never;
    bound(in, "expires_at", !bounded || *out.expires_at > *out.starts_at);
    out.status = in.maybe_text("status");
    // What the clock says of it is shown, too; nobody sets that.
    if (out.status == "expired" || out.status == "not_started") out.status.reset();
    const auto& to = out.status;
    bound(in, "status", !to || *to == "active" || *to == "suspended" || *to == "revoked");
    return out;
  });
}

outcome<request::agent_change> parse_agent_change(std::string_view body) {
  return parse<request::agent_change>(body, [](reader& in) {
    in.only({"email", "extension", "password", "typology", "success", "id", "username", "roles"});
    request::agent_change out;
    out.email = in.maybe_text("email");
    if (out.email) check_email(in, *out.email);
    if (in.maybe_text("extension")) out.extension = in.target("extension");
    out.password = in.maybe_text("password", limits::password_bytes_max);
    bound(in, "password", !out.password || !out.password->empty());
    out.typology = maybe_name(in, "typology");
    return out;
  });
}

outcome<std::optional<session_id>> parse_validate(std::string_view body) {
  using session = std::optional<session_id>;
  if (body.empty()) return session{};
  return parse<session>(body, [](reader& in) {
    in.only({"session_id"});
    auto id = in.maybe_text("session_id");
    return id ? session{session_id{std::move(*id)}} : session{};
  });
}

outcome<std::optional<std::string>> parse_if_match(std::string_view header) {
  using tag = std::optional<std::string>;
  if (header.empty() || header == "*") return tag{};
  const bool quoted = header.size() > 2 && header.front() == '"' && header.back() == '"';
  const auto inside = quoted ? header.substr(1, header.size() - 2) : std::string_view{};
  // A list, or a weak one: not what was given out.
  const auto good = [](unsigned char c) { return c > ' ' && c != '"' && c != ',' && c < 127; };
  if (inside.empty() || inside.size() > limits::text_bytes_max ||
      !std::ranges::all_of(inside, good))
    return failure{errc::value_out_of_range, "If-Match", 0};
  return tag{std::string{inside}};
}

outcome<tenant_id> parse_tenant(std::string_view name) {
  if (name.empty()) return tenant_id{"default"};
  const auto good = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (name.size() > tenant_bytes_max || !std::ranges::all_of(name, good))
    return failure{errc::value_out_of_range, "tenant", 0};
  return tenant_id{name};
}

outcome<request::agents> parse_agents(const query& q) {
  request::agents out;
  if (const auto found = q.find("limit"); found != q.end() && !found->second.empty()) {
    const auto& text = found->second;
    std::size_t limit = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size() || limit < 1)
      return failure{errc::value_out_of_range, "limit", 0};
    out.limit = std::min(limit, limits::agents_page_max);
  }
  if (const auto found = q.find("cursor"); found != q.end()) out.cursor = found->second;
  if (out.cursor.size() > limits::text_bytes_max)
    return failure{errc::value_out_of_range, "cursor", 0};
  return out;
}

value render_licenses(const std::vector<answer::license_row>& rows) {
  return list("licenses", rows, license_value);
}

value render_license(const answer::license_row& row) {
  value out{value::object{}};
  out.set("success", true);
  auto members = license_value(row);
  for (auto& m : *members.as_object()) out.set(m.name, std::move(m.content));
  return out;
}

value render_current(const answer::current_license& what) {
  auto out = success(what);
  for (auto& m : *out.as_object())
    if (m.name == "license") m.content = license_value(what.license);
  return out;
}

value render_seats(const answer::license_seats& what) { return success(what); }
value render_validation(const answer::validation& what) { return success(what); }

value render_agents(const answer::agent_page& page) {
  auto out = list("agents", page.agents, [](const auto& row) { return to_value(row); });
  return out.set("next_cursor", page.next_cursor ? value{*page.next_cursor} : value{});
}
value render_receipt(const answer::seat_receipt& what) { return success(what); }
value render_statement_key(const answer::statement_key& what) { return success(what); }
value render_agent(const answer::agent_row& row) { return success(row); }

value render_sip(const answer::sip_account& who, sip_extras extras) {
  value out{value::object{}};
  return out.set("ws_uri", std::move(extras.ws_uri))
      .set("sip_uri", "sip:" + who.extension + "@" + extras.host)
      .set("username", who.extension)
      .set("password", who.secret)
      .set("display_name", who.username)
      .set("ice_servers", std::move(extras.ice))
      .set("transport", "transport-wss");
}

} // namespace strowger::protocol::rest
