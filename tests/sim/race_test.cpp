// race_test [--first S] [--seat-steps N] [--calls N]: N takes and releases of a license's seats, in
// lives of 5,000, and N calls that several devices answer at once; what everybody was told must fit
// one order. Its last line adds up in scripts/campaign.sh. Exit code 0: it did.
#include "tests/sim/race/race.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace strowger;

namespace {

constexpr std::uint64_t steps_of_a_life = 5'000;

struct total {
  std::uint64_t lives = 0, steps = 0, unknown = 0, crashes = 0, failures = 0;
  void add(const char* what, std::uint64_t seed, const sim::outcome_of_race& out) {
    ++lives;
    steps += out.steps;
    unknown += out.unknown;
    crashes += out.crashes;
    if (out.broken.empty()) return;
    ++failures;
    std::printf("%s, seed %llu: %s\n", what, static_cast<unsigned long long>(seed),
                out.broken.c_str());
  }
};

} // namespace

int main(int argc, char** argv) {
  std::uint64_t first = 1, seat_steps = 1'000'000, calls = 10'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--first") == 0)
      first = number;
    else if (std::strcmp(argv[i], "--seat-steps") == 0)
      seat_steps = number;
    else if (std::strcmp(argv[i], "--calls") == 0)
      calls = number;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  total seats, answers;
  const auto began = std::chrono::steady_clock::now();
  for (auto seed = first; seats.steps < seat_steps && seats.failures < 5; ++seed)
    seats.add("seats", seed, sim::race_for_seats(seed, steps_of_a_life));
  for (auto seed = first; seed < first + calls && answers.failures < 5; ++seed)
    answers.add("answers", seed, sim::race_for_a_call(seed));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("seat_steps=%llu calls=%llu answers=%llu unknown=%llu crashes=%llu wrong=%llu "
              "took_s=%.1f\n",
              number(seats.steps), number(answers.lives), number(answers.steps),
              number(seats.unknown + answers.unknown), number(seats.crashes + answers.crashes),
              number(seats.failures + answers.failures), took.count());
  return seats.failures + answers.failures == 0 ? 0 : 1;
}
