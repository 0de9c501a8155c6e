// links_test [--first S] [--lives N]: a master and three slaves as whole sites, N lives of 1,500
// steps (tests/sim/links/links.hpp). Its last line adds up in scripts/campaign.sh. Exit code 0:
// never more people with a seat than there are, and none lost.
#include "tests/sim/links/links.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

using namespace strowger;

int main(int argc, char** argv) {
  std::uint64_t first = 1, lives = 200, wrong = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--first") == 0)
      first = number;
    else if (std::strcmp(argv[i], "--lives") == 0)
      lives = number;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  const auto began = std::chrono::steady_clock::now();
  sim::outcome_of_links all;
  std::set<std::uint64_t> traces;
  for (auto seed = first; seed < first + lives && wrong < 5; ++seed) {
    const auto out = sim::play_links(seed);
    traces.insert(out.trace);
    all.steps += out.steps;
    all.signed_in += out.signed_in;
    all.beats += out.beats;
    all.seat_steps += out.seat_steps;
    all.crashes += out.crashes;
    all.cuts += out.cuts;
    all.put_back += out.put_back;
    all.most = std::max(all.most, out.most);
    if (out.broken.empty()) continue;
    ++wrong;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), out.broken.c_str());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  const bool each_its_own = wrong > 0 || traces.size() == lives;
  if (!each_its_own) std::printf("two lives were one\n");
  std::printf("lives=%llu traces=%zu site_steps=%llu seat_steps=%llu signed_in=%llu beats=%llu "
              "crashes=%llu cuts=%llu put_back=%llu wrong=%llu took_s=%.1f\n",
              number(lives), traces.size(), number(all.steps), number(all.seat_steps),
              number(all.signed_in), number(all.beats), number(all.crashes), number(all.cuts),
              number(all.put_back), number(wrong), took.count());
  const bool busy = all.signed_in > 0 && all.crashes > 0 && all.cuts > 0;
  return wrong == 0 && busy && each_its_own ? 0 : 1;
}
