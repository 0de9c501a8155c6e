// Inside the call only: what the halves of decide share. Nobody else includes this.
#pragma once

#include "actors/call/call.hpp"

namespace strowger::call {

using result = decision<event>;
using events = std::vector<event>;

// Where a device stands in a call, strongest claim first.
enum class standing {
  nobody,   // of no leg at all
  speaks,   // its leg is alive (calls, or is up)
  rings,    // a ringing leg rings it
  stopped,  // it will not answer (declined, unreached, lost); its leg may still ring others
  lost_out, // another device of its leg has won
  over      // its leg is gone, or the call is
};
struct place_in_call {
  call::standing standing = standing::nobody;
  leg_number leg = 0;
};
place_in_call find(const state& s, const device_id& device);

// Why a device that does not speak may not do what only speakers may.
errc refusal(const state& s, const place_in_call& at);
// ok when the device speaks in an answered call.
errc may_talk(const state& s, const place_in_call& at);

bridge_number next_bridge(const state& s);
leg_number next_leg(const state& s);
leg_number other_side(const bridge& b, leg_number leg);
// May this leg send media descriptions on this bridge: its own, or, while it consults, the one it
// will come back to when the transfer fails.
bool may_use(const state& s, leg_number leg, bridge_number bridge);
// Who would get what this leg sends on this bridge; 0 while nobody has answered there.
leg_number listener(const state& s, leg_number leg, bridge_number bridge);

// Without the devices that are busy in this very call, and each only once.
std::vector<device_id> ringable(const state& s, const std::vector<device_id>& rung,
                                const device_id& asking);

// decide_ring.cpp
result on(const state& s, const place& x, const context& ctx);
result on(const state& s, const answer& x, const context& ctx);
result on(const state& s, const decline& x, const context& ctx);
result on(const state& s, const tick& x, const context& ctx);
// A rung device stops; the last one ends the call or the transfer.
events stop_ringing(const state& s, leg_number leg, const device_id& device, ring_phase why,
                    time_ms now);

// decide_leave.cpp
result on(const state& s, const hang_up& x, const context& ctx);
result on(const state& s, const lose_device& x, const context& ctx);

// decide_media.cpp
result on(const state& s, const hold& x, const context& ctx);
result on(const state& s, const unhold& x, const context& ctx);
result on(const state& s, const mute& x, const context& ctx);
result on(const state& s, const send_dtmf& x, const context& ctx);
result on(const state& s, const send_offer& x, const context& ctx);
result on(const state& s, const send_answer& x, const context& ctx);
result on(const state& s, const send_candidate& x, const context& ctx);
result on(const state& s, const send_kept& x, const context& ctx);

// decide_record.cpp
result on(const state& s, const record& x, const context& ctx);
result on(const state& s, const end_recording& x, const context& ctx);
result on(const state& s, const file_recording& x, const context& ctx);
// No recording outlives its call: what was decided, with the end of a recording before the call's.
result with_its_recording(const state& s, result decided, time_ms now);

// decide_quality.cpp
result on(const state& s, const note_quality& x, const context& ctx);

// decide_transfer.cpp
result on(const state& s, const start_transfer& x, const context& ctx);
result on(const state& s, const cancel_transfer& x, const context& ctx);
events target_answers(const state& s, const device_id& device, time_ms now);
// The call is as before, or over when the transferor has already left.
events transfer_fails(const state& s, cause why, time_ms now);
// The transferor goes: the target takes its place, now or when it answers.
events transferor_leaves(const state& s, time_ms now);

} // namespace strowger::call
