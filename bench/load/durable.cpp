// Durable commands asked by this process of a server in another one: N under way, round robin over
// M licenses, every command timed. --seats: each takes a seat and gives it back, in turn.
//   durable_bench --server durable_server|durable_prototype [--in-flight N] [--actors N]
//                 [--seconds S] [--seats] [--folder F] [--json]
#include "bench/load/process.hpp"
#include "bench/support/command_port.hpp"

#include <fcntl.h>
#include <sys/socket.h>

namespace strowger::load {
namespace {

std::string beside_us(const std::string& program) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
}

class client {
public:
  explicit client(const bench::arguments& how) :
      in_flight_(how.count("--in-flight", 1024)), seconds_(how.number("--seconds", 1)),
      actors_(how.count("--actors", 10'000)), takes_seats_(how.has("--seats")), sent_(in_flight_),
      turns_(in_flight_) {
    int both[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0) throw std::runtime_error{"no socket"};
    ours_ = both[0];
    ::fcntl(ours_, F_SETFD, FD_CLOEXEC);
    const auto folder = how.text("--folder", own_.path());
    server_.start({beside_us(how.text("--server", "durable_server")), "--fd",
                   std::to_string(both[1]), "--actors", std::to_string(actors_), "--folder",
                   folder},
                  {}, folder + "/server.log");
    ::close(both[1]);
  }
  ~client() { ::close(ours_); }

  bench::line run() {
    turn(); // it is ready
    if (takes_seats_) issue_licenses();
    for (std::size_t slot = 0; slot < in_flight_; ++slot) ask(static_cast<std::uint32_t>(slot));
    const auto server_cpu_s = usage_of(server_.pid()).cpu_s, own_cpu_s = bench::cpu_seconds();
    start_ = bench::steady::now();
    bench::write_all(ours_, asks_);
    while (under_way_ > 0) turn();
    const auto took = bench::seconds_since(start_);
    const auto events = static_cast<double>(times_.total());
    if (refused_ > 0) throw std::runtime_error{std::to_string(refused_) + " were refused"};
    bench::line out;
    out.with("per_second", events / took).with(times_);
    out.with("server_cpu", (usage_of(server_.pid()).cpu_s - server_cpu_s) / took);
    return out.with("client_cpu", (bench::cpu_seconds() - own_cpu_s) / took);
  }

private:
  // Before the time runs: seats enough for everybody.
  void issue_licenses() {
    for (std::uint32_t actor = 0; actor < actors_; ++actor) {
      const bench::asked one{made_++, 0, actor, 1'000'000, bench::wish::seats};
      bench::write_all(ours_, std::vector{one});
      turn();
    }
  }
  void ask(std::uint32_t slot) {
    if (takes_seats_) {
      const auto what = turns_[slot]++ % 2 == 0 ? bench::wish::take : bench::wish::release;
      asks_.push_back({made_++, slot, static_cast<std::uint32_t>(slot % actors_), 0, what});
    } else {
      const auto actor = static_cast<std::uint32_t>(made_ % actors_);
      const auto seats = static_cast<std::uint32_t>(1 + made_ / actors_ % 1'000'000);
      asks_.push_back({made_++, slot, actor, seats, bench::wish::seats});
    }
    sent_[slot] = bench::steady::now();
    ++under_way_;
  }
  void turn() {
    const auto size = ::read(ours_, bytes_.data(), bytes_.size());
    if (size <= 0) throw std::runtime_error{"the server ended"};
    asks_.clear();
    const bool over = bench::seconds_since(start_) > seconds_;
    answers_.take({bytes_.data(), static_cast<std::size_t>(size)}, [&](const bench::answered& one) {
      if (under_way_ == 0) return; // before the time runs
      times_.add_since(sent_[one.slot]);
      --under_way_;
      refused_ += one.refused;
      if (!over) ask(one.slot);
    });
    bench::write_all(ours_, asks_);
  }

  const std::size_t in_flight_;
  const double seconds_;
  const std::size_t actors_;
  const bool takes_seats_;
  std::vector<bench::steady::time_point> sent_;
  std::vector<std::uint32_t> turns_;
  temporary_folder own_;
  process server_;
  int ours_ = -1;
  std::array<char, 64 * 1024> bytes_;
  bench::frames<bench::answered> answers_;
  std::vector<bench::asked> asks_;
  bench::steady::time_point start_ = bench::steady::now();
  bench::percentiles times_;
  std::uint64_t made_ = 0, refused_ = 0;
  std::size_t under_way_ = 0;
};

void run(const bench::arguments& how) { client{how}.run().print(how); }

} // namespace
} // namespace strowger::load

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::load::run);
}
