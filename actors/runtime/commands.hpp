// Who sends a command to an aggregate, and how it is answered. Shows no CAF type.
#pragma once

#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "actors/license/license.hpp"
#include "actors/session/session.hpp"
#include "actors/slave/slave.hpp"

#include <functional>
#include <string>

namespace strowger::runtime {

// Between a command's id and the fingerprint of what it says, and that one's length.
inline constexpr char fingerprint_mark = '#';
inline constexpr std::size_t fingerprint_size = 16;

struct origin { // who sends a command, and why
  tenant_id tenant;
  std::string principal;   // agent id, "session/<id digest>" or "system/<reactor>"
  command_id command;      // empty: no second-effect guard wanted; may end in a fingerprint
  std::string correlation; // call or session id, for logs
  position causation = 0;
};

template <aggregate A> struct result {
  errc error = errc::ok;
  typename A::reply reply{};
};
// Called exactly once, on the lane or on the journal's thread; must be short and must not throw.
template <aggregate A> using completion = std::function<void(const result<A>&)>;

} // namespace strowger::runtime
