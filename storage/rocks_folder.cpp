#include "storage/rocks_folder.hpp"

#include "storage/ahead_files.hpp"
#include "storage/durable_mark.hpp"
#include "storage/folder_files.hpp"
#include "storage/record_format.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace strowger::storage {
namespace {

constexpr std::string_view format_name = "strowger-data-1\n";
constexpr std::size_t mib = 1024 * 1024;
constexpr std::size_t log_ahead_bytes = 256 * 1024; // few enough for one sync to take them along

// A folder without a name is ours to make only when there is nothing in it yet.
void check_format(rocksdb::FileSystem& disk, const std::string& folder, bool read_only) {
  const auto found = read_file(disk, folder + "/FORMAT");
  if (found == format_name) return;
  if (found.empty() && !read_only && !exists(disk, folder + "/db"))
    return write_file(disk, folder, "FORMAT", format_name);
  throw storage_error{"the data folder " + folder + " has the format \"" +
                      found.substr(0, found.find('\n')) + "\", this program reads \"" +
                      std::string{format_name.substr(0, format_name.size() - 1)} + "\""};
}

// What a killed process wrote may be in the kernel's memory only. This start will show it to
// people.
void sync_what_was_written(rocksdb::FileSystem& disk, const std::string& db) {
  if (!exists(disk, db)) return;
  for (const auto& name : files_in(disk, db))
    if (name.ends_with(".log")) sync_file(disk, db + "/" + name);
}

// RocksDB's own log file stands on the same disk, and writing to it when that is full aborts the
// process. What it would say in words comes as a status, too.
class silent_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// A failed write is the last one: RocksDB must neither try again by itself nor be asked again.
class failure_listener final : public rocksdb::EventListener {
public:
  explicit failure_listener(std::function<void(const std::string&)> told) :
      told_(std::move(told)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* why) override {
    if (told_) told_(why->ToString());
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* again) override {
    *again = false;
  }

private:
  std::function<void(const std::string&)> told_;
};

rocksdb::DBOptions folder_options(const std::function<void(const std::string&)>& failed) {
  rocksdb::DBOptions o;
  o.listeners.push_back(std::make_shared<failure_listener>(failed));
  o.max_bgerror_resume_count = 0;
  o.create_if_missing = true;
  o.create_missing_column_families = true;
  o.max_background_jobs = 2;
  o.max_total_wal_size = 128 * mib; // what a start has to read again
  o.avoid_flush_during_shutdown = true;
  o.avoid_flush_during_recovery =
      true; // a start answers soon; the files of the log stay until then
  o.info_log = std::make_shared<silent_log>();
  return o;
}

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t memtable_bytes) {
  rocksdb::ColumnFamilyOptions o;
  o.write_buffer_size = memtable_bytes;
  o.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 * 1024;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return o;
}

} // namespace

void check(const rocksdb::Status& status, const char* doing) {
  if (!status.ok()) throw storage_error{std::string{doing} + ": " + status.ToString()};
}

rocks_folder::rocks_folder(const std::string& path, bool read_only,
                           std::function<void(const std::string&)> failed, rocksdb::Env* env,
                           std::size_t memtable_bytes) :
    path_(path),
    env_(env_or_default(env)), ahead_(writing_ahead(env_, log_ahead_bytes)),
    memtable_bytes_(memtable_bytes), failed_(std::move(failed)) {
  const auto ingest = path_ + "/ingest", db = path_ + "/db";
  if (!read_only) make_folder(disk(), path_);
  check_format(disk(), path_, read_only);
  if (!read_only) {
    make_folder(disk(), ingest);
    for (const auto& name : files_in(disk(), ingest)) remove_file(disk(), ingest + "/" + name);
    sync_what_was_written(disk(), db);
  }
  try {
    open_or_throw(read_only);
    if (!read_only) forget_an_index_without_keys();
  } catch (const storage_error&) {
    close(); // with its handles, or RocksDB aborts
    throw;
  }
}

rocksdb::Status rocks_folder::open(bool read_only, recovery how) {
  const auto options = family_options(rocksdb::NewLRUCache(64 * mib), memtable_bytes_);
  auto side_data = options;
  side_data.write_buffer_size = memtable_bytes_ / 4;
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted{{rocksdb::kDefaultColumnFamilyName, options},
                                                      {"index", side_data},
                                                      {"snapshots", side_data},
                                                      {"views", side_data},
                                                      {"keys", side_data}};
  // Never "as far as it can be read" alone: that forgets acknowledged events without a word.
  auto general = folder_options(failed_);
  general.env = ahead_.get();
  general.wal_recovery_mode = how == recovery::whole
                                  ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                  : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const auto where = path_ + "/db";
  rocksdb::DB* opened = nullptr;
  const auto status =
      read_only ? rocksdb::DB::OpenForReadOnly(general, where, wanted, &families_, &opened)
                : rocksdb::DB::Open(general, where, wanted, &families_, &opened);
  db_.reset(opened);
  return status;
}

void rocks_folder::open_or_throw(bool read_only) {
  const auto status = open(read_only, recovery::whole);
  if (!status.IsCorruption() || !only_the_tail_is_torn())
    return check(status, "the log cannot be opened");
  check(open(read_only, recovery::up_to_damage), "the log cannot be opened");
  if (!read_only) // the torn bytes must not be met again
    check(db_->Flush({}, families_), "the log cannot be written");
}

// Power that goes in the middle of a write leaves bytes of which nobody was told that they are
// there. It is no more than that when everything acknowledged is still in front of them.
bool rocks_folder::only_the_tail_is_torn() {
  const auto acknowledged = durable_mark::read(disk(), path_);
  if (!acknowledged) return false;
  const bool opened = open(true, recovery::up_to_damage).ok();
  const bool whole = opened && last() >= *acknowledged;
  close();
  return whole;
}

// A file of the index that could not be read when it was taken in stands there as one without keys
// (RocksDB 7.8). It would come back with the next compaction: rather the log is indexed anew.
void rocks_folder::forget_an_index_without_keys() {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  const bool bad = std::ranges::any_of(files, [&](const auto& file) {
    return file.column_family_name == index()->GetName() && file.smallestkey.empty();
  });
  if (!bad) return;
  const auto options = index_options();
  check(db_->DropColumnFamily(index()), "the index cannot be made anew");
  check(db_->DestroyColumnFamilyHandle(families_[1]), "the index cannot be made anew");
  check(db_->CreateColumnFamily(options, "index", &families_[1]), "the index cannot be made anew");
}

position rocks_folder::last() const {
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator({}, log())};
  it->SeekToLast();
  check(it->status(), "the log cannot be read");
  if (!it->Valid()) return 0;
  return open_group(view(it->key()), view(it->value())).last();
}

void rocks_folder::let_go_of_log_files() {
  rocksdb::FlushOptions how;
  how.allow_write_stall = false;
  check(db_->Flush(how, families_), "the log cannot be written");
}

void rocks_folder::close() {
  if (!db_) return;
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  families_.clear();
  db_->Close().PermitUncheckedError();
  db_.reset();
}

rocks_folder::~rocks_folder() { close(); }

rocksdb::Options rocks_folder::index_options() const { return db_->GetOptions(index()); }

std::string rocks_folder::temporary_file(std::uint64_t number) const {
  return path_ + "/ingest/" + std::to_string(number) + ".sst";
}

} // namespace strowger::storage
