// Where the events of each stream are. Derived from the log: the recent part in memory, the older
// part in sorted files that a thread of its own ingests behind the writer. For rocks_store.
#pragma once

#include "core/text_hash.hpp"
#include "storage/event_store.hpp"
#include "storage/rocks_folder.hpp"
#include "storage/staging.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

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
void set_stream_prefix(std::string& out, std::string_view tenant, std::string_view kind,
                       std::string_view id); // the same, without making a new text

class stream_index {
public:
  // Reads how far the files reach; the caller then feeds `add` with the log after covered().
  stream_index(rocks_folder& folder, index_options options, bool read_only);
  ~stream_index();
  position covered() const { return covered_; }

  // The writer's thread (or the opening one). The head may be moved on; the reference is good until
  // the next call.
  stream_head& head(const std::string& prefix);
  std::uint64_t& tenant_sequence(const tenant_id& tenant);
  void add(position group, std::span<const record> records);

  // Any thread. Runs that hold versions from `from` on, in order, at least `max` events if there
  // are that many.
  std::vector<stream_run> runs(const stream_key& stream, strowger::version from,
                               std::size_t max) const;
  // Why the files fell behind for good, empty while they do not. Any thread.
  std::string failure() const;
  void stop();
  // After stop(): files of what is in memory only. Throws storage_error.
  void take_in_the_rest();

private:
  struct hash_of {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(std::string_view text) const { return text_hash(text); }
  };
  template <class Key, class Value> using flat_map =
      boost::unordered_flat_map<Key, Value, hash_of, std::equal_to<>>;

  // What was appended since the last file: one row for each run, chained backwards by stream.
  struct row {
    stream_run run;
    std::uint32_t before = none; // the stream's run before this one, in `rows`
  };
  struct part { // a stream of a generation
    std::string prefix;
    std::uint32_t last = none; // its newest row
  };
  struct generation {
    std::vector<row> rows;
    std::deque<part> parts; // where `names` look
    flat_map<std::string_view, std::uint32_t> names;
    std::unordered_map<std::string, std::uint64_t> sequences;
    std::uint64_t number = 0;
    position covers = 0;
    std::size_t groups = 0;
  };
  struct known_stream { // what the writer remembers of a stream
    stream_head head;
    std::uint64_t generation = 0; // the last one that it is a part of
    std::uint32_t part = 0;
  };
  static constexpr std::uint32_t none = 0xffff'ffff;

  part& part_of(const std::string& prefix);
  stream_head head_in_memory(const std::string& prefix) const;
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
  flat_map<std::string, known_stream> young_, old_;          // two generations of a cache
  std::unordered_map<std::string, std::uint64_t> sequences_; // tenants seen
  std::string prefix_;                                       // add's own

  mutable std::shared_mutex mutex_; // of the generations
  std::condition_variable_any frozen_changed_;
  std::unique_ptr<generation> active_;
  std::deque<std::unique_ptr<generation>> frozen_; // oldest first, waiting for the thread
  bool stopping_ = false;
  std::atomic<bool> failed_ = false;
  std::string failure_;
  std::uint64_t files_ = 0;
  std::thread thread_;
};

} // namespace strowger::storage
