#include "tests/support/sim_threads.hpp"

#include "core/buggify.hpp"

namespace strowger::sim {
namespace {

constexpr std::size_t tail_lines = 400;

} // namespace

sim_thread::~sim_thread() { all_.unready(*this); }

void sim_thread::post(std::function<void()> job) {
  if (killed_) return;
  jobs_.push_back(std::move(job));
  all_.make_ready(*this);
}

void sim_thread::post_after(duration_ms delay, std::function<void()> job) {
  if (killed_) return;
  all_.later_.emplace(all_.now_ + std::max<duration_ms>(0, delay),
                      sim_threads::delayed{weak_from_this(), std::move(job)});
}

void sim_thread::kill() {
  killed_ = true;
  all_.unready(*this);
  const auto forgotten = std::exchange(jobs_, {}); // their destructors may post: to nowhere
  std::vector<std::function<void()>> timers;
  for (auto it = all_.later_.begin(); it != all_.later_.end();) {
    if (it->second.thread.lock().get() == this) {
      timers.push_back(std::move(it->second.job));
      it = all_.later_.erase(it);
    } else {
      ++it;
    }
  }
}

namespace {

std::uint64_t mixed(std::uint64_t z) { // of splitmix64
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

} // namespace

// Mixed, because a multiple of the step would make one seed's dice those of the next but the first:
// two lives that roll once more or less in their beginning would then go on as one.
sim_threads::sim_threads(std::uint64_t seed, bool keep_trace) :
    random_(mixed(seed + 0x1234567)), keep_trace_(keep_trace) {}
sim_threads::~sim_threads() = default;

std::shared_ptr<sim_thread> sim_threads::make() {
  return std::make_shared<sim_thread>(*this, ++threads_made_);
}

std::uint64_t sim_threads::random() { // splitmix64
  return mixed(random_ += 0x9e3779b97f4a7c15ull);
}

void sim_threads::make_ready(sim_thread& t) {
  if (t.slot_ != sim_thread::none || t.stalled_ || t.jobs_.empty()) return;
  t.slot_ = ready_.size();
  ready_.push_back(&t);
}

void sim_threads::unready(sim_thread& t) {
  if (t.slot_ == sim_thread::none) return;
  ready_.back()->slot_ = t.slot_;
  ready_[t.slot_] = ready_.back();
  ready_.pop_back();
  t.slot_ = sim_thread::none;
}

bool sim_threads::run_one() {
  if (ready_.empty()) return false;
  const auto t = ready_[below(ready_.size())]->shared_from_this();
  if (buggify(point::thread_stalls)) {
    stall(*t);
    return true;
  }
  auto job = std::move(t->jobs_.front());
  t->jobs_.pop_front();
  if (t->jobs_.empty()) unready(*t);
  ++steps_;
  mix(t->number_);
  job();
  return true;
}

void sim_threads::stall(sim_thread& t) {
  unready(t);
  t.stalled_ = true;
  later_.emplace(now_ + between(1, 400), delayed{t.weak_from_this(), {}});
}

bool sim_threads::leap() {
  if (later_.empty()) return false;
  now_ = std::max(now_, later_.begin()->first);
  mix(static_cast<std::uint64_t>(now_));
  post_due();
  return true;
}

void sim_threads::pass(duration_ms span) {
  now_ += span;
  post_due();
}

void sim_threads::post_due() {
  while (!later_.empty() && later_.begin()->first <= now_) {
    auto due = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    const auto t = due.thread.lock();
    if (!t) continue;
    t->stalled_ = false;
    if (due.job)
      t->post(std::move(due.job));
    else
      make_ready(*t);
  }
}

void sim_threads::mix(std::uint64_t value) {
  trace_ = (trace_ ^ value) * 1099511628211ull;
  trace_ ^= trace_ >> 29;
}

void sim_threads::note(std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    for (const unsigned char c : word) trace_ = (trace_ ^ c) * 1099511628211ull;
  if (!keep_trace_) return;
  auto line = std::to_string(now_ - 1'800'000'000'000) + " ms";
  for (const auto word : words) line.append(" ").append(word);
  tail_.push_back(std::move(line));
  if (tail_.size() > tail_lines) tail_.pop_front();
}

} // namespace strowger::sim
