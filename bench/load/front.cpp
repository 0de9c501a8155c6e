// A message from a socket to an actor and back, driven from this process: one under way on each
// connection, or, with --rate, so many a second whether or not the last ones were answered.
//   front_bench [--target strowger|beast|ws|socketio] [--connections 1000] [--rate 0]
//               [--seconds 3] [--warm 1] [--binary PATH] [--folder PATH] [--json]
#include "bench/load/fleet.hpp"
#include "bench/support/measure.hpp"

#include <deque>

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

// The cheapest command that an actor answers: the device's own session is asked to renew itself.
std::string ask(std::uint64_t id) {
  return R"({"type":"heartbeat","id":)" + std::to_string(id) + "}";
}

class front {
public:
  front(target& at, std::size_t connections) :
      target_(at), devices_(loop_, at), sent_at_(connections) {
    devices_.on_message = [this](std::size_t device, std::string_view) { answered(device); };
    devices_.on_lost = [this](std::size_t, std::string_view) { ++lost_; };
    if (!devices_.grow_to(connections))
      throw std::runtime_error{"not everybody could sign in: " + devices_.last_refusal()};
  }

  bench::line closed_loop(double warm_s, double seconds) {
    closed_ = true;
    for (std::size_t i = 0; i < devices_.size(); ++i) send(i, now());
    loop_.run_until(now() + nanos(warm_s * second));
    begin();
    loop_.run_until(began_ + nanos(seconds * second));
    closed_ = false;
    return report(0);
  }

  // What is late counts from when it was due: a stalled server is not asked more gently.
  bench::line open_loop(double rate, double warm_s, double seconds) {
    send_at(rate, warm_s);
    begin();
    send_at(rate, seconds);
    return report(rate);
  }

private:
  void begin() {
    began_ = now();
    took_ = {};
    own_cpu_s_ = bench::cpu_seconds();
    server_cpu_s_ = usage_of(target_.running().pid()).cpu_s;
  }

  void send_at(double rate, double seconds) {
    const auto step = nanos(second / rate);
    const auto start = now(), end = start + nanos(seconds * second);
    for (nanos due = start + step; due < end; due += step) {
      loop_.turn(due); // what has come is read even when the next one is late already
      loop_.run_until(due);
      send(next_, due);
      next_ = (next_ + 1) % devices_.size();
    }
  }

  void send(std::size_t device, nanos due) {
    sent_at_[device].push_back(due);
    devices_.send(device, devices_.message("m", ask(++id_)));
  }

  void answered(std::size_t device) {
    if (sent_at_[device].empty()) return;
    took_.add(static_cast<std::uint64_t>(now() - sent_at_[device].front()));
    sent_at_[device].pop_front();
    if (closed_) send(device, now());
  }

  bench::line report(double rate) {
    const auto seconds = static_cast<double>(now() - began_) / second;
    bench::line out;
    out.with("connections", static_cast<double>(devices_.size())).with("rate", rate);
    out.with("per_second", static_cast<double>(took_.total()) / seconds).with(took_);
    out.with("lost", static_cast<double>(lost_));
    out.with("client_cpu", (bench::cpu_seconds() - own_cpu_s_) / seconds);
    const auto used = usage_of(target_.running().pid()).cpu_s - server_cpu_s_;
    return out.with("server_cpu", used / seconds);
  }

  target& target_;
  loop loop_;
  fleet devices_;
  std::vector<std::deque<nanos>> sent_at_; // by device; answers come in order
  bench::percentiles took_;
  nanos began_ = 0;
  double own_cpu_s_ = 0, server_cpu_s_ = 0;
  std::uint64_t id_ = 0, lost_ = 0;
  std::size_t next_ = 0;
  bool closed_ = false;
};

void run(const bench::arguments& how) {
  const auto connections = how.count("--connections", 1000);
  const auto seconds = how.number("--seconds", 3), warm_s = how.number("--warm", 1);
  const auto rate = how.number("--rate", 0);
  target at{target_of(how, "front", connections)};
  front work{at, connections};
  (rate > 0 ? work.open_loop(rate, warm_s, seconds) : work.closed_loop(warm_s, seconds)).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
