// Who signed in with a seat may begin something only while that sign-in lasts. What runs goes on:
// no license decision cuts a call.
#pragma once

#include "actors/views/world.hpp"

namespace strowger::runtime {

// `who` came with a seat's session, and it is over.
inline bool seat_is_over(const views::tenant_world& t, const principal& who) {
  return !who.session.empty() && t.sessions.get(who.session) == nullptr;
}

} // namespace strowger::runtime
