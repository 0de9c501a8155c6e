// A committed event as the views, the reactors and the publisher see it: decoded, in log order.
#pragma once

#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "actors/license/license.hpp"
#include "actors/session/session.hpp"
#include "actors/slave/slave.hpp"

#include <string>
#include <variant>

namespace strowger::views {

using any_event =
    std::variant<agent::event, extension::event, session::event, license::event, slave::event,
                 call::event>;

struct committed {
  position at = 0;
  tenant_id tenant;
  std::string stream; // the aggregate's id
  time_ms time = 0;
  any_event event;
};

} // namespace strowger::views
