// Test only: the parties and devices of the call tests, and calls that have come some way.
//   ann calls ben, who has two devices; cleo is the target of transfers, with two as well.
#pragma once

#include "actors/call/call.hpp"
#include "tests/support/given.hpp"

namespace strowger::call::test {

using world = support::given<spec>;

inline constexpr time_ms start = 1'000'000;
inline constexpr duration_ms ring = 30'000;

inline const device_id ann{"ann"};
inline const device_id ben{"ben"};
inline const device_id ben2{"ben2"};
inline const device_id cleo{"cleo"};
inline const device_id cleo2{"cleo2"};
inline const device_id stranger{"stranger"};

inline party person(const std::string& name) {
  const subject_id owner{name};
  return {extension_id{name}, agent_id{name}, {owner, "+" + name}, {owner, name}};
}
inline description sdp(const std::string& text) { return {subject_id{"s"}, text}; }
inline trickled ice(const std::string& line) { return {subject_id{"s"}, candidate{line, "0", 0}}; }

inline place placing() {
  return {.caller = person("ann"),
          .caller_device = ann,
          .callee = person("ben"),
          .rung = {ben, ben2},
          .ring_ms = ring,
          .method = "webrtc"};
}
inline placed as_placed(std::vector<device_id> rung = {ben, ben2}) {
  return {.caller = person("ann"),
          .caller_device = ann,
          .callee = person("ben"),
          .rung = std::move(rung),
          .ring_until = start + ring,
          .method = "webrtc",
          .at = start};
}
inline start_transfer transferring(transfer_kind kind, std::vector<device_id> rung = {cleo, cleo2},
                                   device_id by = ben) {
  return {.device = std::move(by),
          .kind = kind,
          .target = person("cleo"),
          .rung = std::move(rung),
          .ring_ms = ring};
}
inline transfer_started as_started(transfer_kind kind) {
  return {2, 3, kind, person("cleo"), {cleo, cleo2}, start + ring, start};
}

inline world ringing() { return world{{as_placed()}}; }
inline world talking() { return world{{as_placed(), answered{2, ben, 1, start}}}; }
// ben has asked to hand ann over to cleo, whose devices ring.
inline world handing_over(transfer_kind kind) {
  return world{{as_placed(), answered{2, ben, 1, start}, as_started(kind)}};
}
// ben talks to cleo while ann waits.
inline world consulting() {
  return world{{as_placed(), answered{2, ben, 1, start}, as_started(transfer_kind::warm),
                answered{3, cleo, 2, start}}};
}
inline world over() { return talking().when(hang_up{ann}); }

} // namespace strowger::call::test
