// More calls than the server can set up, each an open loop: half of what it can do, all of it,
// twice that and `times` as much. Goodput at the last beside the best of all; how long the admitted
// ones took beside those at half load; how fast the others were refused, and whether an answer or a
// hang-up ever was. A line for each rate with --each.
//   overload_bench [--times 10] [--pairs 1500] [--at-once 4] [--seconds 4] [--capacity 0] [--each]
//                  [--binary PATH] [--folder PATH] [--json]
#include "bench/load/callers.hpp"

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

// Calls a second with as many under way as need no waiting; the best of three tries.
double capacity_of(callers& work) {
  double best = 0;
  for (const std::size_t under_way : {16u, 32u, 64u}) {
    work.keep_going(under_way, now() + second / 2);
    work.begin();
    const auto began = now();
    work.keep_going(under_way, began + 2 * second);
    const auto took = static_cast<double>(now() - began) / second;
    best = std::max(best, static_cast<double>(work.told().answered) / took);
    work.finish(10);
  }
  return best;
}

struct stretch { // at one rate
  tally told;    // until its end; refused answers and hang-ups: until everything was over
  double rate = 0, goodput = 0, unfinished = 0, not_sent = 0, bytes = 0;

  bench::line report() const {
    bench::line out;
    out.with("offered_per_second", rate).with("per_second", goodput).with(told.ring);
    out.with("refused", static_cast<double>(told.refused));
    out.with("refusal_p50_us", told.refusal.us(0.5)).with("refusal_p99_us", told.refusal.us(0.99));
    out.with("not_sent", not_sent).with("unfinished", unfinished).with("server_bytes", bytes);
    return out;
  }
};

stretch measure(callers& work, target& at, double rate, double seconds) {
  work.at_rate(rate, seconds / 4); // until it has found its measure
  work.begin();
  work.at_rate(rate, seconds);
  stretch out;
  out.rate = rate;
  out.told = work.told();
  out.goodput = static_cast<double>(out.told.answered) / seconds;
  out.not_sent = static_cast<double>(work.waiting()); // every device had all the calls it may have
  work.finish(15);
  out.told.answers_refused = work.told().answers_refused;
  out.told.hang_ups_refused = work.told().hang_ups_refused;
  out.told.lost = work.told().lost;
  out.unfinished = static_cast<double>(work.under_way());
  out.bytes = usage_of(at.running().pid()).resident_bytes;
  return out;
}

void run(const bench::arguments& how) {
  const auto pairs = how.count("--pairs", 1500);
  const auto seconds = how.number("--seconds", 4), times = how.number("--times", 10);
  target at{target_of(how, "call", pairs * 2)};
  callers work{at, pairs, how.count("--at-once", 4)};
  auto capacity = how.number("--capacity", 0);
  if (capacity <= 0) capacity = capacity_of(work);
  double peak = 0, answers_refused = 0, hang_ups_refused = 0, lost = 0, unloaded_p99 = 0;
  stretch last;
  for (const double factor : {0.5, 1.0, 2.0, times}) {
    last = measure(work, at, capacity * factor, seconds);
    if (how.has("--each")) last.report().print(how);
    if (unloaded_p99 == 0) unloaded_p99 = last.told.ring.us(0.99);
    peak = std::max(peak, last.goodput);
    answers_refused += static_cast<double>(last.told.answers_refused);
    hang_ups_refused += static_cast<double>(last.told.hang_ups_refused);
    lost += static_cast<double>(last.told.lost);
  }
  if (how.has("--each")) return;
  auto out = last.report();
  out.with("capacity", capacity).with("times", times).with("of_peak", last.goodput / peak);
  out.with("p99_of_unloaded", last.told.ring.us(0.99) / unloaded_p99);
  out.with("answers_refused", answers_refused).with("hang_ups_refused", hang_ups_refused);
  out.with("lost", lost).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
