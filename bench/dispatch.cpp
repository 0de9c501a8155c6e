// Mailbox dispatch: commands that write nothing, through the engine (lane, directory, shell), and
// beside it, in the same run, CAF's own request/response through a hash map. One thread each.
#include "actors/runtime/engine.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"

#include <chrono>
#include <cstdio>

using namespace strowger;

namespace {

constexpr std::size_t actors = 1'000;
constexpr std::size_t commands = 200'000;
constexpr std::size_t window = 256; // commands in flight

class queue_thread : public runtime::executor { // this thread, when asked to run
public:
  void post(std::function<void()> job) override { jobs_.push_back(std::move(job)); }
  void post_after(duration_ms, std::function<void()>) override {}
  void run() {
    for (; !jobs_.empty(); jobs_.pop_front()) jobs_.front()();
  }

private:
  std::deque<std::function<void()>> jobs_;
};

struct still_clock : runtime::clock {
  time_ms now() override { return 1'000'000; }
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double engine_seconds() {
  storage::memory_store store;
  sim::sim_vault vault;
  still_clock time;
  auto thread = std::make_shared<queue_thread>();
  runtime::engine engine{{store, vault, time, {thread}}, 1};
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < actors; ++i) ids.push_back(sim::digest_of({std::to_string(i)}));
  const runtime::origin from{tenant_id{"t"}, "bench", {}, {}, 0};
  std::size_t answered = 0;
  const auto ask = [&](std::size_t i) {
    engine.send<license::spec>(ids[i % actors],
                               license::release_seat{agent_id{"a"}, session_id{"s"}}, from,
                               [&](const auto&) { ++answered; });
  };
  for (std::size_t i = 0; i < actors; ++i) ask(i); // wakes all
  thread->run();
  const auto seconds = seconds_of([&] {
    for (std::size_t i = 0; i < commands; ++i) {
      ask(i);
      if (i % window == 0) thread->run();
    }
    thread->run();
  });
  if (answered != actors + commands) std::printf("lost answers\n");
  return seconds;
}

double caf_seconds() {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", 1u);
  caf::actor_system system{config};
  std::unordered_map<std::string, caf::actor> known;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < actors; ++i) {
    ids.push_back(sim::digest_of({std::to_string(i)}));
    known.emplace(ids.back(), system.spawn([](caf::event_based_actor*) -> caf::behavior {
      return {[](std::uint32_t n) { return n; }};
    }));
  }
  caf::scoped_actor self{system};
  return seconds_of([&] {
    for (std::size_t i = 0; i < commands; i += window) {
      for (std::size_t n = 0; n < window; ++n)
        self->send(caf::actor_cast<caf::actor>(known.at(ids[(i + n) % actors])), std::uint32_t{1});
      for (std::size_t n = 0; n < window; ++n) self->receive([](std::uint32_t) {});
    }
  });
}

void row(const char* name, double seconds) {
  std::printf("| %-44s | %10.0f | %8.2f |\n", name, commands / seconds, seconds * 1e6 / commands);
}

} // namespace

int main() {
  std::printf("| %-44s | %10s | %8s |\n", "mailbox dispatch, 1,000 actors", "commands/s",
              "us each");
  std::printf("| --- | ---: | ---: |\n");
  row("engine: lane, directory, shell, completion", engine_seconds());
  row("CAF scheduler, hash map, response message", caf_seconds());
  return 0;
}
