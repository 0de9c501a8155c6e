// What a store was asked and what it said, kept outside of it; after every start the store is held
// against that. Any thread while the store runs; one thread for check().
#pragma once

#include "storage/rocks_store.hpp"
#include "tests/power/play/dice.hpp"

#include <map>
#include <mutex>
#include <set>

namespace strowger::power {

class oracle {
public:
  using stream_key = storage::stream_key;
  using record = storage::record;

  // An append that nobody sent before; the caller sets `done` and calls answered() from it.
  // `bytes`: of one payload. `id` names it.
  storage::append next(const stream_key& stream, version expected, std::size_t events,
                       std::size_t bytes, std::uint64_t& id);
  void answered(std::uint64_t id, const storage::append_result& result);
  void committed(const std::vector<record>& group); // as the commit listener is told
  void key_made(const tenant_id& tenant, const subject_id& subject, const std::string& key);
  void put_snapshot(storage::rocks_store& store, const stream_key& stream, version at, dice& luck);
  void put_view(storage::rocks_store& store, const std::string& name, dice& luck);
  void owned_by(incarnation epoch);

  // After a start: everything, against everything. Throws storage_error when the store cannot read.
  void check(const storage::rocks_store& store, dice& luck);
  // While it runs: what was answered before the call must be in it.
  void check_stream(const storage::rocks_store& store, const stream_key& stream, version at_least);

  std::map<stream_key, version> heads() const; // as of the last check
  void fail(const std::string& what);          // the first one stays
  std::string broken() const;
  std::uint64_t acknowledged() const;

private:
  enum class fate { waiting, acknowledged, unknown, refused, written, lost };
  struct sent {
    stream_key stream;
    version expected = 0;
    std::size_t events = 0, bytes = 0;
    fate what = fate::waiting;
    position last = 0; // as answered
    position seen = 0; // of its first event in the log, 0: not there
  };
  struct head {
    version at = 0;
    position last = 0;
  };
  std::vector<record> read_all(const storage::rocks_store& store, dice& luck) const;
  void compare_with_what_was_told(std::vector<record> found);
  void check_numbers();
  void check_appends();
  void check_event(const record& r);
  void settle_fates();
  void check_streams(const storage::rocks_store& store, dice& luck);
  void check_side_data(const storage::rocks_store& store);

  mutable std::mutex mutex_;
  std::vector<record> log_; // what was told, or shown by a start
  std::vector<sent> sent_;
  std::map<stream_key, head> heads_;
  std::map<std::pair<std::string, std::string>, std::string> keys_;
  std::map<stream_key, std::map<std::string, version>> snapshots_; // everything ever put
  std::map<std::string, std::map<std::string, position>> views_;
  std::set<incarnation> epochs_;
  mutable std::mutex broken_mutex_;
  std::string broken_;
  std::uint64_t acknowledged_ = 0;
};

} // namespace strowger::power
