// Test only: time, chance and threads of a simulated world. Threads are queues of jobs; a seeded
// choice says whose job runs next and when time jumps. One real thread; same seed, same run.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "actors/runtime/ports.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace strowger::sim {

class sim_threads;

// A simulated thread: runs its jobs in order of posting. A killed one forgets them.
class sim_thread : public runtime::executor, public std::enable_shared_from_this<sim_thread> {
public:
  sim_thread(sim_threads& all, std::uint64_t number) : all_(all), number_(number) {}
  ~sim_thread() override;

  void post(std::function<void()> job) override;
  void post_after(duration_ms delay, std::function<void()> job) override;
  void kill(); // its jobs are dropped unrun, and so is whatever is still posted
  bool killed() const { return killed_; }
  std::uint64_t number() const { return number_; }

private:
  friend class sim_threads;
  sim_threads& all_;
  std::uint64_t number_;
  std::deque<std::function<void()>> jobs_;
  std::size_t slot_ = none; // among the ready ones
  bool killed_ = false;
  bool stalled_ = false; // until the next of its timers
  static constexpr std::size_t none = ~std::size_t{0};
};

class sim_threads : public runtime::clock {
public:
  explicit sim_threads(std::uint64_t seed, bool keep_trace = false);
  ~sim_threads() override;

  std::shared_ptr<sim_thread> make();
  bool run_one();              // one job of a random thread that has one; false: nobody has
  bool leap();                 // to the next delayed job; false: there is none
  void pass(duration_ms span); // delayed jobs that fall due are posted
  bool idle() const { return ready_.empty(); }
  time_ms now() override { return now_; }
  time_ms time() const { return now_; }
  time_ms next_timer() const { return later_.empty() ? never : later_.begin()->first; }

  std::uint64_t random();
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  duration_ms between(duration_ms low, duration_ms high) {
    return low + static_cast<duration_ms>(below(static_cast<std::size_t>(high - low + 1)));
  }

  // What happened, in a few words. The whole run's words make one number.
  void note(std::initializer_list<std::string_view> words);
  void mix(std::uint64_t value);
  std::uint64_t trace() const { return trace_; }
  const std::deque<std::string>& tail() const { return tail_; } // with keep_trace only
  std::uint64_t steps() const { return steps_; }

private:
  friend class sim_thread;
  struct delayed {
    std::weak_ptr<sim_thread> thread;
    std::function<void()> job;
  };
  void make_ready(sim_thread& t);
  void unready(sim_thread& t);
  void post_due();
  void stall(sim_thread& t);

  std::uint64_t random_;
  std::uint64_t trace_ = 14695981039346656037ull;
  std::uint64_t threads_made_ = 0;
  std::uint64_t steps_ = 0;
  time_ms now_ = 1'800'000'000'000;
  std::vector<sim_thread*> ready_;
  std::multimap<time_ms, delayed> later_; // equal times keep the order of posting
  bool keep_trace_;
  std::deque<std::string> tail_;
};

} // namespace strowger::sim
