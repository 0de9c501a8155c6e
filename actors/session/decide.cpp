#include "actors/session/session.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::session {

namespace {

using result = decision<event>;
using sdp = personal<std::string>;

// The time that the server was down is not counted: the lease runs from the later of the two.
time_ms lease_from(const state& s, const context& ctx) {
  if (planted(bug::downtime_ends_sessions)) return s.renewed_at;
  return std::max(s.renewed_at, ctx.node_started_at);
}

time_ms lease_end(const state& s, const context& ctx) {
  return s.timeout_ms == 0 ? never : lease_from(s, ctx) + s.timeout_ms;
}

// Nobody was heard since a line was lost. Who has heartbeats by another way sends one meanwhile.
time_ms grace_end(const state& s, const context& ctx) {
  if (s.kind != session_kind::licensed || s.grace_ms == 0 || s.lost_at == 0) return never;
  return std::max(s.lost_at, ctx.node_started_at) + s.grace_ms;
}

bool passed(time_ms end, const context& ctx) { return end != never && end <= ctx.now; }

bool lapsed(const state& s, const context& ctx) {
  return passed(lease_end(s, ctx), ctx) || passed(grace_end(s, ctx), ctx);
}

// Why a command on this session is refused, or ok. A lapsed session is over even if its tick is
// still on the way.
errc usable(const state& s, const context& ctx) {
  if (!s.exists) return errc::session_unknown;
  if (s.phase == phase::closed || lapsed(s, ctx)) return errc::session_closed;
  return errc::ok;
}

bool same(const std::optional<sdp>& kept, const sdp& given) {
  return kept && kept->reveal() == given.reveal();
}

bool same(const personal<candidate>& kept, const personal<candidate>& given) {
  const auto& a = kept.reveal();
  const auto& b = given.reveal();
  return a.candidate == b.candidate && a.mid == b.mid && a.line == b.line;
}

result on(const state& s, const open& x, const context& ctx) {
  if (!s.exists) {
    if (x.timeout_ms < 0) return errc::value_out_of_range;
    return {opened{x.extension, x.agent, x.device, x.kind, x.peer_connection, x.timeout_ms,
                   ctx.node, ctx.now, x.seat, x.grace_ms}};
  }
  if (x.extension != s.extension || x.agent != s.agent || x.device != s.device)
    return errc::forbidden;
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  return {};
}

result on(const state& s, const set_offer& x, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  if (same(s.offer, x.sdp)) return {};
  return {offer_set{x.sdp, ctx.now}};
}

result on(const state& s, const set_answer& x, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  if (same(s.answer, x.sdp) && (x.call.empty() || x.call == s.answers)) return {};
  return {answer_set{x.sdp, ctx.now, x.call}};
}

result on(const state& s, const add_candidate& x, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  if (!s.candidates.empty() && same(s.candidates.back(), x.candidate)) return {};
  if (s.candidates.size() >= limits::candidates_per_device_max) return errc::too_many_candidates;
  return {candidate_added{x.candidate, ctx.now}};
}

result on(const state& s, const note_peer_answer& x, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  if (same(s.peer_answer, x.sdp)) return {};
  return {peer_answered{x.sdp, ctx.now}};
}

result on(const state& s, const renew&, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  if (s.timeout_ms == 0 || planted(bug::lapsed_session_renewed)) return {};
  if (s.lost_at != 0) return {renewed{ctx.node, ctx.now}};
  if (ctx.now - lease_from(s, ctx) < s.timeout_ms / 2) return {};
  if (s.renewed_at == ctx.now) return {}; // a timeout of 1 ms: half of it is nothing
  return {renewed{ctx.node, ctx.now}};
}

result on(const state& s, const lose_line&, const context& ctx) {
  if (usable(s, ctx) != errc::ok || s.lost_at == ctx.now) return {};
  if (planted(bug::lost_line_keeps_seat)) return {};
  return {line_lost{ctx.now}};
}

// With the time of the last sign of life: being there is no heartbeat.
result on(const state& s, const keep_line&, const context& ctx) {
  if (usable(s, ctx) != errc::ok || s.lost_at == 0) return {};
  return {renewed{ctx.node, s.renewed_at}};
}

result on(const state& s, const close& x, const context& ctx) {
  if (!s.exists || s.phase == phase::closed) return {};
  return {closed{x.reason, ctx.now, x.code}};
}

result on(const state& s, const remove&, const context& ctx) {
  if (const auto why = usable(s, ctx); why != errc::ok) return why;
  return {closed{"deleted", ctx.now}};
}

result on(const state& s, const tick&, const context& ctx) {
  if (!s.exists || s.phase == phase::closed || !lapsed(s, ctx)) return {};
  return {closed{passed(lease_end(s, ctx), ctx) ? "timeout" : "device_lost", ctx.now}};
}

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

reply reply_to(const state& s, const command& c) {
  reply out{s.phase, s.device, s.extension, s.created_at, s.last_activity, {}};
  // A retry must not answer what rings by now: it gets the call it was for, or, when a later answer
  // took its place, none.
  if (const auto* x = std::get_if<set_answer>(&c); x != nullptr && same(s.answer, x->sdp))
    out.answers = s.answers;
  return out;
}

time_ms wake_at(const state& s, const context& ctx) {
  if (!s.exists || s.phase == phase::closed) return never;
  const auto lease = lease_end(s, ctx), grace = grace_end(s, ctx);
  return lease == never ? grace : grace == never ? lease : std::min(lease, grace);
}

} // namespace strowger::session
