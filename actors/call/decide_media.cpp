// What the parties of a call tell each other: hold, mute, digits, descriptions and candidates.
#include "actors/call/parts.hpp"

#include <algorithm>

namespace strowger::call {

namespace {

bool is_tone(const std::string& tone) {
  return tone.size() == 1 &&
         std::string_view{"0123456789*#ABCD"}.find(tone[0]) != std::string_view::npos;
}

bool same(const std::optional<description>& kept, const description& given) {
  return kept && kept->reveal() == given.reveal();
}

bool same(const trickled& kept, const trickled& given) {
  const auto& a = kept.reveal();
  const auto& b = given.reveal();
  return a.candidate == b.candidate && a.mid == b.mid && a.line == b.line;
}

// On which bridge a speaking device sends, or why it may not.
struct sender {
  leg_number leg = 0;
  bridge_number bridge = 0;
  errc why = errc::ok;
};
sender sending(const state& s, const device_id& device, bridge_number asked) {
  const auto at = find(s, device);
  if (at.standing != standing::speaks) return {.why = refusal(s, at)};
  const auto bridge = asked == 0 ? s.legs.at(at.leg).bridge : asked;
  if (bridge == 0) return {.why = errc::no_peer_yet}; // between answering a transfer and its bridge
  if (bridge >= next_bridge(s)) return {.why = errc::value_out_of_range};
  if (!may_use(s, at.leg, bridge)) return {.why = errc::stale_bridge};
  return {at.leg, bridge, errc::ok};
}

} // namespace

result on(const state& s, const hold& x, const context&) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  if (s.legs.at(at.leg).holds) return {};
  return {held{at.leg}};
}

result on(const state& s, const unhold& x, const context&) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  if (!s.legs.at(at.leg).holds) return {};
  return {resumed{at.leg}};
}

result on(const state& s, const mute& x, const context&) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  if (s.legs.at(at.leg).mutes == x.on) return {};
  return {muted{at.leg, x.on}};
}

// The one command that is new each time by nature: its command id guards a retry.
result on(const state& s, const send_dtmf& x, const context&) {
  const auto at = find(s, x.device);
  if (const auto why = may_talk(s, at); why != errc::ok) return why;
  const bool in_range = x.duration >= limits::dtmf_ms_min && x.duration <= limits::dtmf_ms_max;
  if (!is_tone(x.tone) || !in_range) return errc::value_out_of_range;
  if (peer_of(s, at.leg) == 0) return errc::no_peer_yet;
  return {dtmf_sent{at.leg, x.tone, x.duration}};
}

result on(const state& s, const send_offer& x, const context&) {
  const auto from = sending(s, x.device, x.bridge);
  if (from.why != errc::ok) return from.why;
  if (same(s.bridges.at(from.bridge).offer, x.sdp)) return {};
  return {offer_sent{from.leg, from.bridge, x.sdp}};
}

result on(const state& s, const send_answer& x, const context&) {
  const auto from = sending(s, x.device, x.bridge);
  if (from.why != errc::ok) return from.why;
  if (listener(s, from.leg, from.bridge) == 0) return errc::no_peer_yet;
  if (same(s.bridges.at(from.bridge).answer, x.sdp)) return {};
  return {answer_sent{from.leg, from.bridge, x.sdp}};
}

result on(const state& s, const send_candidate& x, const context&) {
  const auto from = sending(s, x.device, x.bridge);
  if (from.why != errc::ok) return from.why;
  const auto& b = s.bridges.at(from.bridge);
  const auto& sent = b.a == from.leg ? b.from_a : b.from_b;
  if (std::ranges::any_of(sent, [&](const auto& kept) { return same(kept, x.what); })) return {};
  if (sent.size() >= limits::candidates_per_device_max) return errc::too_many_candidates;
  return {candidate_sent{from.leg, from.bridge, x.what}};
}

result on(const state& s, const send_kept& x, const context& ctx) {
  events out;
  auto then = s;
  const auto bring = [&](const auto& part) {
    const auto what = on(then, part, ctx);
    for (const auto& e : what.events()) {
      then = evolve(std::move(then), e);
      out.push_back(e);
    }
  };
  if (x.offer) bring(send_offer{x.device, 0, *x.offer});
  if (x.answer) bring(send_answer{x.device, 0, *x.answer});
  for (const auto& one : x.candidates) bring(send_candidate{x.device, 0, one});
  return out;
}

} // namespace strowger::call
