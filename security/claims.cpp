#include "security/claims.hpp"

#include "security/jose.hpp"

#include <stdexcept>

namespace strowger::security {
namespace {

void set_text(json_t* object, const char* name, const std::string& value) {
  if (!value.empty()) json_object_set_new(object, name, json_stringn(value.data(), value.size()));
}

// An absent member leaves `out` alone; a present one must be a string of a sane size.
bool read_text(const json_t* object, const char* name, std::string& out) {
  const json_t* member = json_object_get(object, name);
  if (member == nullptr) return true;
  if (!json_is_string(member) || json_string_length(member) > claim_bytes_max) return false;
  out.assign(json_string_value(member), json_string_length(member));
  return true;
}

bool read_seconds(const json_t* object, const char* name, std::int64_t& out) {
  const json_t* member = json_object_get(object, name);
  if (member == nullptr) return true;
  if (!json_is_integer(member)) return false;
  out = json_integer_value(member);
  return out >= 0;
}

bool read_roles(const json_t* object, std::vector<std::string>& out) {
  const json_t* member = json_object_get(object, "roles");
  if (member == nullptr) return true;
  if (!json_is_array(member) || json_array_size(member) > roles_max) return false;
  for (std::size_t i = 0; i < json_array_size(member); ++i) {
    const json_t* role = json_array_get(member, i);
    if (!json_is_string(role) || json_string_length(role) > claim_bytes_max) return false;
    out.emplace_back(json_string_value(role), json_string_length(role));
  }
  return true;
}

} // namespace

std::string claims_json(const claims& who) {
  const jose::json object{json_object()};
  set_text(object.get(), "sub", who.sub);
  set_text(object.get(), "tenant", who.tenant);
  set_text(object.get(), "ext", who.ext);
  set_text(object.get(), "jti", who.jti);
  set_text(object.get(), "session", who.session);
  json_t* roles = json_array();
  for (const auto& role : who.roles)
    json_array_append_new(roles, json_stringn(role.data(), role.size()));
  json_object_set_new(object.get(), "roles", roles);
  json_object_set_new(object.get(), "exp", json_integer(who.exp));
  json_object_set_new(object.get(), "iat", json_integer(who.iat));
  const std::unique_ptr<char, jose::freed_by<free>> text{json_dumps(object.get(), JSON_COMPACT)};
  if (!text) throw std::runtime_error("token: claims are not UTF-8 text");
  return text.get();
}

token_check read_claims(std::string_view text, time_ms now) {
  const auto parsed = jose::parse(text);
  const json_t* object = parsed.get();
  if (!json_is_object(object)) return {errc::token_invalid, {}};
  claims who;
  std::int64_t not_before = 0;
  const bool shaped =
      read_text(object, "sub", who.sub) && read_text(object, "tenant", who.tenant) &&
      read_text(object, "ext", who.ext) && read_text(object, "jti", who.jti) &&
      read_text(object, "session", who.session) && read_roles(object, who.roles) &&
      read_seconds(object, "exp", who.exp) && read_seconds(object, "iat", who.iat) &&
      read_seconds(object, "nbf", not_before);
  const auto now_s = now / 1000;
  const bool early = who.iat > now_s + clock_skew_s || not_before > now_s + clock_skew_s;
  if (!shaped || who.sub.empty() || who.tenant.empty() || who.exp == 0 || early)
    return {errc::token_invalid, {}};
  if (who.exp <= now_s) return {errc::token_expired, {}};
  return {errc::ok, std::move(who)};
}

} // namespace strowger::security
