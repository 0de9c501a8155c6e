#include "http/handlers.hpp"

#include "core/fingerprint.hpp"
#include "http/authenticate.hpp"
#include "http/ice.hpp"
#include "http/origin.hpp"
#include "observe/metrics.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;

std::string cookie_line(const exchange& x, std::string_view token, std::int64_t age_s) {
  std::string out{session_cookie};
  out += "=";
  out += token;
  out += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age_s);
  if (x.request.tls) out += "; Secure";
  return out;
}

security::claims claims_of(const answer::identity& who, const options& opt, time_ms now) {
  security::claims out;
  out.sub = who.agent.value;
  out.tenant = who.tenant.value;
  out.ext = who.extension;
  out.roles = who.roles;
  out.iat = now / 1000;
  out.exp = (now + opt.token_lifetime_ms) / 1000;
  out.jti = opt.new_id();
  if (who.session) out.session = who.session->value;
  return out;
}

void logged_in(exchange& x, const answer::identity& who, protocol::value sip) {
  const auto& opt = x.opt();
  if (!opt.signer) return x.refuse({errc::internal, {}, 0});
  auto claims = claims_of(who, opt, x.shared->now());
  // Tokens say seconds. Where those of this very second are void, this one counts from the next.
  if (x.gateway().tokens_void(who.tenant, who.agent, claims.iat * 1000)) ++claims.iat;
  rest::login_extras extras;
  extras.token = opt.signer->sign(claims);
  extras.expires_at = claims.exp * 1000;
  extras.sip = std::move(sip);
  extras.ice = ice_servers(opt, x.request, who.agent.value, x.shared->now());
  headers fields;
  // A page of a foreign origin may sign in with a token of its own, never plant a cookie here.
  const auto from = classify_origin(x.request, opt);
  if (from != origin_kind::foreign && from != origin_kind::any)
    fields.emplace_back("Set-Cookie", cookie_line(x, extras.token, opt.token_lifetime_ms / 1000));
  metrics::add(metrics::counter::logins, "ok");
  x.reply(rest::render_login(who, std::move(extras)), 200, std::move(fields));
}

// What its softphone signs in with goes along; without it the sign-in is no less good.
void add_softphone(const exchange_ptr& x, const answer::identity& who) {
  runtime::caller own{x->lane, {who.tenant, who.agent, who.extension, who.roles}, {}};
  x->gateway().sip_config(own, who.agent, [x, who](outcome<answer::sip_account> out) {
    const auto* account = std::get_if<answer::sip_account>(&out);
    logged_in(*x, who, account ? sip_of(*x, *account) : protocol::value{});
  });
}

} // namespace

void login(const exchange_ptr& x) {
  auto in = rest::parse_login(x->request.body, x->request.peer);
  if (x->refused(in)) return;
  x->gateway().login(x->caller(), std::move(std::get<request::login>(in)),
                     [x, since = metrics::stopwatch{}](outcome<answer::identity> out) {
                       metrics::observe(metrics::histogram::login_seconds, since.seconds());
                       if (const auto* why = std::get_if<failure>(&out)) {
                         const bool limited = why->why == errc::too_many_attempts;
                         metrics::add(metrics::counter::logins, limited ? "limited" : "refused");
                         return x->refuse(*why);
                       }
                       const auto& who = std::get<answer::identity>(out);
                       if (who.session) return add_softphone(x, who);
                       logged_in(*x, who, {});
                     });
}

void logout(const exchange_ptr& x) {
  x->gateway().logout(x->caller(), x->then<answer::done>([](exchange& done, const answer::done&) {
    done.reply(rest::render_done("Logged out"), 200, {{"Set-Cookie", cookie_line(done, "", 0)}});
  }));
}

// Everybody into the default tenant; an admin also into its own; the default tenant's admin, who
// runs the site, into each.
bool may_register_in(const principal& who, const tenant_id& tenant) {
  const tenant_id site_wide{"default"};
  return tenant == site_wide || (who.admin() && (who.tenant == site_wide || who.tenant == tenant));
}

void register_agent(const exchange_ptr& x) {
  auto in = rest::parse_register(x->request.body, x->request.peer);
  if (x->refused(in)) return;
  auto& wanted = std::get<request::register_agent>(in);
  if (!may_register_in(x->who, wanted.tenant)) return x->refuse({errc::forbidden, "tenant", 0});
  // Without the password: what is written with the key must not help to guess it.
  const auto who = x->caller(fingerprint_of(
      {wanted.tenant.value, wanted.username, wanted.email, wanted.extension, wanted.typology}));
  x->gateway().register_agent(
      who, std::move(wanted),
      x->then<answer::registered>([](exchange& done, const answer::registered& who) {
        done.reply(rest::render_registered(who), 201);
      }));
}

void heartbeat(const exchange_ptr& x) {
  x->gateway().heartbeat(x->caller(), session_id{x->parameter("id")},
                         x->then<answer::done>([](exchange& done, const answer::done&) {
                           done.reply(rest::render_done("Heartbeat received"));
                         }));
}

} // namespace strowger::http::handlers
