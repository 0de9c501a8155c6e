// Leaving a call: on purpose (hang_up) or not (lose_device), and what becomes of the others.
#include "actors/call/parts.hpp"
#include "core/planted.hpp"

namespace strowger::call {

namespace {

// One of the two or three parties of an answered call goes.
events party_leaves(const state& s, leg_number leg, cause why, time_ms now) {
  if (!s.transfer || leg == s.transfer->stayed) return {ended{why, leg, now}};
  if (leg == s.transfer->by) return transferor_leaves(s, now);
  return transfer_fails(s, why, now);
}

} // namespace

result on(const state& s, const hang_up& x, const context& ctx) {
  const auto at = find(s, x.device);
  switch (at.standing) {
  case standing::speaks:
    if (s.phase == phase::ringing) return {ended{cause::cancelled, at.leg, ctx.now}};
    return party_leaves(s, at.leg, cause::hangup, ctx.now);
  case standing::rings:
    return stop_ringing(s, at.leg, x.device, ring_phase::declined, ctx.now);
  case standing::over:
  case standing::stopped:
    return {}; // it has left already
  case standing::lost_out:
    if (s.phase == phase::ended) return {};
    if (planted(bug::hang_up_by_loser)) return {ended{cause::hangup, at.leg, ctx.now}};
    return errc::answered_elsewhere;
  case standing::nobody:
    break;
  }
  return refusal(s, at);
}

result on(const state& s, const lose_device& x, const context& ctx) {
  const auto at = find(s, x.device);
  if (at.standing == standing::rings) {
    const bool unreached = x.why == ring_phase::unreached;
    return stop_ringing(s, at.leg, x.device, unreached ? ring_phase::unreached : ring_phase::lost,
                        ctx.now);
  }
  // Who was to be rung in vain has answered meanwhile.
  if (at.standing != standing::speaks || x.why == ring_phase::unreached) return {};
  if (s.phase == phase::ringing) return {ended{cause::device_lost, at.leg, ctx.now}};
  return party_leaves(s, at.leg, cause::device_lost, ctx.now);
}

} // namespace strowger::call
