// power_test [--first S] [--cuts N] [--faults all|tenth] [--show SEED]: plays lives of a data
// folder from seed S on until the power was cut N times, then (with --faults) the reference script
// once for every trouble at every operation of it, or a tenth of them. Exit code 0: nothing was
// lost.
#include "tests/power/play/play.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace strowger;

namespace {

struct wanted {
  std::uint64_t first = 1, cuts = 0, show = 0;
  std::size_t every = 0; // so many fault points share one that is played; 0: none is
};

using ull = unsigned long long;

void show(std::uint64_t seed) {
  power::options how;
  how.tell = [](const std::string& line) { std::printf("  %s\n", line.c_str()); };
  const auto broken = power::play(seed, how);
  std::printf("seed %llu: %s\n", static_cast<ull>(seed),
              broken.empty() ? "all promises kept" : broken.c_str());
}

int cut_power(const wanted& o) {
  power::counts all;
  int failures = 0;
  auto seed = o.first;
  for (; all.cuts < o.cuts && failures < 5; ++seed) {
    const auto broken = power::play(seed, {}, &all);
    if (broken.empty()) continue;
    ++failures;
    std::printf("seed %llu: %s\n", static_cast<ull>(seed), broken.c_str());
  }
  std::printf("cuts=%llu kills=%llu stops=%llu struck=%llu acknowledged=%llu seeds=%llu broken=%d",
              static_cast<ull>(all.cuts), static_cast<ull>(all.kills), static_cast<ull>(all.stops),
              static_cast<ull>(all.faults), static_cast<ull>(all.acknowledged),
              static_cast<ull>(seed - o.first), failures);
  return failures == 0 ? 0 : 1;
}

int fail_operations(const wanted& o) {
  const auto points = power::points_of_the_script();
  std::size_t played = 0, struck = 0, broken = 0;
  for (auto i = o.first % o.every; i < points.size() && broken < 5; i += o.every) {
    bool met = false;
    const auto said = power::play_script(points[i], &met);
    ++played;
    struck += met;
    if (said.empty()) continue;
    ++broken;
    std::printf("start %zu, %s, then the end of the %s: %s\n", points[i].start,
                power::text_of(points[i].what).c_str(), points[i].power ? "power" : "process",
                said.c_str());
  }
  std::printf("%stroubles=%zu of_script=%zu met=%zu wrong=%zu", o.cuts > 0 ? " " : "", played,
              points.size(), struck, broken);
  return broken == 0 && struck * 10 > played * 9 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  wanted o;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (is("--first"))
      o.first = number();
    else if (is("--cuts"))
      o.cuts = number();
    else if (is("--faults"))
      o.every = ++i < argc && std::strcmp(argv[i], "tenth") == 0 ? 10 : 1;
    else if (is("--show"))
      o.show = number();
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (o.show != 0) return show(o.show), 0;
  int bad = 0;
  if (o.cuts > 0) bad += cut_power(o);
  if (o.every > 0) bad += fail_operations(o);
  std::printf("\n");
  return bad;
}
