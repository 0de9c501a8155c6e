// From the start of the process to the first answered command, and the memory after it, on a folder
// with many extensions and events; made first when it is not there.
//   restart_bench [--extensions 20000] [--events 100000] [--starts 3] [--crash] [--data PATH]
//                 [--binary PATH] [--folder PATH] [--json]
// --data: a folder that is kept. A million extensions with ten million events take some minutes to
// make, less when --data lies in memory. --crash: kill -9 instead of a stop between the starts.
#include "bench/load/fleet.hpp"

#include <algorithm>
#include <filesystem>

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000;

// Signs device 0 in and sends one command. Asks anew until it works.
class first_command final : public listener {
public:
  first_command(loop& on, target& at) : loop_(on), target_(at), socket_(on, *this) {}

  nanos answered(nanos deadline) { // 0: not until then
    open();
    while (answered_at_ == 0 && now() < deadline) {
      if (again_at_ != 0 && now() >= again_at_) open();
      loop_.turn(now() + 1'000'000);
    }
    return answered_at_;
  }

private:
  void open() {
    again_at_ = 0;
    socket_.open(target_.at(), target_.path_of(0), target_.fields_of(0));
  }
  void heard(socket& s, std::string_view text) override {
    if (text.starts_with(R"({"type":"connected")")) s.send(R"({"type":"heartbeat","id":1})");
    if (text.find(R"("success":true)") != std::string_view::npos) answered_at_ = now();
  }
  void closed(socket&, std::string_view) override { again_at_ = now() + 1'000'000; }

  loop& loop_;
  target& target_;
  socket socket_;
  nanos answered_at_ = 0, again_at_ = 0;
};

void run(const bench::arguments& how) {
  const contents wanted{how.count("--extensions", 20'000), how.count("--events", 100'000)};
  const temporary_folder own{how.text("--folder", {})};
  auto options = target_of(how, "restart", 0);
  if (options.data.empty()) options.data = own.path();
  const auto began = now();
  if (!std::filesystem::exists(options.data + "/log")) make_folder(options.data, wanted);
  const auto made = static_cast<double>(now() - began) / second;

  options.ready_ms = 600'000;
  target at{options}; // the first start makes the admin's account, which takes its time
  std::vector<double> took_ms, bytes;
  for (std::size_t i = 0; i < how.count("--starts", 3); ++i) {
    loop on;
    first_command(on, at).answered(now() + 600 * second);
    how.has("--crash") ? at.running().kill9() : at.running().end();
    const auto start = now();
    at.start();
    const auto answered = first_command(on, at).answered(now() + 600 * second);
    if (answered == 0) throw std::runtime_error{"no command was answered"};
    took_ms.push_back(static_cast<double>(answered - start) / 1e6);
    on.run_until(now() + second);
    bytes.push_back(usage_of(at.running().pid()).resident_bytes);
  }
  std::ranges::sort(took_ms);
  std::ranges::sort(bytes);
  bench::line out;
  out.with("extensions", static_cast<double>(wanted.extensions));
  out.with("log_events", static_cast<double>(wanted.events)).with("made_s", made);
  out.with("restart_ms", took_ms[took_ms.size() / 2]).with("restart_max_ms", took_ms.back());
  out.with("server_bytes", bytes[bytes.size() / 2]).print(how);
}

} // namespace
} // namespace strowger::load

int main(int argc, char** argv) {
  return strowger::bench::guarded(argc, argv, strowger::load::run);
}
