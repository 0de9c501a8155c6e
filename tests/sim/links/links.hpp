// Test only: a master and three slaves as whole sites in one thread: partitions, crashes, late and
// repeated messages, clocks that jump by years, disks that are put back, and people who sign in at
// all of them. An oracle counts who surely uses a seat: from a success answer up to the question
// that was last answered with success.
#pragma once

#include <cstdint>
#include <string>

namespace strowger::sim {

struct outcome_of_links {
  std::string broken; // empty: nothing
  std::uint64_t steps = 0, signed_in = 0, beats = 0, crashes = 0, cuts = 0, put_back = 0;
  std::uint64_t seat_steps = 0; // sign-ins, heartbeats and sign-outs that a site has answered
  std::uint64_t most = 0;       // who used a seat at the same time
  std::uint64_t trace = 0;
};

outcome_of_links play_links(std::uint64_t seed, std::uint64_t steps = 1'500);

} // namespace strowger::sim
