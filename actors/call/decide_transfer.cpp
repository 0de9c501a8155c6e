// Blind and warm transfers: one party wants its peer joined with a third.
#include "actors/call/parts.hpp"

namespace strowger::call {

namespace {

// A warm transfer opens two bridges, the consultation and the final one.
constexpr bridge_number bridges_per_transfer = 2;

errc startable(const state& s, const start_transfer& x, leg_number by) {
  if (s.transfer) return errc::transfer_pending;
  if (peer_of(s, by) == 0) return errc::no_peer_yet;
  if (x.target_busy) return errc::target_busy;
  if (x.rung.size() > limits::devices_per_extension_max) return errc::too_many_devices;
  if (x.ring_ms <= 0) return errc::value_out_of_range;
  if (next_leg(s) > limits::legs_per_call_max) return errc::too_many_calls;
  if (next_bridge(s) + bridges_per_transfer - 1 > limits::bridges_per_call_max)
    return errc::value_out_of_range;
  return errc::ok;
}

events joined(const call::transfer& t, bridge_number bridge, time_ms now) {
  return {transferred{t.by, t.stayed, t.to, bridge, now}};
}

} // namespace

result on(const state& s, const start_transfer& x, const context& ctx) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  if (const auto why = startable(s, x, at.leg); why != errc::ok) return why;
  auto rung = ringable(s, x.rung, x.device);
  if (rung.empty()) return errc::no_client_for_target;
  return {transfer_started{at.leg, next_leg(s), x.kind, x.target, std::move(rung),
                           ctx.now + x.ring_ms, ctx.now}};
}

result on(const state& s, const cancel_transfer& x, const context& ctx) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  if (!s.transfer || s.transfer->by != at.leg) return errc::no_transfer_pending;
  return transfer_fails(s, cause::cancelled, ctx.now);
}

events target_answers(const state& s, const device_id& device, time_ms now) {
  const auto& t = *s.transfer;
  const bool consults = t.kind == transfer_kind::warm && !t.released;
  if (consults) return {answered{t.to, device, next_bridge(s), now}};
  events out{answered{t.to, device, 0, now}};
  for (auto& e : joined(t, next_bridge(s), now)) out.push_back(std::move(e));
  return out;
}

events transfer_fails(const state& s, cause why, time_ms now) {
  const auto& t = *s.transfer;
  if (t.released) return {ended{why, 0, now}}; // nobody is left to come back to
  return {transfer_failed{t.by, t.to, why, now}};
}

events transferor_leaves(const state& s, time_ms now) {
  const auto& t = *s.transfer;
  if (t.consulting) return joined(t, next_bridge(s), now);
  return {transferor_released{t.by, now}};
}

} // namespace strowger::call
