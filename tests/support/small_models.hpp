// Test only: seats and answers as one client alone would see them, for linearizable.hpp.
#pragma once

#include <map>
#include <set>
#include <string>

namespace strowger::support {

// Seats of a license: one for each holder with at least one session.
struct seat_pool {
  struct state {
    std::size_t seats = 0;
    std::map<std::string, std::set<std::string>> held;
    auto operator<=>(const state&) const = default;
  };
  struct input {
    bool takes = true; // or releases
    std::string holder, session;
  };
  enum class output { ok, full };

  static bool step(state& s, const input& in, const output* seen) {
    if (!in.takes) {
      if (const auto it = s.held.find(in.holder); it != s.held.end()) {
        it->second.erase(in.session);
        if (it->second.empty()) s.held.erase(it);
      }
      return seen == nullptr || *seen == output::ok;
    }
    const bool full = !s.held.contains(in.holder) && s.held.size() >= s.seats;
    if (!full) s.held[in.holder].insert(in.session);
    return seen == nullptr || *seen == (full ? output::full : output::ok);
  }
};

// A leg that rings: the first device to answer has it.
struct ringing_leg {
  struct state {
    std::string winner;
    auto operator<=>(const state&) const = default;
  };
  using input = std::string; // the device that answers
  enum class output { won, lost };

  static bool step(state& s, const input& device, const output* seen) {
    if (s.winner.empty()) s.winner = device;
    const auto now = s.winner == device ? output::won : output::lost;
    return seen == nullptr || *seen == now;
  }
};

} // namespace strowger::support
