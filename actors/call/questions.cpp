// What others ask about a call, and what its own decisions ask: who stands where, who hears whom.
#include "actors/call/parts.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::call {

namespace {

bool alive(const leg& l) { return l.phase == leg_phase::calling || l.phase == leg_phase::up; }

const leg* leg_at(const state& s, leg_number number) {
  const auto found = s.legs.find(number);
  return found == s.legs.end() ? nullptr : &found->second;
}

const bridge* bridge_at(const state& s, bridge_number number) {
  const auto found = s.bridges.find(number);
  return found == s.bridges.end() ? nullptr : &found->second;
}

// The standing that one leg alone gives a device.
standing in_leg(const leg& l, const device_id& device) {
  if (l.device == device) return alive(l) ? standing::speaks : standing::over;
  const auto rung = l.rung.find(device);
  if (rung == l.rung.end()) return standing::nobody;
  if (rung->second != ring_phase::ringing) return standing::stopped;
  if (l.phase == leg_phase::ringing || planted(bug::two_winners)) return standing::rings;
  return l.device.empty() ? standing::over : standing::lost_out;
}

device_id asking(const command& c) {
  return std::visit(overloaded{[](const place& x) { return x.caller_device; },
                               [](const tick&) { return device_id{}; },
                               [](const end_recording&) { return device_id{}; },
                               [](const file_recording&) { return device_id{}; },
                               [](const auto& x) { return x.device; }},
                    c);
}

// A warm transfer holds the party that stays until it is done.
bool set_aside(const state& s, leg_number number) {
  return s.transfer && s.transfer->kind == transfer_kind::warm && s.transfer->stayed == number;
}

} // namespace

leg_number leg_of(const state& s, const device_id& device) {
  for (const auto& [number, l] : s.legs)
    if (alive(l) && l.device == device) return number;
  return 0;
}

leg_number rung_leg(const state& s, const device_id& device) {
  for (const auto& [number, l] : s.legs)
    if (in_leg(l, device) == standing::rings) return number;
  return 0;
}

leg_number peer_of(const state& s, leg_number number) {
  const auto* l = leg_at(s, number);
  if (!l || l->phase == leg_phase::left) return 0;
  const auto* b = bridge_at(s, l->bridge);
  if (!b) return 0;
  const auto other = other_side(*b, number);
  const auto* peer = leg_at(s, other);
  const bool here =
      peer && (peer->phase == leg_phase::ringing || (alive(*peer) && peer->bridge == l->bridge));
  return here ? other : 0;
}

bool on_hold(const state& s, leg_number number) {
  const auto* l = leg_at(s, number);
  if (!l || l->phase != leg_phase::up) return false;
  if (l->holds || set_aside(s, number)) return true;
  const auto* peer = leg_at(s, peer_of(s, number));
  return peer && peer->holds;
}

time_ms wake_at(const state& s, [[maybe_unused]] const context& ctx) {
  if (s.phase == phase::ringing && planted(bug::rings_anew_after_start))
    return std::max(s.ring_until, ctx.node_started_at + (s.ring_until - s.placed_at));
  if (s.phase == phase::ringing) return s.ring_until;
  if (s.transfer && !s.transfer->consulting) return s.transfer->ring_until;
  return never;
}

reply reply_to(const state& s, const command& c) {
  const auto at = find(s, asking(c));
  const auto* l = leg_at(s, at.leg);
  if (!l) return {.phase = s.phase, .why = s.why};
  const auto* b = bridge_at(s, l->bridge);
  return {s.phase, at.leg, l->bridge, b && b->a == at.leg, s.why};
}

place_in_call find(const state& s, const device_id& device) {
  place_in_call best;
  if (device.empty()) return best;
  const auto better = [](standing now, standing than) {
    if (than == standing::nobody) return true;
    if (now == standing::speaks || now == standing::rings) return true;
    return than != standing::speaks && than != standing::rings; // of the rest the latest leg counts
  };
  for (const auto& [number, l] : s.legs) {
    const auto here = in_leg(l, device);
    if (here != standing::nobody && better(here, best.standing)) best = {here, number};
  }
  return best;
}

errc refusal(const state& s, const place_in_call& at) {
  if (s.phase == phase::none) return errc::call_unknown;
  if (at.standing == standing::nobody) return errc::not_in_call;
  if (s.phase == phase::ended || at.standing == standing::over) return errc::call_over;
  if (at.standing == standing::lost_out) return errc::answered_elsewhere;
  const auto* l = leg_at(s, at.leg);
  if (at.standing == standing::stopped && !l->device.empty()) return errc::answered_elsewhere;
  return at.standing == standing::stopped ? errc::call_not_ringing : errc::call_not_answered;
}

errc may_talk(const state& s, const place_in_call& at) {
  if (at.standing != standing::speaks) return refusal(s, at);
  return s.phase == phase::answered ? errc::ok : errc::call_not_answered;
}

bridge_number next_bridge(const state& s) {
  return s.bridges.empty() ? 1 : s.bridges.rbegin()->first + 1;
}

leg_number next_leg(const state& s) { return s.legs.empty() ? 1 : s.legs.rbegin()->first + 1; }

leg_number other_side(const bridge& b, leg_number leg) {
  if (b.a == leg) return b.b;
  return b.b == leg ? b.a : 0;
}

bool may_use(const state& s, leg_number number, bridge_number bridge) {
  const auto* l = leg_at(s, number);
  if (l && l->bridge == bridge) return true;
  return s.transfer && s.transfer->consulting && s.transfer->by == number &&
         s.transfer->bridge_before == bridge;
}

leg_number listener(const state& s, leg_number number, bridge_number bridge) {
  const auto* b = bridge_at(s, bridge);
  if (!b) return 0;
  const auto other = other_side(*b, number);
  const auto* l = leg_at(s, other);
  return l && alive(*l) && !l->device.empty() && may_use(s, other, bridge) ? other : 0;
}

std::vector<device_id> ringable(const state& s, const std::vector<device_id>& rung,
                                const device_id& asking) {
  std::vector<device_id> free;
  for (const auto& device : rung) {
    const bool busy = device == asking || leg_of(s, device) != 0 || rung_leg(s, device) != 0;
    if (!busy && std::ranges::find(free, device) == free.end()) free.push_back(device);
  }
  return free;
}

} // namespace strowger::call
