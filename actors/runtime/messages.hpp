// Every message that reaches an aggregate's actor. The answer is a completion carried in the
// message, not a response message: one hand-over less.
#pragma once

#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "actors/license/license.hpp"
#include "actors/session/session.hpp"
#include "actors/slave/slave.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

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

template <aggregate A> struct envelope { // decide and, when there are events, append
  typename A::command command;
  origin from;
  completion<A> done;
};
template <aggregate A> struct inspection { // look at the durable state
  std::function<void(errc, const typename A::state&)> look;
};

} // namespace strowger::runtime

#define STROWGER_MESSAGES(spec)                                                                    \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(strowger::runtime::envelope<spec>)                                 \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(strowger::runtime::inspection<spec>)
STROWGER_MESSAGES(strowger::agent::spec)
STROWGER_MESSAGES(strowger::extension::spec)
STROWGER_MESSAGES(strowger::session::spec)
STROWGER_MESSAGES(strowger::license::spec)
STROWGER_MESSAGES(strowger::slave::spec)
STROWGER_MESSAGES(strowger::call::spec)
#undef STROWGER_MESSAGES
