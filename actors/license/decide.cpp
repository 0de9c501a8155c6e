#include "actors/license/license.hpp"
#include "actors/license/parts.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::license {

namespace {

using result = decision<event>;

bool same_terms(const state& s, const issue& x) {
  return s.exists && s.plan == x.plan && s.max_users == x.max_users &&
         s.webrtc_max_users == x.webrtc_max_users && s.webrtc_extension == x.webrtc_extension &&
         s.expires_at == x.expires_at && s.starts_at == x.starts_at &&
         s.sessions_per_user == x.sessions_per_user && s.overdraft == x.overdraft &&
         s.organization == x.organization && s.features == x.features && s.document == x.document &&
         s.signer == x.signer && (!x.key || x.key->reveal() == s.key.reveal());
}

result on(const state& s, const issue& x, const context& ctx) {
  if (x.webrtc_max_users > x.max_users || x.expires_at < 0 || x.starts_at < 0)
    return errc::value_out_of_range;
  const bool signed_elsewhere = !x.document.empty();
  if (s.revoked && !signed_elsewhere) return errc::license_revoked;
  if (same_terms(s, x)) return {};
  if (!signed_elsewhere && s.held.size() + leased_seats(s) > x.webrtc_max_users)
    return errc::user_limit_reached; // seats in use stay
  return {issued{x.plan, x.max_users, x.webrtc_max_users, x.webrtc_extension, x.expires_at, ctx.now,
                 x.starts_at, x.sessions_per_user, x.overdraft, x.organization, x.features,
                 x.key.value_or(s.key), x.document, x.signer}};
}

// Onto what is there now: two changes at once may name different things, and both hold.
result on(const state& s, const change& x, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (x.if_tag && *x.if_tag != tag_of(s)) return errc::license_changed;
  auto seats = x.webrtc_max_users.value_or(s.webrtc_max_users);
  const auto users = x.max_users.value_or(s.max_users);
  if (seats == 0) seats = std::min(x.seats_where_none, users);
  return on(s,
            issue{x.plan.value_or(s.plan),
                  users,
                  seats,
                  x.webrtc_extension.value_or(s.webrtc_extension),
                  x.expires_at.value_or(s.expires_at),
                  x.starts_at.value_or(s.starts_at),
                  x.sessions_per_user.value_or(s.sessions_per_user),
                  x.overdraft.value_or(s.overdraft),
                  x.organization.value_or(s.organization),
                  x.features.value_or(s.features),
                  {},
                  s.document,
                  s.signer},
            ctx);
}

result on(const state& s, const suspend&, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (s.revoked) return errc::license_revoked;
  if (s.suspended) return {};
  return {suspended{ctx.now}};
}

result on(const state& s, const resume&, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (s.revoked && !s.delegated()) return errc::license_revoked; // a slave may get another license
  if (!s.suspended && !s.revoked) return {};
  return {resumed{ctx.now}};
}

result on(const state& s, const revoke&, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (s.revoked) return {};
  return {revoked{ctx.now}};
}

// Those who came first keep their seats when there are fewer than before.
bool covered(const state& s, const agent_id& holder, const seat& mine, std::size_t seats) {
  if (s.held.size() <= seats) return true;
  std::size_t before = 0;
  for (const auto& [other, theirs] : s.held)
    if (std::pair{theirs.since, other} < std::pair{mine.since, holder}) ++before;
  return before < seats;
}

std::size_t seats_now(const state& s, const context& ctx, bool away) {
  return seats_here(s, ctx) + (away ? s.overdraft : 0);
}

// One more device of somebody who has a seat.
result share(const state& s, const seat& mine, const take_seat& x, const context& ctx) {
  if (s.delegated() && !covered(s, x.holder, mine, seats_now(s, ctx, x.away)) &&
      !planted(bug::uncovered_seat_shared))
    return lease_live(s, ctx) || !x.away ? errc::user_limit_reached : errc::master_away;
  const auto sessions = mine.sessions.size();
  if (s.sessions_per_user > 0 && sessions >= s.sessions_per_user) return errc::signed_in_elsewhere;
  if (sessions >= limits::devices_per_extension_max) return errc::too_many_devices;
  return {seat_shared{x.holder, x.session}};
}

result on(const state& s, const take_seat& x, const context& ctx) {
  const auto mine = s.held.find(x.holder);
  const bool seated = mine != s.held.end();
  if (seated && mine->second.sessions.contains(x.session)) return {};
  if (const auto why = validity_of(s, ctx.now); why != errc::ok) return why;
  if (seated) return share(s, mine->second, x, ctx);
  const auto used = s.held.size();
  const auto seats = seats_here(s, ctx) + (planted(bug::seat_one_too_many) ? 1 : 0);
  if (used < seats) return {seat_taken{x.holder, x.session, ctx.now, false}};
  if (s.delegated() && x.away) {
    const bool marked = !planted(bug::debt_not_marked);
    if (used < seats + s.overdraft || planted(bug::debt_without_bound))
      return {seat_taken{x.holder, x.session, ctx.now, marked}};
    if (!lease_live(s, ctx)) return errc::master_away;
  }
  return errc::user_limit_reached;
}

result on(const state& s, const confirm_seat& x, const context& ctx) {
  if (s.revoked) return errc::license_revoked;
  const auto mine = s.held.find(x.holder);
  if (mine == s.held.end() || !mine->second.sessions.contains(x.session)) return errc::seat_lost;
  if (!s.delegated()) return {};
  if (covered(s, x.holder, mine->second, seats_now(s, ctx, x.away))) return {};
  if (planted(bug::uncovered_seat_confirmed)) return {};
  return lease_live(s, ctx) ? errc::seat_lost : errc::master_away;
}

result on(const state& s, const release_seat& x, const context& ctx) {
  const auto mine = s.held.find(x.holder);
  if (mine == s.held.end() || !mine->second.sessions.contains(x.session)) return {};
  bool shared = mine->second.sessions.size() > 1;
  if (planted(bug::seat_freed_early)) shared = false;
  if (planted(bug::seat_never_freed)) shared = true;
  if (shared) return {seat_left{x.holder, x.session}};
  return {seat_released{x.holder, x.session, ctx.now}};
}

template <class Lease> result on(const state& s, const Lease& x, const context& ctx) {
  return decide_lease(s, x, ctx);
}

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

} // namespace strowger::license
