// lease_test [--first S] [--steps N]: a master and three slaves in lives of 5,000 steps, N steps in
// all (tests/sim/leases/leases.hpp). Its last line adds up in scripts/campaign.sh. Exit code 0:
// never more seats used than there are, and none lost.
#include "tests/sim/leases/leases.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace strowger;

int main(int argc, char** argv) {
  constexpr std::uint64_t steps_of_a_life = 5'000;
  std::uint64_t first = 1, steps = 1'000'000, wrong = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--first") == 0)
      first = number;
    else if (std::strcmp(argv[i], "--steps") == 0)
      steps = number;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  const auto began = std::chrono::steady_clock::now();
  sim::outcome_of_leases all;
  for (auto seed = first; all.steps < steps && wrong < 5; ++seed) {
    const auto out = sim::play_leases(seed, steps_of_a_life);
    all.steps += out.steps;
    all.taken += out.taken;
    all.refused += out.refused;
    all.crashes += out.crashes;
    all.cuts += out.cuts;
    all.leases += out.leases;
    all.debts += out.debts;
    all.put_back += out.put_back;
    if (out.broken.empty()) continue;
    ++wrong;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), out.broken.c_str());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("lease_steps=%llu taken=%llu refused=%llu leases=%llu crashes=%llu cuts=%llu "
              "debts=%llu put_back=%llu wrong=%llu took_s=%.1f\n",
              number(all.steps), number(all.taken), number(all.refused), number(all.leases),
              number(all.crashes), number(all.cuts), number(all.debts), number(all.put_back),
              number(wrong), took.count());
  const bool busy =
      all.taken > 0 && all.leases > 0 && all.crashes > 0 && all.debts > 0 && all.put_back > 0;
  return wrong == 0 && busy ? 0 : 1;
}
