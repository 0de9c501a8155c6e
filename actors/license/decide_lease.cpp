// Seats leased to slaves. Safe whatever the network does: a slave says in its log what it will not
// use any more before it asks; it counts a lease from before it asked, the master from when it
// granted; it stops early; and only the answer to its latest ask counts.
#include "actors/license/parts.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::license {

namespace {

using result = decision<event>;

// Time in which the master was down does not count: it cannot know how long that was.
time_ms end_of(const leased& x, const context& ctx) {
  const auto from = x.node == ctx.node ? x.at : std::max(x.at, ctx.node_started_at);
  return from + x.lease_ms;
}

} // namespace

result decide_lease(const state& s, const grant& x, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (s.revoked) return errc::license_revoked;
  if (x.lease_ms <= 0) return errc::value_out_of_range;
  const auto mine = s.slaves.find(x.slave);
  const bool known = mine != s.slaves.end();
  if (known && x.ask == mine->second.ask) return {}; // it came twice
  if (known && x.ask < mine->second.ask && !planted(bug::old_ask_granted)) return errc::stale_lease;
  const auto idle = [](const auto& entry) { return entry.second.seats == 0; };
  if (!known && s.slaves.size() >= limits::slaves_per_license_max &&
      std::ranges::none_of(s.slaves, idle))
    return errc::too_many_slaves;
  const auto has = known ? mine->second.seats : 0;
  const auto others = planted(bug::lease_not_counted) ? 0 : leased_seats(s) - has;
  const auto taken = static_cast<std::uint32_t>(s.held.size()) + others;
  auto most = s.webrtc_max_users > taken ? s.webrtc_max_users - taken : 0;
  if (validity_of(s, ctx.now) != errc::ok) most = std::min(most, has); // nobody new
  return {lease_granted{x.slave, x.ask, s.epochs + 1, std::min(x.seats, most), x.lease_ms, ctx.node,
                        ctx.now}};
}

result decide_lease(const state& s, const ask& x, const context& ctx) {
  if (!s.delegated()) return errc::license_unknown;
  const auto held = static_cast<std::uint32_t>(s.held.size());
  return {
      seats_asked{s.lease.asks + 1, std::max(x.seats, held), ctx.node, ctx.now, x.boot, x.boot_ms}};
}

result decide_lease(const state& s, const receive& x, const context& ctx) {
  if (x.lease_ms <= 0) return errc::value_out_of_range;
  if (x.epoch == s.lease.epoch && x.ask == s.lease.asks) return {}; // it came twice
  const bool latest = x.ask == s.lease.asks && s.lease.asked_by == ctx.node;
  if (!latest && !planted(bug::old_lease_received)) return errc::stale_lease;
  const auto use = planted(bug::lease_used_too_long) ? 3 * x.lease_ms : usable(x.lease_ms);
  return {lease_received{x.ask, x.epoch, x.seats, x.lease_ms, s.lease.asked_at + use, ctx.now}};
}

result decide_lease(const state& s, const wake_lease& x, const context& ctx) {
  if (!s.delegated() || s.lease.usable_ms == 0 || s.lease.node == ctx.node) return {};
  if (x.boot.empty() || x.boot != s.lease.from_boot) return {};
  const auto gone = planted(bug::lease_woken_whole) ? 0 : x.boot_ms - s.lease.from_boot_ms;
  if (gone < 0 || gone >= s.lease.usable_ms) return {};
  return {lease_woken{ctx.node, ctx.now + s.lease.usable_ms - gone, ctx.now}};
}

result decide_lease(const state& s, const void_lease& x, const context& ctx) {
  if (x.asks <= s.lease.asks || planted(bug::old_lease_not_voided)) return {};
  return {lease_voided{x.asks, ctx.now}};
}

result decide_lease(const state& s, const tick&, const context& ctx) {
  std::vector<event> out;
  for (const auto& [slave, x] : s.slaves)
    if (x.seats > 0 && end_of(x, ctx) <= ctx.now)
      out.push_back(lease_ended{slave, x.epoch, ctx.now});
  return out;
}

time_ms wake_at(const state& s, const context& ctx) {
  auto first = never;
  for (const auto& [slave, x] : s.slaves)
    if (x.seats > 0 && (first == never || end_of(x, ctx) < first)) first = end_of(x, ctx);
  return first;
}

} // namespace strowger::license
