#include "actors/extension/extension.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::extension {

namespace {

using result = decision<event>;

// When this device's absence has lasted too long; `never` while it is here, or when its session's
// timeout ends it.
time_ms grace_end(const device& d, const context& ctx) {
  if (d.kind == device_kind::rest) return never;
  const bool of_this_start = d.node == ctx.node;
  if (d.attached && (of_this_start || planted(bug::away_for_ever))) return never;
  const auto away_since = of_this_start ? d.since
                          : d.attached  ? ctx.node_started_at
                                        : std::max(d.since, ctx.node_started_at);
  return away_since + d.grace_ms;
}

// A new owner must not inherit the devices of the old one.
std::vector<event> forget_all(const state& s, const char* reason, time_ms now) {
  std::vector<event> events;
  for (const auto& [id, d] : s.devices)
    events.push_back(device_forgotten{id, d.session, reason, now, d.seat});
  return events;
}

result on(const state& s, const claim& x, const context& ctx) {
  if (!s.exists) return {created{x.number, x.owner, ctx.now}};
  if (s.owner == x.owner) return {};
  if (!s.owner.empty() && s.owner != x.from && !planted(bug::taken_extension_given_away))
    return errc::extension_in_use;
  auto events = forget_all(s, "replaced", ctx.now);
  events.push_back(assigned{x.number, x.owner, ctx.now});
  return events;
}

result on(const state& s, const release& x, const context& ctx) {
  if (!s.exists) return errc::extension_unknown;
  if (s.owner.empty()) return {};
  if (s.owner != x.owner) return errc::extension_not_owned;
  auto events = forget_all(s, "released", ctx.now);
  events.push_back(released{ctx.now});
  return events;
}

result on(const state& s, const set_policy& x, const context&) {
  if (!s.exists) return errc::extension_unknown;
  if (x.ring_ms < 0) return errc::value_out_of_range;
  if (s.when_busy == x.when_busy && s.ring_ms == x.ring_ms) return {};
  return {policy_set{x.when_busy, x.ring_ms}};
}

bool same_attachment(const device& d, const attach_device& x, const context& ctx) {
  return d.attached && d.node == ctx.node && d.session == x.session && d.kind == x.kind &&
         d.grace_ms == x.grace_ms && d.seat == x.seat &&
         d.user_agent.reveal() == x.user_agent.reveal();
}

// Who may come back must not keep out who is here: the first to make room. None: all are here.
auto longest_away(const state& s, const context& ctx) {
  auto out = s.devices.end();
  for (auto it = s.devices.begin(); it != s.devices.end(); ++it) {
    const bool stays = (it->second.attached && it->second.node == ctx.node) ||
                       it->second.kind == device_kind::rest; // its session decides
    if (!stays && (out == s.devices.end() || it->second.since < out->second.since)) out = it;
  }
  return out;
}

result on(const state& s, const attach_device& x, const context& ctx) {
  if (!s.exists || s.owner.empty()) return errc::extension_unknown;
  const auto known = s.devices.find(x.device);
  const bool here = known != s.devices.end();
  const bool same_session =
      here && (known->second.session == x.session || planted(bug::stale_session_resumes));
  if (x.resume && !same_session) return errc::device_unknown;
  const bool full = !here && s.devices.size() >= limits::devices_per_extension_max;
  const auto away = full ? longest_away(s, ctx) : s.devices.end();
  if (full && away == s.devices.end()) return errc::too_many_devices;
  if (here && same_attachment(known->second, x, ctx)) return {};
  std::vector<event> events;
  if (full)
    events.push_back(
        device_forgotten{away->first, away->second.session, "full", ctx.now, away->second.seat});
  if (here && !same_session) // a new sign-in on the same device: the old one has to end
    events.push_back(
        device_forgotten{x.device, known->second.session, "replaced", ctx.now, known->second.seat});
  events.push_back(device_attached{x.device, x.session, x.kind, x.user_agent, ctx.node, x.grace_ms,
                                   ctx.now, x.seat});
  return events;
}

result on(const state& s, const detach_device& x, const context& ctx) {
  const auto known = s.devices.find(x.device);
  if (known == s.devices.end() || !known->second.attached) return {};
  const auto node = x.node == 0 ? ctx.node : x.node;
  if (node < known->second.node) return {}; // the device has come back to a later start
  return {device_detached{x.device, x.reason, node, ctx.now, known->second.seat}};
}

result on(const state& s, const forget_device& x, const context& ctx) {
  const auto known = s.devices.find(x.device);
  if (known == s.devices.end()) return {};
  const auto& session = known->second.session;
  if (!x.session.empty() && x.session != session) return {};
  return {device_forgotten{x.device, session, x.reason, ctx.now, known->second.seat}};
}

result on(const state& s, const tick&, const context& ctx) {
  std::vector<event> events;
  for (const auto& [id, d] : s.devices) {
    const auto end = grace_end(d, ctx);
    if (end != never && end <= ctx.now)
      events.push_back(device_forgotten{id, d.session, "device_lost", ctx.now, d.seat});
  }
  return events;
}

// The device that a command is about; empty for those that are about none.
device_id subject(const command& c) {
  return std::visit(overloaded{[](const attach_device& x) { return x.device; },
                               [](const detach_device& x) { return x.device; },
                               [](const forget_device& x) { return x.device; },
                               [](const claim&) { return device_id{}; },
                               [](const release&) { return device_id{}; },
                               [](const set_policy&) { return device_id{}; },
                               [](const tick&) { return device_id{}; }},
                    c);
}

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

reply reply_to(const state& s, const command& c) {
  const auto known = s.devices.find(subject(c));
  return {s.owner, known == s.devices.end() ? session_id{} : known->second.session};
}

time_ms wake_at(const state& s, const context& ctx) {
  auto next = never;
  for (const auto& [id, d] : s.devices) {
    const auto end = grace_end(d, ctx);
    if (end != never && (next == never || end < next)) next = end;
  }
  return next;
}

} // namespace strowger::extension
