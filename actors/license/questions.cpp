#include "actors/license/license.hpp"

#include "core/fingerprint.hpp"

namespace strowger::license {

errc validity_of(const state& s, time_ms now) {
  if (!s.exists) return errc::license_unknown;
  if (s.revoked) return errc::license_revoked;
  if (s.suspended) return errc::license_suspended;
  if (now < s.starts_at) return errc::license_not_started;
  if (s.expires_at != never && now >= s.expires_at) return errc::license_expired;
  if (!s.webrtc_extension) return errc::feature_not_licensed;
  return errc::ok;
}

std::string code_of(errc why) {
  switch (why) {
  case errc::ok:
    return "VALID";
  case errc::license_unknown:
    return "NOT_FOUND";
  case errc::license_expired:
    return "EXPIRED";
  case errc::license_suspended:
    return "SUSPENDED";
  case errc::license_revoked:
    return "REVOKED";
  case errc::license_not_started:
    return "NOT_STARTED";
  case errc::feature_not_licensed:
    return "FEATURE_NOT_LICENSED";
  case errc::user_limit_reached:
    return "TOO_MANY_USERS";
  case errc::signed_in_elsewhere:
  case errc::too_many_devices:
    return "TOO_MANY_SESSIONS";
  case errc::master_away:
    return "MASTER_AWAY";
  case errc::seat_lost:
    return "HEARTBEAT_DEAD";
  default:
    return {};
  }
}

std::string tag_of(const state& s) {
  std::string features;
  for (const auto& name : s.features) features += name + "\n";
  const auto number = [](auto n) { return std::to_string(n); };
  return fingerprint_of({s.plan, s.organization, features, number(s.max_users),
                         number(s.webrtc_max_users), number(s.webrtc_extension),
                         number(s.expires_at), number(s.starts_at), number(s.sessions_per_user),
                         number(s.overdraft), number(s.suspended), number(s.revoked)});
}

std::uint32_t leased_seats(const state& s) {
  std::uint32_t out = 0;
  for (const auto& [slave, x] : s.slaves) out += x.seats;
  return out;
}

bool lease_live(const state& s, const context& ctx) {
  return s.lease.node == ctx.node && ctx.now < s.lease.until;
}

std::uint32_t seats_here(const state& s, const context& ctx) {
  if (s.delegated()) return lease_live(s, ctx) ? s.lease.seats : 0;
  const auto leased = leased_seats(s);
  return s.webrtc_max_users > leased ? s.webrtc_max_users - leased : 0;
}

reply reply_to(const state& s, const command& c) {
  reply out{s.plan,
            s.max_users,
            s.webrtc_max_users,
            static_cast<std::uint32_t>(s.held.size()),
            s.lease.asks,
            s.lease.epoch,
            s.lease.seats,
            0,
            s.delegated() ? s.lease.until : never};
  if (s.delegated() && out.until == never) out.until = 1; // there is no lease
  // What is given beyond the lease does not depend on it.
  const auto* take = std::get_if<take_seat>(&c);
  const auto* beat = std::get_if<confirm_seat>(&c);
  const auto mine = take ? s.held.find(take->holder) : s.held.end();
  const bool beyond = mine != s.held.end() && mine->second.overdrawn;
  if (s.overdraft > 0 && ((take && take->away && beyond) || (beat && beat->away)))
    out.until = never;
  if (const auto* wanted = std::get_if<grant>(&c)) {
    const auto mine = s.slaves.find(wanted->slave);
    if (mine == s.slaves.end()) return out;
    out.ask = mine->second.ask;
    out.epoch = mine->second.epoch;
    out.seats = mine->second.seats;
    out.lease_ms = mine->second.lease_ms;
  }
  if (std::holds_alternative<ask>(c)) out.seats = s.lease.asked_seats;
  return out;
}

} // namespace strowger::license
