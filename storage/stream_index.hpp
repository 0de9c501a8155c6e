// Where the events of each stream are. Derived from the log: the recent part in memory, the older
// part in sorted files that a thread of its own ingests behind the writer. For rocks_store.
#pragma once

#include "storage/event_store.hpp"
#include "storage/rocks_folder.hpp"
#include "storage/staging.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <thread>
#include <unordered_map>

namespace strowger::storage {

// Consecutive events of one stream at consecutive positions of one group.
struct stream_run {
  strowger::version first = 0;
  std::uint64_t count = 0;
  position at = 0;    // of the first event
  position group = 0; // key of the group they are in
};

struct index_options {
  std::size_t runs_max = 131'072;  // in memory before a sorted file is made
  std::size_t groups_max = 8'192;  // and what a start reads again at most
  std::size_t heads_max = 1 << 20; // streams whose head is kept at hand
};

std::string stream_prefix(const stream_key& stream); // length-prefixed, so no two streams share it

class stream_index {
public:
  // Reads how far the files reach; the caller then feeds `add` with the log after covered().
  stream_index(rocks_folder& folder, index_options options, bool read_only);
  ~stream_index();
  position covered() const { return covered_; }

  // The writer's thread (or the opening one).
  stream_head head(const std::string& prefix);
  void set_head(const std::string& prefix, const stream_head& head);
  std::uint64_t& tenant_sequence(const tenant_id& tenant);
  void add(position group, std::span<const record> records);

  // Any thread. Runs that hold versions from `from` on, in order, at least `max` events if there
  // are that many.
  std::vector<stream_run> runs(const stream_key& stream, strowger::version from,
                               std::size_t max) const;
  // Why the files fell behind for good, empty while they do not. Any thread.
  std::string failure() const;
  void stop();

private:
  struct generation {
    std::unordered_map<std::string, std::vector<stream_run>> streams;
    std::unordered_map<std::string, std::uint64_t> sequences;
    position covers = 0;
    std::size_t runs = 0, groups = 0;
  };
  void runs_in_files(const std::string& prefix, strowger::version from, strowger::version before,
                     std::size_t max, std::vector<stream_run>& out) const;
  void age_heads();
  void freeze_if_full();
  void ingest_frozen();
  void ingest(const generation& what);

  rocks_folder& folder_;
  const index_options options_;
  const bool read_only_;
  position covered_ = 0;
  std::unordered_map<std::string, stream_head> young_heads_, old_heads_; // two cache generations
  std::unordered_map<std::string, std::uint64_t> sequences_;             // tenants seen

  mutable std::shared_mutex mutex_; // of the generations
  std::condition_variable_any frozen_changed_;
  std::unique_ptr<generation> active_ = std::make_unique<generation>();
  std::deque<std::unique_ptr<generation>> frozen_; // oldest first, waiting for the thread
  bool stopping_ = false;
  std::atomic<bool> failed_ = false;
  std::string failure_;
  std::uint64_t files_ = 0;
  std::thread thread_;
};

} // namespace strowger::storage
