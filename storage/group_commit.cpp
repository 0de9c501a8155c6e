#include "storage/group_commit.hpp"

#include "core/limits.hpp"
#include "core/planted.hpp"

#include <chrono>

namespace strowger::storage {
namespace {

constexpr int patience_us = 80;

} // namespace

group_commit::group_commit(rocks_folder& folder, stream_index& index, std::size_t waiting_max,
                           position last) :
    folder_(folder),
    index_(index), waiting_max_(waiting_max), durable_(last) {}

group_commit::~group_commit() { stop(); }

void group_commit::start(durable_mark& mark) {
  mark_ = &mark;
  closed_ = false;
  thread_ = std::thread{[this] { run(); }};
}

void group_commit::submit(append what) {
  auto refused = errc::ok;
  bool wake = false;
  {
    std::lock_guard lock{mutex_};
    if (closed_ || stopping_)
      refused = errc::outcome_unknown;
    else if (unanswered_.load(std::memory_order_relaxed) >= waiting_max_)
      refused = errc::busy;
    else {
      unanswered_.fetch_add(1, std::memory_order_relaxed);
      waiting_.push_back(std::move(what));
      wake = std::exchange(sleeping_, false);
    }
  }
  if (wake) waiting_changed_.notify_one();
  if (refused != errc::ok && what.done) what.done({refused, durable()});
}

std::string group_commit::failure() const {
  std::lock_guard lock{mutex_};
  return failure_;
}

void group_commit::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  waiting_changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  closed_ = true;
}

void group_commit::run() {
  while (take_waiting())
    while (next_ < taken_.size()) commit_some();
}

// Waits for work; false when there is none left and the store stops.
bool group_commit::take_waiting() {
  taken_.clear();
  next_ = 0;
  // To wake a sleeping thread takes as long as a third of a sync: who has just answered somebody
  // looks for their next append a little while, and lets everybody else have the processor.
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds{patience_us};
  while (unanswered_.load(std::memory_order_relaxed) == 0 &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  std::unique_lock lock{mutex_};
  while (waiting_.empty() && !stopping_) {
    sleeping_ = true;
    waiting_changed_.wait(lock);
  }
  sleeping_ = false;
  taken_.swap(waiting_);
  return !taken_.empty();
}

void group_commit::fail(const std::string& why) {
  closed_ = true; // what the disk holds now is unknown: only opening it again can tell
  std::lock_guard lock{mutex_};
  if (failure_.empty()) failure_ = why;
}

// One group: as many of the taken appends as its limits allow.
void group_commit::commit_some() {
  const auto first = next_;
  answered group;
  if (!closed_) {
    try {
      group = stage(first);
      for (std::size_t i = 0; i < group.appends && planted(bug::answer_before_write); ++i)
        if (const auto done = std::exchange(taken_[first + i].done, {})) done(group.results[i]);
      if (!group.records.empty()) write(group.records, group_);
    } catch (const std::exception& e) {
      fail(e.what());
    }
  }
  if (closed_) {
    group.appends = taken_.size() - first;
    group.results.assign(group.appends, {errc::outcome_unknown, 0});
    group.records.clear();
  }
  next_ += group.appends;
  unanswered_.fetch_sub(group.appends, std::memory_order_relaxed);
  if (planted(bug::news_before_answers) && listener_) listener_(std::exchange(group.records, {}));
  for (std::size_t i = 0; i < group.appends; ++i) {
    const auto next = planted(bug::answers_out_of_order) ? group.appends - 1 - i : i;
    auto& done = taken_[first + next].done;
    if (done) done(group.results[i]);
  }
  if (listener_ && !group.records.empty()) listener_(std::move(group.records));
}

group_commit::answered group_commit::stage(std::size_t first) {
  answered out;
  group_ = {};
  out.records.reserve(std::min(taken_.size() - first, limits::group_events_max));
  auto last = durable();
  const auto epoch = epoch_.load();
  for (auto i = first; i < taken_.size(); ++i) {
    auto& a = taken_[i];
    const bool full = group_.bytes() > limits::group_bytes_max ||
                      group_.count() + a.events.size() > limits::group_events_max;
    if (full && group_.count() > 0) break;
    ++out.appends;
    if (a.stream.id.empty()) {
      out.results.push_back({a.events.empty() ? errc::ok : errc::internal, last});
      continue;
    }
    set_stream_prefix(prefix_, a.stream.tenant.value, a.stream.kind, a.stream.id);
    auto& head = index_.head(prefix_);
    if (!expectation_met(a, head)) {
      if (planted(bug::gap_after_refusal)) ++index_.tenant_sequence(a.stream.tenant);
      out.results.push_back({errc::internal, last});
      continue;
    }
    const auto staged = out.records.size();
    if (!a.events.empty())
      place(a, epoch, head, index_.tenant_sequence(a.stream.tenant), last, out.records);
    for (auto r = staged; r < out.records.size(); ++r)
      if (r < 3 || r + 1 < out.records.size() || !planted(bug::half_a_group))
        group_.add(out.records[r]);
    out.results.push_back({errc::ok, last});
  }
  return out;
}

void group_commit::write(const std::vector<record>& records, const group_writer& bytes) {
  std::string key;
  put_be64(key, records.front().at);
  rocksdb::WriteBatch batch;
  check(batch.Put(folder_.log(), key, bytes.finish()), "a group cannot be built");
  rocksdb::WriteOptions how;
  how.sync = !planted(bug::no_sync);
  if (planted(bug::mark_before_sync)) mark_->set(records.back().at);
  using clock = std::chrono::steady_clock;
  const auto began = clock::now();
  check(folder_.db().Write(how, &batch), "the log cannot be written");
  if (timed_) timed_(std::chrono::duration<double>(clock::now() - began).count());
  mark_->set(records.back().at);
  index_.add(records.front().at, records);
  if (const auto why = index_.failure(); !why.empty()) throw storage_error{why};
  durable_.store(records.back().at, std::memory_order_release);
}

} // namespace strowger::storage
