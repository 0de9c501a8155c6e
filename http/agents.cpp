// Agents over REST (seed 001), and what their softphones sign in with.
#include "http/handlers.hpp"

#include "core/fingerprint.hpp"
#include "http/ice.hpp"
#include "protocol/rest/pjsip.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;

agent_id named(const exchange_ptr& x) { return agent_id{x->parameter("id")}; }

runtime::done<answer::agent_row> shows(const exchange_ptr& x) {
  return x->then<answer::agent_row>(
      [](exchange& done, const answer::agent_row& row) { done.reply(rest::render_agent(row)); });
}

// An admin into its own tenant; the default tenant's, who runs the site, into each.
bool may_create_in(const principal& who, const tenant_id& tenant) {
  return who.tenant == tenant || who.tenant == tenant_id{"default"};
}

void as_asterisk(exchange& x, const answer::sip_account& who) {
  auto text = rest::render_pjsip(who);
  if (x.refused(text)) return;
  http_response out;
  out.content_type = "text/plain; charset=utf-8";
  out.body = std::move(std::get<std::string>(text));
  x.send(std::move(out));
}

} // namespace

protocol::value sip_of(const exchange& x, const answer::sip_account& who) {
  return rest::render_sip(who, {ws_uri(x.opt(), x.request), own_host(x.opt(), x.request),
                                ice_servers(x.opt(), x.request, who.agent.value, x.shared->now())});
}

void list_agents(const exchange_ptr& x) {
  auto in = rest::parse_agents(x->request.query);
  if (x->refused(in)) return;
  x->gateway().agents(
      x->caller(), std::move(std::get<request::agents>(in)),
      x->then<answer::agent_page>([](exchange& done, const answer::agent_page& page) {
        done.reply(rest::render_agents(page));
      }));
}

void get_agent(const exchange_ptr& x) { x->gateway().agent(x->caller(), named(x), shows(x)); }

void create_agent(const exchange_ptr& x) {
  auto in = rest::parse_register(x->request.body, x->request.peer, x->who.tenant);
  if (x->refused(in)) return;
  auto& wanted = std::get<request::register_agent>(in);
  if (!may_create_in(x->who, wanted.tenant)) return x->refuse({errc::forbidden, "tenant", 0});
  // Without the password: what is written with the key must not help to guess it.
  const auto who = x->caller(fingerprint_of(
      {wanted.tenant.value, wanted.username, wanted.email, wanted.extension, wanted.typology}));
  x->gateway().create_agent(
      who, std::move(wanted),
      x->then<answer::agent_row>([](exchange& done, const answer::agent_row& row) {
        done.reply(rest::render_agent(row), 201, {{"Location", "/api/agents/" + row.agent.value}});
      }));
}

void change_agent(const exchange_ptr& x) {
  auto in = rest::parse_agent_change(x->request.body);
  if (x->refused(in)) return;
  auto& wanted = std::get<request::agent_change>(in);
  const auto who = x->caller(
      fingerprint_of({x->parameter("id"), wanted.email.value_or(""), wanted.extension.value_or(""),
                      wanted.typology.value_or(""), wanted.password ? "with a password" : ""}));
  x->gateway().change_agent(who, named(x), std::move(wanted), shows(x));
}

void remove_agent(const exchange_ptr& x) {
  x->gateway().remove_agent(x->caller(), named(x),
                            x->then<answer::done>([](exchange& done, const answer::done&) {
                              done.reply(rest::render_done("Agent removed"));
                            }));
}

void sip_config(const exchange_ptr& x) {
  const auto format = x->request.argument("format");
  if (!format.empty() && format != "json" && format != "pjsip")
    return x->refuse({errc::value_out_of_range, "format", 0});
  if (!x->who.admin() && x->who.agent != named(x)) return x->refuse({errc::forbidden, {}, 0});
  x->gateway().sip_config(
      x->caller(), named(x),
      x->then<answer::sip_account>(
          [asterisk = format == "pjsip"](exchange& done, const answer::sip_account& who) {
            if (asterisk) return as_asterisk(done, who);
            auto body = sip_of(done, who);
            done.reply(body.set("success", true));
          }));
}

} // namespace strowger::http::handlers
