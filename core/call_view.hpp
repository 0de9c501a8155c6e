// A call as its media needs to know it: who is in it, who hears whom, and who must not.
#pragma once

#include "core/ids.hpp"

#include <vector>

namespace strowger {

struct call_party {
  device_id device;
  device_id peer;       // whom it talks to, or, while it rings, will talk to; empty: nobody now
  bool up = false;      // false: it calls or is being rung
  bool on_hold = false; // its media is stopped, by either side
  bool muted = false;   // by itself
  bool operator==(const call_party&) const = default;
};
struct call_view {
  bool answered = false; // and not over
  bool over = false;
  bool relayed = false;            // placed by a device whose media goes through the relay
  std::vector<call_party> parties; // none when it is over
};

} // namespace strowger
