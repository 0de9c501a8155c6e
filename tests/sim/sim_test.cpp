// sim_test [--first S] [--seeds N] [--twice] [--planted] [--show SEED]: plays N lives and says
// which broke a promise. --twice: every seed must give the same run again. --planted: each planted
// fault must be found within N seeds. Exit code 0: as it should be.
#include "tests/sim/play/play.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>

using namespace strowger;

namespace {

struct options {
  std::uint64_t first = 1, seeds = 100, show = 0;
  bool twice = false, planted = false;
};

void print(std::uint64_t seed, const sim::outcome_of_play& out) {
  for (const auto& line : out.tail) std::printf("  %s\n", line.c_str());
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              out.broken.empty() ? "all promises kept" : out.broken.c_str());
}

int play_all(const options& o) {
  std::set<std::uint64_t> traces;
  std::uint64_t steps = 0, acknowledged = 0, messages = 0, crashes = 0, events = 0, failures = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto seed = o.first; seed < o.first + o.seeds && failures < 5; ++seed) {
    const auto out = sim::play(seed);
    traces.insert(out.trace);
    steps += out.steps;
    acknowledged += out.acknowledged;
    messages += out.messages;
    crashes += out.crashes;
    events += out.events;
    if (!out.broken.empty()) {
      ++failures;
      print(seed, sim::play(seed, {}, true));
    }
    if (o.twice && sim::play(seed).trace != out.trace) {
      ++failures;
      std::printf("seed %llu: another run the second time\n",
                  static_cast<unsigned long long>(seed));
    }
  }
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::steady_clock::now() - start)
                      .count();
  std::printf("%llu seeds, %zu distinct traces, %lld ms; %llu steps, %llu events, %llu "
              "acknowledged, %llu messages, %llu crashes\n",
              static_cast<unsigned long long>(o.seeds), traces.size(), static_cast<long long>(ms),
              static_cast<unsigned long long>(steps), static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(acknowledged),
              static_cast<unsigned long long>(messages), static_cast<unsigned long long>(crashes));
  if (traces.size() * 100 < o.seeds * 99 && failures == 0) {
    std::printf("too few distinct traces: the seeds do not reach the scheduler\n");
    return 1;
  }
  return failures == 0 ? 0 : 1;
}

bool found(const char* name, sim::sim_faults faults, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto out = sim::play(seed, faults);
    if (out.broken.empty()) continue;
    std::printf("%s: found by seed %llu: %s\n", name, static_cast<unsigned long long>(seed),
                out.broken.c_str());
    return true;
  }
  std::printf("%s: NOT found in %llu seeds\n", name, static_cast<unsigned long long>(seeds));
  return false;
}

int find_planted(std::uint64_t seeds) {
  const bool early = found("reply before disk", {.reply_before_disk = true}, seeds);
  const bool window = found("no command window", {.skip_command_window = true}, seeds);
  return early && window ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
    const auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (is("--first"))
      o.first = number();
    else if (is("--seeds"))
      o.seeds = number();
    else if (is("--show"))
      o.show = number();
    else if (is("--twice"))
      o.twice = true;
    else if (is("--planted"))
      o.planted = true;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  if (o.show != 0) {
    print(o.show, sim::play(o.show, {}, true));
    return 0;
  }
  return o.planted ? find_planted(o.seeds) : play_all(o);
}
