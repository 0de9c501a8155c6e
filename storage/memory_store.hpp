// The log in memory, for tests and simulations: deterministic, and it fails on command.
// The disk outlives the store: open a second memory_store on the same memory_disk to "restart".
#pragma once

#include "core/limits.hpp"
#include "storage/event_store.hpp"

#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace strowger::storage {

// What survives a crash. Shared by the stores that are opened on it, one after the other.
class memory_disk {
public:
  // Every committed record, in order, without going through a store.
  std::vector<record> log() const;
  // Another disk with the same contents: many runs from one prepared start.
  std::shared_ptr<memory_disk> copy() const;

private:
  friend class memory_store;
  mutable std::mutex mutex_;
  std::vector<record> log_; // position p is at index p - 1
  std::map<stream_key, std::vector<position>> streams_;
  std::map<tenant_id, std::uint64_t> sequences_;
  std::map<stream_key, snapshot> snapshots_;
  std::map<std::string, std::pair<position, std::string>, std::less<>> views_;
  std::map<std::pair<tenant_id, subject_id>, std::string> keys_;
  std::uint64_t owner_ = 0; // the newest store; older ones cannot write any more
};

class memory_store final : public event_store, public key_store {
public:
  enum class failure { before_write, after_write };

  explicit memory_store(std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>(),
                        std::size_t waiting_max = limits::journal_waiting_max);
  ~memory_store() override;

  // Synchronous unless told otherwise: submit() commits, answers and notifies before it returns
  // (a submit made inside an answer is committed after the running group). Queueing: submits wait
  // for commit_one_group. Switch before the first submit.
  void queue_submits(bool on) { queueing_ = on; }
  std::size_t waiting() const;
  // Commits the oldest `appends_max` waiting appends as one group; returns how many it answered.
  std::size_t commit_one_group(std::size_t appends_max);
  // The next group is answered outcome_unknown, and so is everything after it.
  void fail_next(failure how);
  // Power off: what waits is dropped and answered outcome_unknown, and so is everything after it.
  void crash();

  void submit(append what) override;
  std::vector<record> read_stream(const stream_key&, strowger::version from,
                                  std::size_t max) const override;
  std::vector<record> read_log(position from, std::size_t max) const override;
  position durable() const override;
  void put_snapshot(const stream_key&, const snapshot&) override;
  std::optional<snapshot> get_snapshot(const stream_key&) const override;
  void put_view(std::string_view name, position up_to, std::string_view bytes) override;
  std::optional<std::pair<position, std::string>> get_view(std::string_view name) const override;
  void listen(commit_listener listener) override;
  void own(incarnation epoch) override;
  void stop() override;

  // Keys are derived from their names: a simulation stays the same from run to run.
  std::optional<std::string> find(const tenant_id&, const subject_id&) const override;
  std::string find_or_create(const tenant_id&, const subject_id&) override;

private:
  using group = std::vector<append>;
  group take(std::size_t appends_max);
  void commit(group what);
  std::vector<record> write(group& what, std::vector<append_result>& answers);
  void drain();
  void drop_waiting();

  std::shared_ptr<memory_disk> disk_;
  const std::size_t waiting_max_;
  std::uint64_t owner_ = 0;
  mutable std::mutex mutex_; // of what follows
  std::deque<append> waiting_;
  commit_listener listener_;
  incarnation epoch_ = 0;
  std::optional<failure> fail_next_;
  bool queueing_ = false;
  bool draining_ = false;
  bool closed_ = false; // failed, crashed or stopped: the outcome of anything more is unknown
};

} // namespace strowger::storage
