// Mailbox dispatch: a command is routed by id to its actor, decided, and answered; nothing is
// written. The engine (lane, directory, shell, completion) beside CAF's own request and response
// through a hash map. Same actors, same decide, same commands in flight; rounds A B A B, medians.
//   dispatch_bench [rounds]
#include "actors/runtime/engine.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace strowger::bench {
struct question_to {
  license::command what;
};
} // namespace strowger::bench
template <> struct caf::allowed_unsafe_message_type<strowger::bench::question_to> : std::true_type {
};

namespace strowger::bench {
namespace {

using answer_from = std::uint16_t;

constexpr std::size_t commands = 200'000; // a round
constexpr std::size_t window = 256;       // in flight

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

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(sim::digest_of({std::to_string(i)}));
  return out;
}

const license::command question{license::release_seat{agent_id{"a"}, session_id{"s"}}};

// One thread does everything: that is the design, actors run where their commands come in.
class engine_side {
public:
  explicit engine_side(std::size_t actors) : ids_(names(actors)) { round(actors); } // wakes all

  void round(std::size_t count) {
    std::size_t answered = 0;
    for (std::size_t i = 0; i < count; ++i) {
      engine_.send<license::spec>(ids_[i % ids_.size()], question, from_,
                                  [&](const auto&) { ++answered; });
      if (i % window == window - 1) thread_->run();
    }
    thread_->run();
    if (answered != count) throw std::runtime_error{"an answer is missing"};
  }

private:
  std::vector<std::string> ids_;
  storage::memory_store store_;
  sim::sim_vault vault_;
  still_clock time_;
  std::shared_ptr<queue_thread> thread_ = std::make_shared<queue_thread>();
  runtime::engine engine_{{store_, vault_, time_, {thread_}}, 1};
  runtime::origin from_{tenant_id{"t"}, "bench", {}, {}, 0};
};

// A second thread, CAF's stock scheduler with one worker, runs the actors.
class caf_side {
public:
  explicit caf_side(std::size_t actors) :
      system_(one_worker()), self_(system_), ids_(names(actors)) {
    for (const auto& id : ids_)
      known_.emplace(id, system_.spawn([](caf::stateful_actor<license::state>* actor) {
        return caf::behavior{[actor](const question_to& q) -> answer_from {
          const context now{1'000'000, 1, 0};
          return static_cast<answer_from>(license::decide(actor->state, q.what, now).why());
        }};
      }));
    round(actors);
  }
  ~caf_side() {
    for (const auto& [id, actor] : known_) caf::anon_send_exit(actor, caf::exit_reason::kill);
  }

  void round(std::size_t count) {
    for (std::size_t i = 0; i < count;) {
      const auto until = std::min(count, i + window);
      const auto sent = until - i;
      for (; i < until; ++i) self_->send(known_.at(ids_[i % ids_.size()]), question_to{question});
      for (std::size_t n = 0; n < sent; ++n) self_->receive([](answer_from) {});
    }
  }

private:
  static caf::actor_system_config& one_worker() {
    static caf::actor_system_config config;
    config.set("scheduler.max-threads", 1u);
    return config;
  }
  caf::actor_system system_;
  caf::scoped_actor self_;
  std::vector<std::string> ids_;
  std::unordered_map<std::string, caf::actor> known_;
};

template <class Side> double per_second(Side& side) {
  const auto start = std::chrono::steady_clock::now();
  side.round(commands);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  return static_cast<double>(commands) / time.count();
}

void row(const char* name, std::size_t actors, std::vector<double> rates) {
  std::ranges::sort(rates);
  std::printf("| %-28s | %6zu | %10.0f | %10.0f | %10.0f |\n", name, actors,
              rates[rates.size() / 2], rates.front(), rates.back());
}

void compare(std::size_t actors, std::size_t rounds) {
  engine_side engine{actors};
  caf_side stock{actors};
  std::vector<double> ours, theirs, ratios;
  for (std::size_t i = 0; i < rounds; ++i) {
    ours.push_back(per_second(engine));
    theirs.push_back(per_second(stock));
    ratios.push_back(ours.back() / theirs.back());
  }
  row("engine, 1 thread", actors, ours);
  row("CAF request/response, 2", actors, theirs);
  std::ranges::sort(ratios);
  std::printf("| %-28s | %6zu | %9.2fx | %9.2fx | %9.2fx |\n", "ratio", actors,
              ratios[ratios.size() / 2], ratios.front(), ratios.back());
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  const std::size_t rounds = count > 1 ? std::stoul(words[1]) : 5;
  std::printf("%zu commands a round, %zu in flight, %zu rounds each, interleaved\n\n",
              strowger::bench::commands, strowger::bench::window, rounds);
  std::printf("| commands/s                   | actors |     median |        min |        max |\n");
  std::printf("| ---------------------------- | -----: | ---------: | ---------: | ---------: |\n");
  for (const std::size_t actors : {1u, 1'000u, 10'000u}) strowger::bench::compare(actors, rounds);
  return 0;
}
