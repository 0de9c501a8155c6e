#include "storage/memory_store.hpp"

#include "storage/staging.hpp"

#include <algorithm>
#include <utility>

namespace strowger::storage {
namespace {

void answer(const append& what, const append_result& result) {
  if (what.done) what.done(result);
}

} // namespace

std::vector<record> memory_disk::log() const {
  std::lock_guard lock{mutex_};
  return log_;
}

std::shared_ptr<memory_disk> memory_disk::copy() const {
  auto out = std::make_shared<memory_disk>();
  std::lock_guard lock{mutex_};
  out->log_ = log_;
  out->streams_ = streams_;
  out->sequences_ = sequences_;
  out->snapshots_ = snapshots_;
  out->views_ = views_;
  out->keys_ = keys_;
  return out;
}

memory_store::memory_store(std::shared_ptr<memory_disk> disk, std::size_t waiting_max) :
    disk_(std::move(disk)), waiting_max_(waiting_max) {
  std::lock_guard lock{disk_->mutex_};
  owner_ = ++disk_->owner_;
}

memory_store::~memory_store() { stop(); }

std::size_t memory_store::waiting() const {
  std::lock_guard lock{mutex_};
  return waiting_.size();
}

void memory_store::fail_next(failure how) {
  std::lock_guard lock{mutex_};
  fail_next_ = how;
}

void memory_store::listen(commit_listener listener) {
  std::lock_guard lock{mutex_};
  listener_ = std::move(listener);
}

void memory_store::own(incarnation epoch) {
  std::lock_guard lock{mutex_};
  epoch_ = epoch;
}

void memory_store::submit(append what) {
  {
    std::unique_lock lock{mutex_};
    const auto refused = closed_                           ? errc::outcome_unknown
                         : waiting_.size() >= waiting_max_ ? errc::busy
                                                           : errc::ok;
    if (refused != errc::ok) {
      lock.unlock();
      return answer(what, {refused, durable()});
    }
    waiting_.push_back(std::move(what));
    if (queueing_ || draining_) return;
    draining_ = true;
  }
  drain();
}

void memory_store::drain() {
  for (;;) {
    auto next = take(limits::group_events_max);
    if (next.empty()) return;
    commit(std::move(next));
  }
}

memory_store::group memory_store::take(std::size_t appends_max) {
  std::lock_guard lock{mutex_};
  group out;
  for (; !waiting_.empty() && out.size() < appends_max; waiting_.pop_front())
    out.push_back(std::move(waiting_.front()));
  if (out.empty()) draining_ = false;
  return out;
}

std::size_t memory_store::commit_one_group(std::size_t appends_max) {
  auto next = take(appends_max);
  const auto size = next.size();
  if (size > 0) commit(std::move(next));
  return size;
}

void memory_store::commit(group what) {
  std::vector<append_result> answers(what.size(), {errc::outcome_unknown, 0});
  auto records = write(what, answers);
  for (std::size_t i = 0; i < what.size(); ++i) answer(what[i], answers[i]);
  commit_listener listener;
  bool failed = false;
  {
    std::lock_guard lock{mutex_};
    listener = listener_;
    failed = closed_;
  }
  if (listener && !records.empty()) listener(std::move(records));
  if (failed) drop_waiting();
}

// Returns what was committed, in order; nothing, and `answers` untouched, when the write failed.
std::vector<record> memory_store::write(group& what, std::vector<append_result>& answers) {
  std::scoped_lock lock{mutex_, disk_->mutex_};
  auto& disk = *disk_;
  const auto fail = std::exchange(fail_next_, std::nullopt);
  if (closed_ || disk.owner_ != owner_ || fail == failure::before_write) {
    closed_ = true;
    return {};
  }
  std::vector<record> records;
  std::vector<append_result> results;
  position last = disk.log_.size();
  for (auto& a : what) {
    const auto known = disk.streams_.find(a.stream);
    stream_head head;
    if (known != disk.streams_.end()) head = {known->second.size(), known->second.back()};
    if (!expectation_met(a, head)) {
      results.push_back({errc::internal, last});
      continue;
    }
    if (!a.events.empty()) {
      const auto first = records.size();
      auto& places = disk.streams_[a.stream];
      place(a, epoch_, head, disk.sequences_[a.stream.tenant], last, records);
      for (auto i = first; i < records.size(); ++i) {
        places.push_back(records[i].at);
        disk.log_.push_back(records[i]);
      }
    }
    results.push_back({errc::ok, last});
  }
  if (fail == failure::after_write) {
    closed_ = true;
    return {};
  }
  answers = std::move(results);
  return records;
}

void memory_store::drop_waiting() {
  std::deque<append> dropped;
  {
    std::lock_guard lock{mutex_};
    dropped.swap(waiting_);
  }
  for (const auto& a : dropped) answer(a, {errc::outcome_unknown, 0});
}

void memory_store::crash() {
  {
    std::lock_guard lock{mutex_};
    closed_ = true;
  }
  drop_waiting();
}

void memory_store::stop() {
  while (commit_one_group(limits::group_events_max) > 0) {
  }
  crash();
}

std::vector<record> memory_store::read_stream(const stream_key& stream, strowger::version from,
                                              std::size_t max) const {
  std::lock_guard lock{disk_->mutex_};
  std::vector<record> out;
  const auto known = disk_->streams_.find(stream);
  if (known == disk_->streams_.end()) return out;
  const auto& places = known->second;
  for (std::size_t i = from > 0 ? from - 1 : 0; i < places.size() && out.size() < max; ++i)
    out.push_back(disk_->log_[places[i] - 1]);
  return out;
}

std::vector<record> memory_store::read_log(position from, std::size_t max) const {
  std::lock_guard lock{disk_->mutex_};
  std::vector<record> out;
  for (std::size_t i = from > 0 ? from - 1 : 0; i < disk_->log_.size() && out.size() < max; ++i)
    out.push_back(disk_->log_[i]);
  return out;
}

position memory_store::durable() const {
  std::lock_guard lock{disk_->mutex_};
  return disk_->log_.size();
}

void memory_store::put_snapshot(const stream_key& stream, const snapshot& what) {
  std::lock_guard lock{disk_->mutex_};
  disk_->snapshots_[stream] = what;
}

std::optional<snapshot> memory_store::get_snapshot(const stream_key& stream) const {
  std::lock_guard lock{disk_->mutex_};
  const auto found = disk_->snapshots_.find(stream);
  if (found == disk_->snapshots_.end()) return std::nullopt;
  return found->second;
}

void memory_store::put_view(std::string_view name, position up_to, std::string_view bytes) {
  std::lock_guard lock{disk_->mutex_};
  disk_->views_.insert_or_assign(std::string{name}, std::pair{up_to, std::string{bytes}});
}

std::optional<std::pair<position, std::string>>
memory_store::get_view(std::string_view name) const {
  std::lock_guard lock{disk_->mutex_};
  const auto found = disk_->views_.find(name);
  if (found == disk_->views_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> memory_store::find(const tenant_id& tenant,
                                              const subject_id& subject) const {
  std::lock_guard lock{disk_->mutex_};
  const auto found = disk_->keys_.find({tenant, subject});
  if (found == disk_->keys_.end()) return std::nullopt;
  return found->second;
}

std::string memory_store::find_or_create(const tenant_id& tenant, const subject_id& subject) {
  std::lock_guard lock{disk_->mutex_};
  auto& key = disk_->keys_[{tenant, subject}];
  std::uint64_t mix = 0xcbf29ce484222325; // FNV-1a over the names; a test key, not a secret
  for (const char c : tenant.value + '/' + subject.value)
    mix = (mix ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  while (key.size() < 32) {
    mix = mix * 6364136223846793005 + 1442695040888963407;
    key.push_back(static_cast<char>(mix >> 56));
  }
  return key;
}

} // namespace strowger::storage
