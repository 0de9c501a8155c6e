// From placing to answering: who rings, who wins, and when nobody does.
#include "actors/call/parts.hpp"

#include <algorithm>

namespace strowger::call {

namespace {

errc placeable(const place& x) {
  if (x.rung.size() > limits::devices_per_extension_max) return errc::too_many_devices;
  if (x.candidates.size() > limits::candidates_per_device_max) return errc::too_many_candidates;
  return x.ring_ms > 0 ? errc::ok : errc::value_out_of_range;
}

// The stream's id comes from the caller's own command, so a second `place` is a retry.
result placed_again(const state& s, const place& x) {
  const bool same =
      s.legs.at(1).device == x.caller_device && s.legs.at(2).who.extension == x.callee.extension;
  if (same) return {};
  return errc::forbidden;
}

events one_winner(const state& s, leg_number leg, const device_id& device, time_ms now) {
  if (s.transfer) return target_answers(s, device, now);
  return {answered{leg, device, 1, now}};
}

} // namespace

result on(const state& s, const place& x, const context& ctx) {
  if (s.phase != phase::none) return placed_again(s, x);
  if (const auto why = placeable(x); why != errc::ok) return why;
  auto rung = x.callee_busy ? std::vector<device_id>{} : ringable(s, x.rung, x.caller_device);
  const bool nobody = rung.empty();
  events out{placed{x.caller, x.caller_device, x.callee, std::move(rung), ctx.now + x.ring_ms,
                    x.video, x.method, x.campaign, x.lead, ctx.now}};
  if (nobody) {
    out.push_back(ended{x.callee_busy ? cause::busy : cause::unreachable, 0, ctx.now});
    return out;
  }
  if (x.offer) out.push_back(offer_sent{1, 1, *x.offer});
  for (const auto& what : x.candidates) out.push_back(candidate_sent{1, 1, what});
  return out;
}

result on(const state& s, const answer& x, const context& ctx) {
  const auto at = find(s, x.device);
  if (at.standing == standing::rings) return one_winner(s, at.leg, x.device, ctx.now);
  if (at.standing != standing::speaks) return refusal(s, at);
  if (s.legs.at(at.leg).rung.contains(x.device)) return {}; // the winner again
  return errc::call_not_ringing;                            // the caller's own call
}

result on(const state& s, const decline& x, const context& ctx) {
  const auto at = find(s, x.device);
  if (at.standing == standing::rings)
    return stop_ringing(s, at.leg, x.device, ring_phase::declined, ctx.now);
  if (at.standing == standing::speaks) return errc::call_not_ringing;
  if (at.standing == standing::stopped &&
      s.legs.at(at.leg).rung.at(x.device) == ring_phase::declined)
    return {};
  return refusal(s, at);
}

result on(const state& s, const tick&, const context& ctx) {
  const auto until = wake_at(s, ctx);
  if (until == never || ctx.now < until) return {};
  if (s.transfer) return transfer_fails(s, cause::no_answer, ctx.now);
  return {ended{cause::no_answer, 0, ctx.now}};
}

events stop_ringing(const state& s, leg_number leg, const device_id& device, ring_phase why,
                    time_ms now) {
  events out{device_stopped{leg, device, why}};
  const auto& rung = s.legs.at(leg).rung;
  const auto others = [&](ring_phase p) {
    return std::ranges::any_of(rung,
                               [&](const auto& r) { return r.first != device && r.second == p; });
  };
  if (others(ring_phase::ringing)) return out;
  const bool rejected = why == ring_phase::declined || others(ring_phase::declined);
  const auto reason = rejected ? cause::rejected : cause::unreachable;
  if (!s.transfer) {
    out.push_back(ended{reason, rejected ? leg : 0, now});
    return out;
  }
  for (auto& e : transfer_fails(s, reason, now)) out.push_back(std::move(e));
  return out;
}

} // namespace strowger::call
