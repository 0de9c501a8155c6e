// Ids and facts: what the door knows before a command goes to its aggregate.
#include "actors/runtime/seat_check.hpp"
#include "actors/runtime/site.hpp"
#include "core/planted.hpp"

namespace strowger::runtime {
namespace {

std::string lower(std::string text) { // user names are compared without case
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

} // namespace

agent_id site::agent_of(const tenant_id& tenant, const std::string& username) {
  return agent_id{parts_.ids.digest({"agent", tenant.value, lower(username)})};
}
extension_id site::extension_of(const tenant_id& tenant, const std::string& number) {
  return extension_id{parts_.ids.digest({"extension", tenant.value, number})};
}
license_id site::license_of(const tenant_id& tenant) {
  return license_id{parts_.ids.digest({"license", tenant.value})};
}

// The same command of the same principal makes the same thing, so a retry meets the same stream.
std::string site::fresh_id(const caller& c, std::string_view kind) {
  if (c.command.empty() || planted(bug::retry_dials_again)) return parts_.ids.random();
  return parts_.ids.digest(
      {kind, c.who.tenant.value, c.who.agent.value, c.who.number, c.command.value});
}

subject_id site::subject_of(const caller& c) {
  if (!c.who.agent.empty()) return subject_id{c.who.agent.value};
  return subject_id{parts_.ids.digest({"tokenless", c.who.tenant.value, c.who.number})};
}

std::string site::resume_token(const tenant_id& tenant, const std::string& number,
                               const device_id& device, const session_id& session) {
  return device.value + "." + session.value + "." +
         parts_.ids.digest({"resume", tenant.value, number, device.value, session.value});
}

bool site::parse_resume(const tenant_id& tenant, const std::string& number,
                        const std::string& token, device_id& device, session_id& session) {
  const auto first = token.find('.');
  const auto second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) return false;
  device = device_id{token.substr(0, first)};
  session = session_id{token.substr(first + 1, second - first - 1)};
  return resume_token(tenant, number, device, session) == token;
}

origin site::origin_of(const caller& c, std::string correlation) const {
  auto who = !c.who.agent.empty() ? c.who.agent.value
             : c.who.tokenless    ? "tokenless/" + c.who.number
                                  : std::string{"anonymous"};
  // Two principals may choose the same command id: they mean two commands.
  auto command = c.command.empty() ? command_id{} : command_id{who + "/" + c.command.value};
  if (!command.empty() && !c.fingerprint.empty())
    // With the site's key: who reads the log must not be able to try out what was said.
    command.value.append(1, fingerprint_mark)
        .append(parts_.ids.digest({"fingerprint", c.who.tenant.value, c.fingerprint}), 0,
                fingerprint_size);
  return {c.who.tenant, std::move(who), std::move(command), std::move(correlation), 0};
}

call::party site::party_of(const tenant_id& tenant, const extension_id& id) {
  const auto& t = hub_->tenant(tenant);
  const auto it = t.extensions.find(id);
  if (it == t.extensions.end()) return {};
  const auto& s = it->second;
  const subject_id subject{s.owner.value};
  return {id, s.owner, {subject, s.number.reveal()}, {subject, views::username_of(t, s.owner)}};
}

site::target site::find_echo(const tenant_id& tenant, const device_id& calling) {
  auto& t = hub_->tenant(tenant);
  const auto own = t.devices.find(calling);
  if (own == t.devices.end()) return {{errc::device_unknown, {}, 0}, {}, {}, false, 0};
  target out;
  out.party = party_of(tenant, own->second);
  out.party.number = {out.party.number.subject(), "*43"};
  out.rung = hub_->live_devices(tenant, own->second, true);
  out.ring_ms = options_.ring_ms;
  if (out.rung.empty()) out.why = {errc::no_client_for_target, "*43", 0};
  return out;
}

site::target site::find_target(const tenant_id& tenant, const std::string& number,
                               const device_id& calling) {
  if (number == "*43") return find_echo(tenant, calling);
  auto& t = hub_->tenant(tenant);
  target out;
  const auto id = extension_of(tenant, number);
  const auto* s = views::known_extension(t, id);
  if (s == nullptr) return {{errc::target_not_found, number, 0}, {}, {}, false, 0};
  if (const auto own = t.devices.find(calling); own != t.devices.end() && own->second == id)
    return {{errc::self_call, number, 0}, {}, {}, false, 0};
  out.party = party_of(tenant, id);
  out.rung = hub_->live_devices(tenant, id);
  std::erase_if(out.rung, [&](const auto& device) { return seat_is_over(t, device); });
  out.ring_ms = s->ring_ms != 0 ? s->ring_ms : options_.ring_ms;
  out.busy =
      s->when_busy == extension::busy_policy::busy && !views::calls_of_extension(t, id).empty();
  if (s->devices.empty())
    out.why = {errc::target_offline, number, 0};
  else if (out.rung.empty())
    out.why = {errc::no_client_for_target, number, 0};
  if (out.busy) {
    out.why = {};
    out.rung.clear(); // recorded, and nobody is rung
  }
  return out;
}

std::optional<call_id> site::call_of(const tenant_id& tenant, const device_id& device,
                                     bool ringing_only) {
  const auto& t = hub_->tenant(tenant);
  const auto it = t.calls_of.find(device);
  if (it == t.calls_of.end()) return {};
  std::optional<call_id> latest;
  time_ms since = -1;
  for (const auto& id : it->second) {
    const auto& s = t.calls.at(id);
    if (s.placed_at <= since || (ringing_only && call::rung_leg(s, device) == 0)) continue;
    latest = id;
    since = s.placed_at;
  }
  return latest;
}

} // namespace strowger::runtime
