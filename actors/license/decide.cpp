#include "actors/license/license.hpp"
#include "core/planted.hpp"

namespace strowger::license {

namespace {

using result = decision<event>;

bool same_terms(const state& s, const issue& x) {
  return s.exists && s.plan == x.plan && s.max_users == x.max_users &&
         s.webrtc_max_users == x.webrtc_max_users && s.webrtc_extension == x.webrtc_extension &&
         s.expires_at == x.expires_at;
}

result on(const state& s, const issue& x, const context& ctx) {
  if (x.webrtc_max_users > x.max_users || x.expires_at < 0) return errc::value_out_of_range;
  if (same_terms(s, x)) return {};
  if (s.held.size() > x.webrtc_max_users) return errc::user_limit_reached; // seats in use stay
  return {
      issued{x.plan, x.max_users, x.webrtc_max_users, x.webrtc_extension, x.expires_at, ctx.now}};
}

result on(const state& s, const take_seat& x, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  const auto mine = s.held.find(x.holder);
  const bool seated = mine != s.held.end();
  if (seated && mine->second.sessions.contains(x.session)) return {};
  if (s.expires_at != never && ctx.now >= s.expires_at) return errc::license_expired;
  if (!s.webrtc_extension) return errc::feature_not_licensed;
  if (seated) {
    if (mine->second.sessions.size() >= limits::devices_per_extension_max)
      return errc::too_many_devices;
    return {seat_shared{x.holder, x.session}};
  }
  const auto seats = s.webrtc_max_users + (planted(bug::seat_one_too_many) ? 1 : 0);
  if (s.held.size() >= seats) return errc::user_limit_reached;
  return {seat_taken{x.holder, x.session, ctx.now}};
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

result on(const state&, const tick&, const context&) { return {}; }

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

reply reply_to(const state& s, const command&) {
  return {s.plan, s.max_users, s.webrtc_max_users, static_cast<std::uint32_t>(s.held.size())};
}

} // namespace strowger::license
