// Test only: which rare events (core/buggify.hpp) a simulation brings about, from its seed. Dice of
// their own, so that a run without them takes the same other choices.
#pragma once

#include "core/buggify.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strowger::sim {

struct rare_event {
  std::string_view name;
  unsigned often = 0; // of 1000, where it is awake
};
inline constexpr std::array rare_events{
#define STROWGER_POINT_ROW(name, often) rare_event{#name, often},
    STROWGER_POINTS(STROWGER_POINT_ROW)
#undef STROWGER_POINT_ROW
};

class sim_chances : public chances {
public:
  static constexpr unsigned awake_percent = 30;

  // In one life of eight nothing rare happens at all.
  sim_chances(std::uint64_t seed, bool on) : random_(seed * 0xd1342543de82ef95ull + 0x9e3779b9) {
    const bool plain = !on || next() % 8 == 0;
    for (auto& a : awake_) a = !plain && next() % 100 < awake_percent;
  }

  bool fires(point which) override {
    const auto i = static_cast<std::size_t>(which);
    if (!awake_[i] || paused_ || next() % 1000 >= rare_events[i].often) return false;
    ++fired()[i];
    return true;
  }
  void pause(bool on) { paused_ = on; }

  // How often each has happened in this process.
  static std::array<std::uint64_t, rare_events.size()>& fired() {
    static std::array<std::uint64_t, rare_events.size()> count{};
    return count;
  }

private:
  std::uint64_t next() { // splitmix64
    auto z = random_ += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  std::uint64_t random_;
  std::array<bool, rare_events.size()> awake_{};
  bool paused_ = false;
};

} // namespace strowger::sim
