// Mailbox dispatch: a command is routed by its id to the actor, decided and answered; nothing is
// written. The engine as the server uses it: actors live on the thread that the commands come in
// on. The peers do the same work: peers/dispatch_caf.cpp, dispatch_erlang.erl, dispatch_go.go.
//   dispatch_bench [--what rate|bursts|wake] [--actors N] [--seconds S] [--sleep-ms M]
//                  [--other-thread] [--json]
// rate:   256 commands in flight, each answer sends the next one; and the memory of idle actors
// bursts: 64 commands every 2 ms, whatever became of those before
// wake:   one command after M ms in which nobody did anything
// --other-thread: bursts and wake with the actors on a second thread, the server's own lane
#include "actors/runtime/engine.hpp"
#include "bench/support/license_question.hpp"
#include "bench/support/measure.hpp"
#include "http/lane.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"

#include <semaphore>
#include <thread>

namespace strowger::bench {
namespace {

constexpr std::size_t window = 256;
constexpr std::size_t burst = 64;
constexpr std::size_t sampled = 8; // every 8th command is timed

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

class side {
public:
  side(std::size_t actors, bool other_thread) : ids_(actor_ids(actors)) {
    std::shared_ptr<runtime::executor> thread = here_;
    if (other_thread) thread = other_ = std::make_shared<http::lane>();
    const auto before = resident_bytes();
    engine_.emplace(runtime::engine::parts{store_, vault_, time_, {thread}}, 1);
    if (other_) other_->start();
    for (std::size_t i = 0; i < actors; ++i) { // wakes all of them
      ask([this](const auto&) { answered_.release(); });
      settle(1);
    }
    bytes_per_actor_ = (resident_bytes() - before) / static_cast<double>(actors);
  }
  ~side() {
    if (other_) other_->stop();
  }

  void rate(double seconds, line& out) {
    percentiles times;
    const auto start = steady::now();
    for (std::size_t i = 0; i < window; ++i) ask_on_and_on(start, seconds, times);
    here_->run(); // ends when the last answer asked nothing more
    out.with("per_second", static_cast<double>(done_) / seconds_since(start)).with(times);
    out.with("bytes_per_actor", bytes_per_actor_);
  }

  void bursts(double seconds, line& out) {
    percentiles times;
    auto due = steady::now();
    for (const auto start = due; seconds_since(start) < seconds;) {
      std::this_thread::sleep_until(due += std::chrono::milliseconds{2});
      const auto sent = steady::now();
      for (std::size_t i = 0; i < burst; ++i)
        ask([this, sent, &times](const auto&) {
          times.add_since(sent);
          answered_.release();
        });
      if (!other_) here_->run();
      done_ += burst;
    }
    for (std::size_t i = 0; i < done_; ++i) answered_.acquire();
    out.with(times);
  }

  void wake(double seconds, std::chrono::milliseconds idle, line& out) {
    percentiles times;
    for (const auto start = steady::now(); seconds_since(start) < seconds;) {
      std::this_thread::sleep_for(idle);
      const auto sent = steady::now();
      ask([this](const auto&) { answered_.release(); });
      settle(1);
      times.add_since(sent);
    }
    out.with(times);
  }

private:
  template <class Done> void ask(Done done) {
    engine_->send<license::spec>(ids_[next_], question, from_, std::move(done));
    if (++next_ == ids_.size()) next_ = 0;
  }
  void settle(std::size_t answers) {
    if (!other_) here_->run();
    for (std::size_t i = 0; i < answers; ++i) answered_.acquire();
  }
  void ask_on_and_on(steady::time_point start, double seconds, percentiles& times) {
    const bool timed = ++sent_ % sampled == 0;
    if (timed) {
      if (seconds_since(start) > seconds) over_ = true;
      ask([this, start, seconds, &times, sent = steady::now()](const auto&) {
        times.add_since(sent);
        ++done_;
        if (!over_) ask_on_and_on(start, seconds, times);
      });
    } else {
      ask([this, start, seconds, &times](const auto&) {
        ++done_;
        if (!over_) ask_on_and_on(start, seconds, times);
      });
    }
  }

  std::vector<std::string> ids_;
  storage::memory_store store_;
  sim::sim_vault vault_;
  still_clock time_;
  std::shared_ptr<queue_thread> here_ = std::make_shared<queue_thread>();
  std::shared_ptr<http::lane> other_;
  std::optional<runtime::engine> engine_;
  runtime::origin from_{tenant_id{"t"}, "bench", {}, {}, 0};
  std::counting_semaphore<> answered_{0};
  std::size_t next_ = 0, sent_ = 0, done_ = 0;
  double bytes_per_actor_ = 0;
  bool over_ = false;
};

void run(const arguments& how) {
  const auto what = how.text("--what", "rate");
  const auto seconds = how.number("--seconds", 1);
  side all{how.count("--actors", 10'000), how.has("--other-thread") && what != "rate"};
  line out;
  if (what == "rate")
    all.rate(seconds, out);
  else if (what == "bursts")
    all.bursts(seconds, out);
  else
    all.wake(seconds, std::chrono::milliseconds{how.count("--sleep-ms", 1)}, out);
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
