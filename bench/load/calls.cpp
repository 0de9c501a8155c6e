// Complete calls: dial, ring, answer, both told, hang up, both told. So many under way all the
// time, or, with --rate, so many a second whether or not the last ones are over.
//   calls_bench [--target strowger|beast|socketio|janus] [--pairs 500] [--under-way 256] [--rate 0]
//               [--seconds 3] [--warm 1] [--binary PATH] [--folder PATH] [--json]
#include "bench/load/callers.hpp"

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

class measured { // the tally of one stretch, with what it cost
public:
  measured(callers& work, target& at) : work_(work), at_(at) {
    work.begin();
    began_ = now();
    own_cpu_s_ = bench::cpu_seconds();
    server_cpu_s_ = usage_of(at.running().pid()).cpu_s;
  }
  bench::line report(double rate) const {
    const auto& t = work_.told();
    const auto seconds = static_cast<double>(now() - began_) / second;
    bench::line out;
    out.with("rate", rate).with("per_second", static_cast<double>(t.answered) / seconds);
    out.with(t.ring); // from the invitation, when it was due, to the ring
    out.with("set_up_p50_us", t.set_up.us(0.5)).with("set_up_p99_us", t.set_up.us(0.99));
    out.with("refused", static_cast<double>(t.refused + t.answers_refused + t.hang_ups_refused));
    out.with("failed", static_cast<double>(t.failed)).with("lost", static_cast<double>(t.lost));
    out.with("client_cpu", (bench::cpu_seconds() - own_cpu_s_) / seconds);
    const auto used = usage_of(at_.running().pid());
    out.with("server_cpu", (used.cpu_s - server_cpu_s_) / seconds);
    out.with("behind", static_cast<double>(work_.waiting() + work_.under_way()));
    return out.with("server_bytes", used.resident_bytes);
  }

private:
  callers& work_;
  target& at_;
  nanos began_ = 0;
  double own_cpu_s_ = 0, server_cpu_s_ = 0;
};

void run(const bench::arguments& how) {
  const auto pairs = how.count("--pairs", 500), under_way = how.count("--under-way", 256);
  const auto seconds = how.number("--seconds", 3), warm_s = how.number("--warm", 1);
  const auto rate = how.number("--rate", 0);
  target at{target_of(how, "call", pairs * 2)};
  callers work{at, pairs};
  const auto go = [&](double for_s) {
    if (rate > 0) return work.at_rate(rate, for_s);
    work.keep_going(under_way, now() + static_cast<nanos>(for_s * second));
  };
  go(warm_s);
  measured stretch{work, at};
  go(seconds);
  stretch.report(rate).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
