// Test only: one master and three slaves as they decide, without threads or sockets: leases over a
// network that loses, delays, repeats and cuts, nodes that crash in the middle of an append, clocks
// that drift and jump by years. Whatever happens, no more seats are used than the license has, and
// when it is over none is lost for longer than a lease.
#pragma once

#include <cstdint>
#include <string>

namespace strowger::sim {

struct outcome_of_leases {
  std::string broken; // empty: nothing; else what, and at which step
  std::uint64_t steps = 0, taken = 0, refused = 0, crashes = 0, cuts = 0, leases = 0, debts = 0,
                put_back = 0;
};

outcome_of_leases play_leases(std::uint64_t seed, std::uint64_t steps);

} // namespace strowger::sim
