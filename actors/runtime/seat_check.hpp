// Who signed in with a seat may begin something only while that sign-in lasts. What runs goes on:
// no license decision cuts a call.
#pragma once

#include "actors/views/world.hpp"

namespace strowger::runtime {

// `who` came with a seat's session, and it is over.
inline bool seat_is_over(const views::tenant_world& t, const principal& who) {
  return !who.session.empty() && t.sessions.get(who.session) == nullptr;
}

// The seat that a device was given or came with; empty: it needs none.
inline session_id seat_of(const views::tenant_world& t, const device_id& device) {
  const auto* of = t.devices.get(device);
  const auto* s = of == nullptr ? nullptr : t.extensions.get(*of);
  if (s == nullptr) return {};
  const auto d = s->devices.find(device);
  return d == s->devices.end() ? session_id{} : d->second.seat;
}

// The same for the session of a device; any other session stands for itself.
inline session_id seat_of_session(const views::tenant_world& t, const session_id& id) {
  const auto* s = t.sessions.get(id);
  if (s == nullptr || s->device.empty()) return id;
  const auto seat = seat_of(t, s->device);
  return seat.empty() ? id : seat;
}

// A device that came with a seat, or was given one, and has lost it: it is not rung.
inline bool seat_is_over(const views::tenant_world& t, const device_id& device) {
  const auto seat = seat_of(t, device);
  return !seat.empty() && t.sessions.get(seat) == nullptr;
}

// Also of a device that came without a sign-in.
inline bool seat_is_over(const views::tenant_world& t, const principal& who,
                         const device_id& device) {
  if (!who.session.empty()) return seat_is_over(t, who);
  return seat_is_over(t, device);
}

} // namespace strowger::runtime
