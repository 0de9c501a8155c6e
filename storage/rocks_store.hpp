// The log on disk, in RocksDB: one value per group commit, one synced write per group, one writer
// thread. The data folder is described in storage/FORMAT.md.
#pragma once

#include "core/limits.hpp"
#include "security/random.hpp"
#include "storage/event_store.hpp"
#include "storage/storage_error.hpp"

#include <memory>

namespace rocksdb {
class Env;
}

namespace strowger::storage {

struct rocks_options {
  std::string path; // the data folder; made when missing, readable by its owner only
  std::size_t waiting_max = limits::journal_waiting_max; // appends not answered yet
  std::size_t index_runs_max = 131'072; // appends indexed in memory before a file is made of them
  std::size_t index_groups_max = 8'192; // groups that a start reads again, at most
  std::size_t heads_max = 1 << 20;      // stream heads kept at hand by the writer
  bool read_only = false; // beside a running server: sees what was there when it was opened
  // Told at once when a write failed, on the thread that failed. RocksDB must not be used after
  // that, not even to close it: a server ends here. Empty: every outcome is unknown from then on.
  std::function<void(const std::string&)> failed;
  std::function<void(double)> timed; // seconds until a group was synced; on the writer's thread
  rocksdb::Env* env = nullptr;       // where the folder is; null: the operating system's files
  std::size_t memtable_bytes = 64 * 1024 * 1024; // of the log, before RocksDB makes a file of them
};

class rocks_store final : public event_store, public key_store {
public:
  // Throws storage_error, whose text says what is wrong with the folder. `random` makes the keys of
  // personal fields and must outlive the store.
  rocks_store(rocks_options options, security::random_source& random);
  ~rocks_store() override; // stops first

  void submit(append what) override;
  // Reading throws storage_error when the log is damaged there.
  std::vector<record> read_stream(const stream_key&, strowger::version from,
                                  std::size_t max) const override;
  std::vector<record> read_log(position from, std::size_t max) const override;
  position durable() const override;
  // Side data that cannot be written is left out: the log says the same, and it will report.
  void put_snapshot(const stream_key&, const snapshot&) override;
  std::optional<snapshot> get_snapshot(const stream_key&) const override;
  void put_view(std::string_view name, position up_to, std::string_view bytes) override;
  std::optional<std::pair<position, std::string>> get_view(std::string_view name) const override;
  void listen(commit_listener listener) override;
  void own(incarnation epoch) override;
  void stop() override;

  std::optional<std::string> find(const tenant_id&, const subject_id&) const override;
  // Throws storage_error when the key cannot be made durable or was erased.
  std::string find_or_create(const tenant_id&, const subject_id&) override;
  void create_missing(const tenant_id&, const std::vector<subject_id>&) override;

  // Every stream that has a snapshot, in the order of their keys.
  void each_snapshot(const std::function<void(const stream_key&)>& visit) const;

  // After stop(): what a start would have to read again goes into files. Nothing is lost without it.
  // Throws storage_error.
  void spare_the_next_start();

  // What stopped the writer, empty while it works. Any thread.
  std::string failure() const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace strowger::storage
