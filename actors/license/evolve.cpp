#include "actors/license/license.hpp"

#include <algorithm>

namespace strowger::license {

namespace {

void on(state& s, const issued& x) {
  if (!s.exists) s.issued_at = x.at;
  s.exists = true;
  s.plan = x.plan;
  s.max_users = x.max_users;
  s.webrtc_max_users = x.webrtc_max_users;
  s.webrtc_extension = x.webrtc_extension;
  s.expires_at = x.expires_at;
  s.changed_at = x.at;
  s.starts_at = x.starts_at;
  s.sessions_per_user = x.sessions_per_user;
  s.overdraft = x.overdraft;
  s.organization = x.organization;
  s.features = x.features;
  s.key = x.key;
  s.document = x.document;
  s.signer = x.signer;
}
void on(state& s, const suspended&) { s.suspended = true; }
void on(state& s, const resumed&) { s.suspended = s.revoked = false; }
void on(state& s, const revoked&) { s.revoked = true; }

void on(state& s, const seat_taken& x) { s.held[x.holder] = {{x.session}, x.at, x.overdrawn}; }
void on(state& s, const seat_shared& x) { s.held[x.holder].sessions.insert(x.session); }
void on(state& s, const seat_left& x) { s.held[x.holder].sessions.erase(x.session); }
void on(state& s, const seat_released& x) { s.held.erase(x.holder); }

// A slave that has no seats any more may be forgotten: it takes only the answer to its latest ask.
void forget_one(std::map<slave_id, leased>& slaves) {
  auto oldest = slaves.end();
  for (auto it = slaves.begin(); it != slaves.end(); ++it)
    if (it->second.seats == 0 && (oldest == slaves.end() || it->second.at < oldest->second.at))
      oldest = it;
  if (oldest != slaves.end()) slaves.erase(oldest);
}

void on(state& s, const lease_granted& x) {
  if (!s.slaves.contains(x.slave) && s.slaves.size() >= limits::slaves_per_license_max)
    forget_one(s.slaves);
  s.slaves[x.slave] = {x.ask, x.epoch, x.seats, x.lease_ms, x.node, x.at};
  s.epochs = x.epoch;
}
void on(state& s, const lease_ended& x) { s.slaves[x.slave].seats = 0; }

void on(state& s, const seats_asked& x) {
  s.lease.asks = x.ask;
  s.lease.asked_seats = x.seats;
  s.lease.asked_by = x.node;
  s.lease.asked_at = x.at;
  s.lease.asked_boot_ms = x.boot_ms;
  s.lease.boot = x.boot;
  s.lease.seats = std::min(s.lease.seats, x.seats);
}
void on(state& s, const lease_received& x) {
  s.lease.epoch = x.epoch;
  s.lease.seats = x.seats;
  s.lease.node = s.lease.asked_by;
  s.lease.until = x.until;
  s.lease.usable_ms = x.until - s.lease.asked_at;
  s.lease.from_boot = s.lease.boot;
  s.lease.from_boot_ms = s.lease.asked_boot_ms;
  if (x.seats < s.held.size()) return;
  for (auto& [holder, mine] : s.held) mine.overdrawn = false; // the master has seats for all
}
void on(state& s, const lease_woken& x) {
  s.lease.node = x.node;
  s.lease.until = x.until;
}
void on(state& s, const lease_voided& x) {
  s.lease = {};
  s.lease.asks = x.asks;
}

} // namespace

state evolve(state s, const event& e) {
  std::visit([&](const auto& x) { on(s, x); }, e);
  return s;
}

} // namespace strowger::license
