// How a leg sounded, for the record. It comes when the leg has left, often after the call is over,
// and changes nothing else.
#include "actors/call/parts.hpp"

#include <algorithm>

namespace strowger::call {

result on(const state& s, const note_quality& x, const context& ctx) {
  const auto left_with = [&](const auto& entry) {
    const auto& l = entry.second;
    return l.phase == leg_phase::left && l.device == x.device && !l.rated;
  };
  const auto found = std::ranges::find_if(s.legs, left_with);
  if (x.device.empty() || found == s.legs.end()) return {};
  return {quality_noted{found->first, found->second.who.extension, x.device, x.mos_x100,
                        x.jitter_us, x.loss_permyriad, x.rtt_us, x.packets, ctx.now}};
}

} // namespace strowger::call
