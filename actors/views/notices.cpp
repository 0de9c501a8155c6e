#include "actors/views/notices.hpp"

#include "core/planted.hpp"

namespace strowger::views {
namespace {

using namespace strowger::call;

std::string number_of(const leg& l) { return l.who.number.reveal(); }

notice::candidate to_wire(const trickled& c) {
  const auto& plain = c.reveal();
  return {plain.candidate, plain.mid, plain.line};
}

std::string reason_for_rung(cause why) {
  switch (why) {
  case cause::cancelled:
    return "caller_cancelled";
  case cause::no_answer:
    return "no_answer";
  case cause::rejected:
    return "rejected";
  case cause::hangup:
  case cause::transferred:
    return "caller_cancelled";
  case cause::busy:
  case cause::unreachable:
  case cause::device_lost:
    return "failed";
  }
  return "failed";
}

// Collects the messages of one event.
struct teller {
  const call_id& id;
  const state& before;
  const state& after;
  std::vector<addressed> out;

  void tell(const device_id& to, notice::any what) {
    if (!to.empty()) out.push_back({to, std::move(what)});
  }
  const leg& old_leg(leg_number n) const { return before.legs.at(n); }
  const leg& new_leg(leg_number n) const { return after.legs.at(n); }

  void cancel_rung(const leg& l, const std::string& reason, const device_id& but = {}) {
    for (const auto& [device, phase] : l.rung)
      if (phase == ring_phase::ringing && device != but)
        tell(device, notice::call_cancelled{id, reason});
  }
  void renegotiate(bridge_number number) {
    const auto& b = after.bridges.at(number);
    const auto& offering = new_leg(b.a);
    const auto& answering = new_leg(b.b);
    tell(offering.device, notice::webrtc_renegotiate{id, number, "offer", number_of(answering)});
    tell(answering.device, notice::webrtc_renegotiate{id, number, "answer", number_of(offering)});
  }
  // The device at the other end of a bridge, when there is one that takes part already.
  device_id other_end(bridge_number number, leg_number mine) const {
    const auto& b = after.bridges.at(number);
    const auto& other = new_leg(b.a == mine ? b.b : b.a);
    return other.phase == leg_phase::up || other.phase == leg_phase::calling ? other.device
                                                                             : device_id{};
  }
  std::int64_t duration_until(time_ms end) const {
    return before.answered_at == 0 ? 0 : end - before.answered_at;
  }

