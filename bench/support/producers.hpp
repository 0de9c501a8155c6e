// The load of the journal benchmarks, the same for every writer: N producers, each with one append
// of one 200-byte event under way, over M streams with expected versions, driven by one thread.
#pragma once

#include "bench/support/measure.hpp"
#include "storage/event_store.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace strowger::bench {

inline constexpr std::size_t payload_bytes = 200;

// Half text that repeats, half noise: what a log of sealed events compresses like.
inline std::string payload(std::uint64_t seed) {
  std::string out = "status:registered;tenant:acme-corp;ext:1001;reason:normal;codec:opus;at:2026;";
  out.resize(payload_bytes / 2, '.');
  while (out.size() < payload_bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    out.push_back(static_cast<char>(seed >> 56));
  }
  return out;
}

// A writer has submit(append), as storage::event_store has; its answers may come on any thread. One
// that has pump() does its work and answers there, on the driver's thread. One with a member
// `elsewhere` writes in another process: the time of this one's processor says nothing.
template <class Writer>
concept pumped = requires(Writer& w) {
  w.pump();
};

struct load_options {
  std::size_t producers = 256;
  std::size_t streams = 10'000;
  double seconds = 1;
  std::size_t events = 0; // then it ends, however long it takes; 0: after `seconds`

  explicit load_options(const arguments& how) :
      producers(how.count("--producers", 256)), streams(how.count("--streams", 10'000)),
      seconds(how.number("--seconds", 1)), events(how.count("--events", 0)) {}
};

class producers {
public:
  explicit producers(const load_options& options) :
      options_(options), next_(options.producers), sent_(options.producers),
      versions_(options.streams) {
    for (std::size_t p = 0; p < next_.size(); ++p) next_[p] = p % options.streams;
    for (std::size_t i = 0; i < 64; ++i) payloads_.push_back(payload(i));
  }

  // Throws when an append was refused: such a measurement says nothing.
  template <class Writer> void run(Writer& writer, line& out) {
    start_ = steady::now();
    const auto cpu_before = cpu_seconds();
    for (std::size_t p = 0; p < next_.size(); ++p) writer.submit(make(p));
    std::vector<std::size_t> got;
    for (auto under_way = next_.size(); under_way > 0;) {
      wait(writer, got);
      for (const auto p : got) times_.add_since(sent_[p]);
      const bool over = is_over();
      for (const auto p : got) {
        if (over)
          --under_way;
        else
          writer.submit(make(p));
      }
      got.clear();
    }
    if (refused_ > 0) throw std::runtime_error{std::to_string(refused_) + " appends were refused"};
    const auto events = static_cast<double>(times_.total());
    out.with("per_second", events / seconds_since(start_)).with(times_).with("events", events);
    if constexpr (!requires { Writer::elsewhere; })
      out.with("cpu_us", (cpu_seconds() - cpu_before) / events * 1e6);
  }
  double payload_sum() const { return static_cast<double>(times_.total() * payload_bytes); }
  double events() const { return static_cast<double>(times_.total()); }

private:
  bool is_over() const {
    if (options_.events > 0) return made_ >= options_.events;
    return seconds_since(start_) > options_.seconds;
  }

  template <class Writer> void wait(Writer& writer, std::vector<std::size_t>& got) {
    if constexpr (pumped<Writer>) {
      while (done_.empty()) writer.pump();
      got.swap(done_);
    } else {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [&] { return !done_.empty(); });
      got.swap(done_);
    }
  }

  storage::append make(std::size_t producer) {
    const auto s = next_[producer];
    const auto further = s + next_.size();
    next_[producer] = further < versions_.size() ? further : producer % versions_.size();
    storage::append out;
    out.stream = {tenant_id{"default"}, "call", "stream-" + std::to_string(s)};
    out.expected = versions_[s]++;
    out.events.push_back({"call.placed.v1", payloads_[(s + out.expected) % payloads_.size()]});
    out.meta.time = 1'700'000'000'000;
    out.meta.principal = "agent-7f3k2m9x";
    out.meta.command = command_id{"command-" + std::to_string(++made_)};
    out.done = [this, producer](const storage::append_result& r) {
      std::lock_guard lock{mutex_};
      if (r.error != errc::ok) ++refused_;
      done_.push_back(producer);
      if (done_.size() == 1) changed_.notify_one();
    };
    sent_[producer] = steady::now();
    return out;
  }

  const load_options options_;
  std::vector<std::size_t> next_; // stream of each producer's next append
  std::vector<steady::time_point> sent_;
  std::vector<std::uint64_t> versions_; // of each stream; producers never share one at a time
  std::vector<std::string> payloads_;
  percentiles times_;
  steady::time_point start_;
  std::size_t made_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> done_;
  std::size_t refused_ = 0;
};

} // namespace strowger::bench
