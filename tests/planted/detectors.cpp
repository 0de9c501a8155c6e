#include "tests/planted/detectors.hpp"

#include "tests/crash/scripts.hpp"
#include "tests/power/play/play.hpp"
#include "tests/sim/leases/leases.hpp"
#include "tests/sim/links/links.hpp"
#include "tests/sim/play/play.hpp"
#include "tests/sim/race/race.hpp"

#include <array>

namespace strowger::planted_bugs {

std::string play_a_life(std::size_t seed) { return sim::play(seed).broken; }

std::string kill_at_every_append(std::size_t script) {
  const auto& which = sim::scripts()[script - 1];
  const auto wrong = sim::other_record_when_killed(which);
  return wrong.empty() ? wrong : std::string{which.name} + ", " + wrong;
}

std::string race(std::size_t seed) {
  const auto seats = sim::race_for_seats(seed, 500).broken;
  return seats.empty() ? sim::race_for_a_call(seed).broken : seats;
}

std::string play_leases(std::size_t seed) { return sim::play_leases(seed, 5'000).broken; }

std::string play_links(std::size_t seed) { return sim::play_links(seed).broken; }

// Without threads of its own: the same every time.
std::string cut_the_power(std::size_t seed) { return power::play(seed, {.threads = false}); }

std::span<const detector> detectors() {
  static const std::array all{
      detector{"moment", 1, run_the_moments},
      detector{"leases", 60, play_leases},
      detector{"life", 600, play_a_life},
      detector{"script", sim::scripts().size(), kill_at_every_append},
      detector{"race", 40, race},
      detector{"links", 20, play_links},
      detector{"suite", suite_count(), run_the_suite, true},
      detector{"power cut", 100, cut_the_power, true},
      detector{"long life", 3'000, play_a_life},
  };
  return all;
}

} // namespace strowger::planted_bugs
