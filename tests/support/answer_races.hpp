// Test only: who answered which leg, and what they were told: it must fit one order with one winner
// (linearizable.hpp).
#pragma once

#include "actors/call/call.hpp"
#include "tests/support/linearizable.hpp"
#include "tests/support/small_models.hpp"

#include <map>
#include <string>
#include <vector>

namespace strowger::sim {

class answer_races {
public:
  using call_name = std::pair<tenant_id, call_id>;
  using states = std::map<call_name, std::vector<call::state>>; // of every call, after each event

  void asked(const tenant_id& t, const call_id& call, const std::string& command,
             const device_id& device) {
    auto& r = races_[{t, call}];
    r.tries[command] = {r.seen.invoke(device.value), device};
  }
  // What else is refused (the call is over, ...) says nothing of who won.
  void told(const tenant_id& t, const call_id& call, const std::string& command,
            const device_id& device, errc why) {
    if (why != errc::ok && why != errc::answered_elsewhere) return;
    const auto race = races_.find({t, call});
    if (race == races_.end()) return;
    const auto it = race->second.tries.find(command);
    if (it == race->second.tries.end() || it->second.device != device) return;
    race->second.seen.answer(it->second.which, why == errc::ok
                                                   ? support::ringing_leg::output::won
                                                   : support::ringing_leg::output::lost);
  }

  // The first call whose answers fit no order; none: all fit. `wrote`: whether a command is in the
  // log.
  template <class Wrote> const call_id* broken(const states& calls, const Wrote& wrote) const {
    for (const auto& [name, race] : races_) {
      const auto it = calls.find(name);
      if (it == calls.end() || !of_one_leg(name.first, it->second.back(), race, wrote)) continue;
      if (!support::linearizable<support::ringing_leg>(race.seen.history())) return &name.second;
    }
    return nullptr;
  }

private:
  struct attempt {
    std::size_t which = 0;
    device_id device;
  };
  struct race {
    support::recorder<support::ringing_leg> seen;
    std::map<std::string, attempt> tries; // by command
  };

  // A transfer rings another leg, which is a race of its own; and a winner that answered in another
  // way (by its session) is not among those who were seen.
  template <class Wrote> static bool of_one_leg(const tenant_id& tenant, const call::state& s,
                                                const race& r, const Wrote& wrote) {
    if (s.legs.size() != 2) return false;
    const auto& winner = s.legs.at(2).device;
    for (const auto& [command, one] : r.tries)
      if (winner.empty() || (one.device == winner && wrote(tenant, command))) return true;
    return false;
  }

  std::map<call_name, race> races_;
};

} // namespace strowger::sim
