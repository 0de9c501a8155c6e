// More calls than the server can set up: an open loop at a multiple of what it was just measured to
// do. Goodput, how long the admitted ones took, how fast the others were refused, and whether
// an answer or a hang-up was ever refused.
//   overload_bench [--times 10] [--pairs 1500] [--at-once 4] [--seconds 4] [--capacity 0]
//                  [--binary PATH] [--folder PATH] [--json]
#include "bench/load/callers.hpp"

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

// Calls a second with as many under way as need no waiting; the best of two tries.
double capacity_of(callers& work) {
  double best = 0;
  for (const std::size_t under_way : {128u, 512u}) {
    work.keep_going(under_way, now() + second);
    work.begin();
    const auto began = now();
    work.keep_going(under_way, began + 2 * second);
    const auto took = static_cast<double>(now() - began) / second;
    best = std::max(best, static_cast<double>(work.told().answered) / took);
    work.finish(10);
  }
  return best;
}

bench::line measure(callers& work, target& at, double capacity, double times, double seconds) {
  const auto rate = capacity * times;
  work.begin();
  work.at_rate(rate, seconds);
  const auto t = work.told();
  const auto not_sent = work.waiting(); // every device had all the calls it may have
  work.finish(15);
  const auto& end = work.told();
  bench::line out;
  out.with("capacity", capacity).with("times", times).with("offered_per_second", rate);
  out.with("per_second", static_cast<double>(t.answered) / seconds); // goodput
  out.with("of_capacity", static_cast<double>(t.answered) / seconds / capacity).with(t.ring);
  out.with("set_up_p99_us", t.set_up.us(0.99));
  out.with("refused_per_second", static_cast<double>(t.refused) / seconds);
  out.with("refusal_p50_us", t.refusal.us(0.5)).with("refusal_p99_us", t.refusal.us(0.99));
  out.with("answers_refused", static_cast<double>(end.answers_refused));
  out.with("hang_ups_refused", static_cast<double>(end.hang_ups_refused));
  out.with("failed", static_cast<double>(end.failed)).with("lost", static_cast<double>(end.lost));
  out.with("not_sent", static_cast<double>(not_sent));
  out.with("unfinished", static_cast<double>(work.under_way()));
  return out.with("server_bytes", usage_of(at.running().pid()).resident_bytes);
}

void run(const bench::arguments& how) {
  const auto pairs = how.count("--pairs", 1500);
  const auto seconds = how.number("--seconds", 4);
  target at{target_of(how, "call", pairs * 2)};
  callers work{at, pairs, how.count("--at-once", 4)};
  auto capacity = how.number("--capacity", 0);
  if (capacity <= 0) capacity = capacity_of(work);
  measure(work, at, capacity, how.number("--times", 10), seconds).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
