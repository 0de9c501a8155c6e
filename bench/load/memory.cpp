// Resident bytes of the server for each idle, signed-in device: its memory at several counts of
// them, and the line through these points.
//   memory_bench [--target strowger|beast] [--devices 10000] [--steps 4] [--settle 2]
//                [--binary PATH] [--folder PATH] [--json]
#include "bench/load/fleet.hpp"

#include <sys/resource.h>

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

struct point {
  double devices = 0, bytes = 0;
};

double slope_of(const std::vector<point>& points) { // least squares
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& p : points) {
    x += p.devices;
    y += p.bytes;
    xx += p.devices * p.devices;
    xy += p.devices * p.bytes;
  }
  const auto n = static_cast<double>(points.size());
  return (n * xy - x * y) / (n * xx - x * x);
}

// Both sides need a descriptor for each device; the children inherit this.
void allow_descriptors() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void run(const bench::arguments& how) {
  const auto devices = how.count("--devices", 10'000);
  const auto steps = std::max<std::size_t>(2, how.count("--steps", 4));
  const auto settle = static_cast<nanos>(how.number("--settle", 2) * second);
  allow_descriptors();
  target at{target_of(how, "front", devices)};
  loop on;
  fleet everybody{on, at};
  std::size_t lost = 0;
  everybody.on_lost = [&lost](std::size_t, std::string_view) { ++lost; };
  std::vector<point> points;
  const auto began = now();
  for (std::size_t step = 1; step <= steps; ++step) {
    if (!everybody.grow_to(devices * step / steps, 64, 300))
      throw std::runtime_error{"not everybody could sign in: " + everybody.last_refusal()};
    on.run_until(now() + settle);
    points.push_back(
        {static_cast<double>(everybody.size()), usage_of(at.running().pid()).resident_bytes});
  }
  const auto took =
      static_cast<double>(now() - began - settle * static_cast<nanos>(steps)) / second;
  bench::line out;
  out.with("devices", points.back().devices).with("bytes_per_device", slope_of(points));
  out.with("first_bytes", points.front().bytes).with("last_bytes", points.back().bytes);
  out.with("sign_ins_per_second", points.back().devices / took);
  out.with("lost", static_cast<double>(lost)).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
