// Every message that reaches an aggregate's actor. The answer is a completion carried in the
// message, not a response message: one hand-over less.
#pragma once

#include "actors/runtime/commands.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

namespace strowger::runtime {

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
