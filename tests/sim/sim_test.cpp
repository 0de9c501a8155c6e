// sim_test [--first S] [--seeds N] [--twice] [--plain] [--points] [--show SEED]: plays N lives and
// says which broke a promise. --twice: every seed must give the same run in another process.
// --plain: without the rare events of core/buggify.hpp. --points: each of them must have happened,
// and how often. Its last line adds up in scripts/campaign.sh. Exit code 0: as it should be.
#include "tests/sim/play/play.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <numeric>
#include <set>

using namespace strowger;

namespace {

struct options {
  std::uint64_t first = 1, seeds = 100, show = 0;
  bool twice = false, points = false, traces = false;
  sim::how_to_play how{};
};

void print(std::uint64_t seed, const sim::outcome_of_play& out) {
  for (const auto& line : out.tail) std::printf("  %s\n", line.c_str());
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              out.broken.empty() ? "all promises kept" : out.broken.c_str());
}

// A point that never fires is a promise that is not tried.
int all_points_fired() {
  int missing = 0;
  for (std::size_t i = 0; i < sim::rare_events.size(); ++i) {
    const auto times = sim::sim_chances::fired()[i];
    std::printf("%10llu %s\n", static_cast<unsigned long long>(times),
                std::string{sim::rare_events[i].name}.c_str());
    missing += times == 0;
  }
  if (missing > 0) std::printf("%d rare events never happened\n", missing);
  return missing;
}

std::uint64_t rare_events() {
  const auto& fired = sim::sim_chances::fired();
  return std::accumulate(fired.begin(), fired.end(), std::uint64_t{0});
}

// From the last to the first: what a life leaves behind in its process must not reach the next.
void tell_traces(const options& o) {
  for (auto seed = o.first + o.seeds; seed-- > o.first;)
    std::printf("%llu %llu\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(sim::play(seed, o.how).trace));
}

// By seed, from a process of its own: nothing lies in memory where it lies here.
std::map<std::uint64_t, std::uint64_t> traces_elsewhere(const options& o) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto command = "'" + self + "' --traces --first " + std::to_string(o.first) + " --seeds " +
                       std::to_string(o.seeds) + (o.how.rare_events ? "" : " --plain");
  std::map<std::uint64_t, std::uint64_t> out;
  const std::unique_ptr<FILE, int (*)(FILE*)> said{::popen(command.c_str(), "r"), ::pclose};
  unsigned long long seed = 0, trace = 0;
  while (said && std::fscanf(said.get(), "%llu %llu", &seed, &trace) == 2) out[seed] = trace;
  return out;
}

int play_all(const options& o) {
  const auto elsewhere = o.twice ? traces_elsewhere(o) : std::map<std::uint64_t, std::uint64_t>{};
  std::set<std::uint64_t> traces;
  std::uint64_t steps = 0, acknowledged = 0, messages = 0, crashes = 0, events = 0, failures = 0;
  const auto start = std::chrono::steady_clock::now();
  for (auto seed = o.first; seed < o.first + o.seeds && failures < 5; ++seed) {
    const auto out = sim::play(seed, o.how);
    traces.insert(out.trace);
    steps += out.steps;
    acknowledged += out.acknowledged;
    messages += out.messages;
    crashes += out.crashes;
    events += out.events;
    if (!out.broken.empty()) {
      ++failures;
      print(seed, sim::play(seed, {true, o.how.rare_events}));
    }
    const auto other = elsewhere.find(seed);
    if (o.twice && (other == elsewhere.end() || other->second != out.trace)) {
      ++failures;
      std::printf("seed %llu: another run in another process\n",
                  static_cast<unsigned long long>(seed));
    }
  }
  int code = failures == 0 ? 0 : 1;
  if (o.points && all_points_fired() > 0) code = 1;
  if (traces.size() * 100 < o.seeds * 99 && failures == 0) {
    std::printf("too few distinct traces: the seeds do not reach the scheduler\n");
    code = 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("seeds=%llu traces=%zu broken=%llu steps=%llu events=%llu acknowledged=%llu "
              "messages=%llu crashes=%llu rare_events=%llu took_s=%.1f\n",
              number(o.seeds), traces.size(), number(failures), number(steps), number(events),
              number(acknowledged), number(messages), number(crashes), number(rare_events()),
              took.count());
  return code;
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
    else if (is("--traces")) // what --twice asks its other process
      o.traces = true;
    else if (is("--plain"))
      o.how.rare_events = false;
    else if (is("--points"))
      o.points = true;
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  if (o.show != 0) {
    print(o.show, sim::play(o.show, {true, o.how.rare_events}));
    return 0;
  }
  if (o.traces) return tell_traces(o), 0;
  return play_all(o);
}