  void operator()(const placed& e) {
    for (const auto& device : e.rung)
      tell(device,
           notice::call_incoming{id, e.caller.number.reveal(), e.caller.name.reveal(), e.video});
    if (!e.rung.empty()) tell(e.caller_device, notice::call_ringing{id, e.callee.number.reveal()});
  }
  void operator()(const answered& e) {
    if (!planted(bug::losers_not_told)) cancel_rung(old_leg(e.leg), "answered_elsewhere", e.device);
    if (e.bridge == 0) return;
    if (before.transfer) return renegotiate(e.bridge);
    const auto& b = after.bridges.at(e.bridge);
    tell(new_leg(b.a).device, notice::call_answered{id, instant{e.at}, e.bridge, "offer"});
    if (!b.offer) return;
    notice::webrtc_offer offer{id, e.bridge, b.offer->reveal(), {}};
    for (const auto& c : b.from_a) offer.candidates.push_back(to_wire(c));
    tell(e.device, std::move(offer));
  }
  // Also news to the device itself: it may have been away when it stopped being rung, and still
  // finds the invitation in its inbox.
  void operator()(const device_stopped& e) {
    if (planted(bug::stopped_ringing_untold)) return;
    tell(e.device,
         notice::call_cancelled{id, e.why == ring_phase::declined ? "rejected" : "failed"});
  }
  void operator()(const held&) {}
  void operator()(const resumed&) {}
  // Who stops the media of this leg: who asked, when that leg holds or nobody does any more.
  leg_number holder(leg_number number, leg_number asked) const {
    if (asked == 0) return after.transfer ? after.transfer->by : number;
    if (!on_hold(after, number) || new_leg(asked).holds) return asked;
    const auto peer = peer_of(after, asked);
    return peer != 0 && new_leg(peer).holds ? peer : asked;
  }
  // Whatever the reason (a hold, a warm transfer that starts, fails or completes): a leg whose
  // media stops or starts is told. A hold or its end is told to both sides, also when the other
  // side's own hold keeps the media stopped.
  void tell_holds(leg_number asked) {
    const auto peer = asked == 0 ? 0 : peer_of(after, asked);
    for (const auto& [number, l] : after.legs) {
      if (l.phase != leg_phase::up) continue;
      const auto it = before.legs.find(number);
      if (it == before.legs.end() || it->second.phase != leg_phase::up) continue;
      const bool was = on_hold(before, number);
      const bool is = on_hold(after, number);
      if (was == is && number != asked && number != peer) continue;
      tell(l.device, notice::call_held{id, is, number_of(new_leg(holder(number, asked)))});
    }
  }
  void operator()(const muted& e) {
    tell(new_leg(e.leg).device, notice::call_muted{id, e.on});
    if (const auto peer = peer_of(after, e.leg); peer != 0)
      tell(new_leg(peer).device, notice::call_peer_muted{id, e.on});
  }
  void operator()(const dtmf_sent& e) {
    if (const auto peer = peer_of(after, e.leg); peer != 0)
      tell(new_leg(peer).device, notice::call_dtmf{id, e.tone, e.duration});
  }
  void tell_parties(const notice::call_recording& what) {
    for (const auto& [number, l] : before.legs)
      if (l.phase == leg_phase::up) tell(l.device, what);
  }
  std::optional<std::string> asked_by(leg_number number) const {
    const auto it = before.legs.find(number);
    if (it == before.legs.end()) return std::nullopt;
    return number_of(it->second);
  }
  void operator()(const recording_started& e) {
    tell_parties({id, e.recording, "started", asked_by(e.by), std::string{name_of(e.consent)}, {}});
  }
  void operator()(const recording_paused& e) {
    tell_parties({id, e.recording, "paused", asked_by(e.by), {}, {}});
  }
  void operator()(const recording_resumed& e) {
    tell_parties({id, e.recording, "resumed", asked_by(e.by), {}, {}});
  }
  void operator()(const recording_stopped& e) {
    tell_parties({id, e.recording, "stopped", asked_by(e.by), {}, std::string{name_of(e.why)}});
  }
  void operator()(const recording_filed&) {}
  void operator()(const quality_noted&) {}
  // Who joins a call that is being recorded is told so.
  void tell_of_recording() {
    if (!after.recording || !before.recording) return;
    const auto& r = *after.recording;
    for (const auto& [number, l] : after.legs) {
      const auto it = before.legs.find(number);
      const bool here = it != before.legs.end() && it->second.phase == leg_phase::up;
      if (here || l.phase != leg_phase::up) continue;
      tell(l.device, notice::call_recording{id, r.number, r.paused ? "paused" : "started", {},
                                            std::string{name_of(r.consent)}, {}});
    }
  }
  void operator()(const offer_sent& e) {
    tell(other_end(e.bridge, e.leg), notice::webrtc_offer{id, e.bridge, e.sdp.reveal(), {}});
  }
  void operator()(const answer_sent& e) {
    tell(other_end(e.bridge, e.leg), notice::webrtc_answer{id, e.bridge, e.sdp.reveal()});
  }
  void operator()(const candidate_sent& e) {
    tell(other_end(e.bridge, e.leg), notice::webrtc_candidate{id, e.bridge, to_wire(e.what)});
  }
  void operator()(const transfer_started& e) {
    const auto& t = *after.transfer;
    const auto& shown = new_leg(e.kind == transfer_kind::blind ? t.stayed : e.by);
    for (const auto& device : e.rung)
      tell(device,
           notice::call_incoming{id, number_of(shown), shown.who.name.reveal(), after.video});
  }
  void operator()(const transferor_released& e) {
    tell(old_leg(e.by).device, notice::call_ended{id, duration_until(e.at), "hangup"});
  }
  void operator()(const transferred& e) {
    const auto& leaving = old_leg(e.by);
    if (leaving.phase != leg_phase::left) {
      tell(leaving.device, notice::call_transferred{id, number_of(new_leg(e.to))});
      tell(leaving.device, notice::call_ended{id, duration_until(e.at), "transferred"});
    }
    renegotiate(e.bridge);
  }
  void operator()(const transfer_failed& e) {
    const auto& target = old_leg(e.to);
    cancel_rung(target, reason_for_rung(e.why));
    if (target.phase == leg_phase::up)
      tell(target.device, notice::call_ended{id, 0, std::string{name_of(e.why)}});
    const auto& back = old_leg(e.by);
    if (back.phase != leg_phase::left)
      tell(back.device,
           notice::call_transfer_failed{id, number_of(target), std::string{name_of(e.why)}});
  }
  void operator()(const ended& e) {
    const auto why = std::string{name_of(e.why)};
    for (const auto& [number, l] : before.legs) {
      if (l.phase == leg_phase::ringing) cancel_rung(l, reason_for_rung(e.why));
      if (l.phase == leg_phase::calling) tell(l.device, notice::call_failed{id, why});
      if (l.phase == leg_phase::up)
        tell(l.device, notice::call_ended{id, duration_until(e.at), why});
    }
  }
};

} // namespace

std::vector<addressed> notices_of(const call_id& id, const call::state& before,
                                  const call::event& event, const call::state& after) {
  teller t{id, before, after, {}};
  std::visit([&](const auto& e) { t(e); }, event);
  leg_number asked = 0;
  if (const auto* e = std::get_if<held>(&event)) asked = e->leg;
  if (const auto* e = std::get_if<resumed>(&event)) asked = e->leg;
  t.tell_holds(asked);
  t.tell_of_recording();
  return std::move(t.out);
}

notice::call_snapshot snapshot_for(const call_id& id, const call::state& s,
                                   const device_id& device) {
  notice::call_snapshot out;
  out.call = id;
  const auto mine = leg_of(s, device);
  const auto rung = mine == 0 ? rung_leg(s, device) : leg_number{0};
  const auto number = mine != 0 ? mine : rung;
  if (number == 0) return out;
  const auto& l = s.legs.at(number);
  out.state = rung != 0 || l.phase == leg_phase::calling ? "ringing" : "answered";
  out.direction = number == 1 ? "out" : "in";
  auto peer = peer_of(s, number);
  if (peer == 0) peer = number == 1 ? 2 : s.transfer ? s.transfer->by : 1;
  if (const auto it = s.legs.find(peer); it != s.legs.end()) {
    out.number = number_of(it->second);
    out.caller_id = it->second.who.name.reveal();
  }
  out.on_hold = mine != 0 && on_hold(s, mine);
  out.muted = l.mutes;
  out.bridge = l.bridge;
  if (const auto it = s.bridges.find(l.bridge); it != s.bridges.end())
    out.role = it->second.a == number ? "offer" : "answer";
  if (s.answered_at != 0 && out.state == "answered") out.answered_at = instant{s.answered_at};
  return out;
}

} // namespace strowger::views
