#include "http/authenticate.hpp"

#include "http/origin.hpp"
#include "http/state.hpp"
#include "http/url.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace strowger::http {
namespace {

enum class carrier { none, header, subprotocol, query, cookie };

struct credential {
  carrier by = carrier::none;
  std::string_view token;
};

bool iequals_prefix(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

credential find_credential(const http_request& request, bool token_in_query) {
  if (const auto given = request.header("authorization"); !given.empty()) {
    if (!iequals_prefix(given, "bearer ")) return {carrier::header, "?"}; // another scheme
    const auto token = given.substr(7);
    return {carrier::header, token.substr(std::min(token.find_first_not_of(' '), token.size()))};
  }
  const auto offered = split_list(request.header("sec-websocket-protocol"));
  for (std::size_t i = 0; i < offered.size(); ++i)
    if (offered[i] == "bearer")
      return {carrier::subprotocol, i + 1 < offered.size() ? offered[i + 1] : "?"};
  if (const auto given = request.argument("token"); token_in_query && !given.empty())
    return {carrier::query, given};
  if (const auto given = cookie(request.header("cookie"), session_cookie); !given.empty())
    return {carrier::cookie, given};
  return {};
}

principal principal_of(const security::claims& who) {
  principal out;
  out.tenant = tenant_id{who.tenant.empty() ? std::string{"default"} : who.tenant};
  out.agent = agent_id{who.sub};
  out.number = who.ext;
  out.roles = who.roles;
  out.jti = who.jti;
  out.expires_at = who.exp * 1000;
  out.session = session_id{who.session};
  return out;
}

failure refuse(errc why) { return {why, {}, 0}; }

outcome<principal> tokenless(const http_request& request, origin_kind from, const options& opt) {
  const bool allowed = opt.tokenless && request.loopback && host_is_known(request, opt);
  if (!allowed) return refuse(errc::token_missing);
  if (from == origin_kind::any || from == origin_kind::foreign) return refuse(errc::origin_refused);
  metrics::add(metrics::counter::tokenless_uses);
  log::info("Request without credentials accepted (compat.tokenless)",
            {{"path", loggable(request.path)}, {"peer", request.peer}});
  principal out;
  out.tokenless = true;
  return out;
}

} // namespace

identity_ports identity_of(const state& shared) {
  return {shared.opt, shared.now(), [&shared](const principal& who, time_ms issued_at) {
            const auto& site = shared.gateway();
            return site.token_revoked(who.tenant, who.jti) ||
                   site.tokens_void(who.tenant, who.agent, issued_at);
          }};
}

outcome<principal> authenticate(const http_request& request, access rule, bool token_in_query,
                                const identity_ports& ports) {
  if (rule == access::open) return principal{};
  if (rule == access::newcomer && ports.opt.open_registration &&
      request.header("authorization").empty())
    return principal{};
  if (rule == access::operator_ && request.loopback && host_is_known(request, ports.opt) &&
      request.header("authorization").empty())
    return principal{};
  const auto from = classify_origin(request, ports.opt);
  const auto found = find_credential(request, token_in_query);
  if (found.by == carrier::none)
    return rule == access::compat ? tokenless(request, from, ports.opt)
                                  : outcome<principal>{refuse(errc::token_missing)};
  if (found.by == carrier::cookie && !cookie_may_act(request, from))
    return refuse(errc::origin_refused);
  if (request.upgrade && from == origin_kind::foreign) return refuse(errc::origin_refused);
  if (!ports.opt.verifier) return refuse(errc::token_invalid);
  const auto check = ports.opt.verifier->verify(found.token, ports.now);
  if (!check.ok()) return refuse(check.why);
  auto who = principal_of(check.who);
  if (ports.revoked && ports.revoked(who, check.who.iat * 1000)) return refuse(errc::token_invalid);
  const bool admins_only = rule == access::admin || rule == access::operator_ ||
                           (rule == access::newcomer && !ports.opt.open_registration);
  if (admins_only && !who.admin()) return refuse(errc::forbidden);
  return who;
}

bool owns(const principal& who, std::string_view extension) {
  return who.tokenless || who.admin() || (!extension.empty() && who.number == extension);
}

} // namespace strowger::http
