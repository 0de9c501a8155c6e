// A call as its media needs to know it: who is in it, who hears whom, and who must not.
#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <vector>

namespace strowger {

struct call_party {
  device_id device;
  device_id peer;       // whom it talks to, or, while it rings, will talk to; empty: nobody now
  bool up = false;      // false: it calls or is being rung
  bool on_hold = false; // its media is stopped, by either side
  bool muted = false;   // by itself
  std::uint32_t leg = 0;
  bool waits = false; // held by another, not by itself: it hears the music
  bool operator==(const call_party&) const = default;
};
struct call_view {
  bool answered = false; // and not over
  bool over = false;
  bool relayed = false;            // placed by a device whose media goes through the relay
  std::vector<call_party> parties; // none when it is over
  std::uint32_t recording = 0;     // that runs; 0: none
  bool recording_paused = false;
};

// How a leg sounds: what its device hears, as its own reports and the relay's figures say.
struct call_quality {
  std::uint32_t mos_x100 = 0;      // listening quality, 1.00 to 4.50 (ITU-T G.107)
  std::uint32_t jitter_us = 0;     // RFC 3550
  std::uint32_t loss_permyriad = 0; // of what was sent to it
  std::uint32_t rtt_us = 0;        // between the relay and the device; 0: not known
  std::uint64_t packets = 0;       // sent to it
  bool operator==(const call_quality&) const = default;
};

} // namespace strowger
