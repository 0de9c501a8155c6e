#include "actors/call/call.hpp"
#include "core/planted.hpp"

namespace strowger::call {

namespace {

leg rung_leg_of(const party& who, const std::vector<device_id>& rung) {
  leg l{.who = who, .phase = leg_phase::ringing};
  for (const auto& device : rung) l.rung[device] = ring_phase::ringing;
  return l;
}

void on(state& s, const placed& x) {
  s.phase = phase::ringing;
  s.legs[1] = {.who = x.caller, .phase = leg_phase::calling, .device = x.caller_device};
  s.legs[1].bridge = 1;
  s.legs[2] = rung_leg_of(x.callee, x.rung);
  s.bridges[1] = {.a = 1, .b = 2};
  s.video = x.video;
  s.method = x.method;
  s.campaign = x.campaign;
  s.lead = x.lead;
  s.placed_at = x.at;
  s.ring_until = x.ring_until;
}

void first_answer(state& s, const answered& x) {
  s.phase = phase::answered;
  s.legs[1].phase = leg_phase::up;
  s.answered_at = x.at;
}

// The transferor turns to the target; its hold stays behind with the bridge it leaves.
void consult(state& s, transfer& t, const answered& x) {
  auto& by = s.legs[t.by];
  t.consulting = true;
  t.held_before = by.holds;
  by.holds = false;
  by.bridge = x.bridge;
  s.bridges[x.bridge] = {.a = t.by, .b = x.leg};
}

void on(state& s, const answered& x) {
  auto& l = s.legs[x.leg];
  l.phase = leg_phase::up;
  l.device = x.device;
  l.rung[x.device] = ring_phase::won;
  l.bridge = x.bridge;
  if (!s.transfer)
    first_answer(s, x);
  else if (x.bridge != 0)
    consult(s, *s.transfer, x);
}

void on(state& s, const device_stopped& x) { s.legs[x.leg].rung[x.device] = x.why; }
void on(state& s, const held& x) { s.legs[x.leg].holds = true; }
void on(state& s, const resumed& x) { s.legs[x.leg].holds = false; }
void on(state& s, const muted& x) { s.legs[x.leg].mutes = x.on; }
void on(state&, const dtmf_sent&) {}

// An offer after an answer starts the negotiation anew: the old candidates are of no use. Those
// before the first answer stay, whichever offer they came with.
void on(state& s, const offer_sent& x) {
  auto& b = s.bridges[x.bridge];
  if (b.answer && !planted(bug::candidates_of_old_offer)) {
    b.from_a.clear();
    b.from_b.clear();
    b.answer.reset();
  }
  b.offer = x.sdp;
}

void on(state& s, const answer_sent& x) { s.bridges[x.bridge].answer = x.sdp; }

void on(state& s, const candidate_sent& x) {
  auto& b = s.bridges[x.bridge];
  (b.a == x.leg ? b.from_a : b.from_b).push_back(x.what);
}

void on(state& s, const transfer_started& x) {
  const auto& by = s.legs[x.by];
  const auto& b = s.bridges[by.bridge];
  s.transfer = call::transfer{.by = x.by,
                              .stayed = b.a == x.by ? b.b : b.a,
                              .to = x.to,
                              .kind = x.kind,
                              .held_before = by.holds,
                              .bridge_before = by.bridge,
                              .ring_until = x.ring_until};
  s.legs[x.to] = rung_leg_of(x.target, x.rung);
}

void on(state& s, const transferred& x) {
  if (!planted(bug::transferor_stays)) s.legs[x.by].phase = leg_phase::left;
  s.legs[x.stayed].bridge = x.bridge;
  s.legs[x.to].bridge = x.bridge;
  s.bridges[x.bridge] = {.a = x.stayed, .b = x.to};
  s.transfer.reset();
}

void on(state& s, const transferor_released& x) {
  s.legs[x.by].phase = leg_phase::left;
  if (s.transfer) s.transfer->released = true;
}

void on(state& s, const transfer_failed& x) {
  s.legs[x.to].phase = leg_phase::left;
  if (s.transfer && s.transfer->consulting) {
    s.legs[x.by].bridge = s.transfer->bridge_before;
    if (!planted(bug::hold_lost_by_consultation)) s.legs[x.by].holds = s.transfer->held_before;
  }
  s.transfer.reset();
}

void on(state& s, const ended& x) {
  s.phase = phase::ended;
  s.why = x.why;
  s.ended_by = x.by;
  s.ended_at = x.at;
  for (auto& [number, l] : s.legs) l.phase = leg_phase::left;
  s.transfer.reset();
}

void on(state& s, const recording_started& x) {
  s.recording = call::recording{x.recording, false, x.consent, x.at};
  s.recordings = x.recording;
}

void on(state& s, const recording_paused&) {
  if (s.recording) s.recording->paused = true;
}

void on(state& s, const recording_resumed&) {
  if (s.recording) s.recording->paused = false;
}

void on(state& s, const recording_stopped&) { s.recording.reset(); }

void on(state& s, const recording_filed& x) {
  s.files.push_back({x.recording, x.leg, x.file, x.bytes, x.length, x.sha256});
}

void on(state& s, const quality_noted& x) { s.legs[x.leg].rated = true; }

} // namespace

state evolve(state s, const event& e) {
  std::visit([&](const auto& x) { on(s, x); }, e);
  return s;
}

} // namespace strowger::call
