// Test only: one random life of a site, from a seed. Phones, REST clients and licensed agents do
// what people do, the network loses and repeats, the disk fails, the server is killed and started.
#pragma once

#include "tests/support/sim_world.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace strowger::sim {

struct outcome_of_play {
  std::string broken; // the first broken promise, empty: none
  std::uint64_t trace = 0;
  std::uint64_t steps = 0, acknowledged = 0, messages = 0, crashes = 0, events = 0;
  std::vector<std::string> tail; // of the trace, when kept
};

struct how_to_play {
  bool keep_trace = false;
  bool rare_events = true; // core/buggify.hpp
};
outcome_of_play play(std::uint64_t seed, how_to_play how = {});

} // namespace strowger::sim
