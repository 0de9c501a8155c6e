// Who is told what when something happens in a call. Pure: the same log gives the same messages, so
// a client that comes back gets exactly what it missed.
#pragma once

#include "actors/call/call.hpp"
#include "core/notice.hpp"

#include <vector>

namespace strowger::views {

struct addressed {
  device_id to;
  notice::any what;
};

// `before` and `after` are the call's state around the event.
std::vector<addressed> notices_of(const call_id& id, const call::state& before,
                                  const call::event& event, const call::state& after);

// The call as one of its devices sees it now; for a device that comes back without a position.
notice::call_snapshot snapshot_for(const call_id& id, const call::state& s,
                                   const device_id& device);

} // namespace strowger::views
