// Test only: one license, or one ringing call, that several people want at the same time, through
// the shells and a disk that is slow, refuses and crashes. What they were told is held against a
// small sequential model (tests/support/small_models.hpp): a race is right when everybody's answers
// could have come one after the other.
#pragma once

#include <cstdint>
#include <string>

namespace strowger::sim {

struct outcome_of_race {
  std::string broken; // empty: none
  std::uint64_t steps = 0, unknown = 0, crashes = 0;
};

// So many takes and releases of seats, from this seed.
outcome_of_race race_for_seats(std::uint64_t seed, std::size_t steps);
// One call, several devices that answer it at once.
outcome_of_race race_for_a_call(std::uint64_t seed);

} // namespace strowger::sim
