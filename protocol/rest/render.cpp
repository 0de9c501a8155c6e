#include "protocol/rest/rest.hpp"

#include "core/limits.hpp"
#include "protocol/describe.hpp"

namespace strowger::protocol::rest {
namespace {

value success() {
  value out{value::object{}};
  out.set("success", true);
  return out;
}

} // namespace

value render_login(const answer::identity& who, login_extras extras) {
  value user{value::object{}};
  user.set("id", who.agent.value)
      .set("agent_id", who.agent.value)
      .set("tenant_id", who.tenant.value)
      .set("username", who.username)
      .set("email", who.email)
      .set("extension", who.extension)
      .set("typology", who.typology)
      .set("roles", to_value(who.roles));
  auto out = success();
  out.set("token", std::move(extras.token))
      .set("expires_at", rfc3339(extras.expires_at))
      .set("user", std::move(user))
      .set("ice_servers", std::move(extras.ice))
      .set("sip", std::move(extras.sip))
      .set("license", who.license ? to_value(*who.license) : value{});
  if (who.session)
    out.set("session_id", who.session->value)
        .set("heartbeat_interval_s", limits::seat_lease_ms / 3000);
  return out;
}

value render_registered(const answer::registered& who) {
  return success()
      .set("agent_id", who.agent.value)
      .set("extension", who.extension)
      .set("message", "Registration successful");
}

value render_extensions(const std::vector<answer::extension_row>& rows, bool with_count) {
  auto out = success();
  out.set("extensions", to_value(rows));
  if (with_count) out.set("count", rows.size());
  return out;
}

value render_dialled(const answer::dialled& what, std::string_view message) {
  auto out = success();
  out.set("call_id", what.call.value).set("devices_notified", what.devices_notified);
  if (!message.empty()) out.set("message", message);
  return out;
}

value render_session(const answer::session_row& row, value ice) {
  return success().set("session", to_value(row)).set("ice_servers", std::move(ice));
}

value render_sessions(const std::vector<answer::session_row>& rows) { return to_value(rows); }

value render_done(std::string_view message) { return success().set("message", message); }

} // namespace strowger::protocol::rest
