#include "storage/rocks_folder.hpp"

#include "storage/durable_mark.hpp"
#include "storage/record_format.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace strowger::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_name = "strowger-data-1\n";
constexpr std::size_t mib = 1024 * 1024;

void sync_path(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!done) throw storage_error{"cannot sync " + path.string()};
}

void write_format(const fs::path& folder) {
  const auto half_made = folder / "FORMAT.new";
  std::ofstream{half_made} << format_name;
  sync_path(half_made);
  fs::rename(half_made, folder / "FORMAT");
  sync_path(folder);
}

// A folder without a name is ours to make only when there is nothing in it yet.
void check_format(const fs::path& folder, bool read_only) {
  std::ifstream file{folder / "FORMAT"};
  const std::string found{std::istreambuf_iterator<char>{file}, {}};
  if (found == format_name) return;
  if (found.empty() && !fs::exists(folder / "db") && !read_only) return write_format(folder);
  throw storage_error{"the data folder " + folder.string() + " has the format \"" +
                      found.substr(0, found.find('\n')) + "\", this program reads \"" +
                      std::string{format_name.substr(0, format_name.size() - 1)} + "\""};
}

// What a killed process wrote may be in the kernel's memory only. This start will show it to
// people.
void sync_what_was_written(const fs::path& db) {
  if (!fs::exists(db)) return;
  for (const auto& entry : fs::directory_iterator{db})
    if (entry.path().extension() == ".log") sync_path(entry.path());
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

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions o;
  o.write_buffer_size = 64 * mib;
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
                           std::function<void(const std::string&)> failed) :
    path_(path),
    failed_(std::move(failed)) {
  try {
    if (!read_only) {
      const bool is_new = !fs::exists(path_);
      fs::create_directories(path_);
      if (is_new) fs::permissions(path_, fs::perms::owner_all); // it holds the keys of people
    }
    check_format(path_, read_only);
    if (!read_only) {
      fs::remove_all(fs::path{path_} / "ingest");
      fs::create_directories(fs::path{path_} / "ingest");
      sync_what_was_written(fs::path{path_} / "db");
    }
  } catch (const fs::filesystem_error& e) {
    throw storage_error{"the data folder " + path_ + " cannot be used: " + e.what()};
  }
  open_or_throw(read_only);
}

rocksdb::Status rocks_folder::open(bool read_only, recovery how) {
  const auto options = family_options(rocksdb::NewLRUCache(64 * mib));
  auto side_data = options;
  side_data.write_buffer_size = 16 * mib;
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted{{rocksdb::kDefaultColumnFamilyName, options},
                                                      {"index", side_data},
                                                      {"snapshots", side_data},
                                                      {"views", side_data},
                                                      {"keys", side_data}};
  // Never "as far as it can be read" alone: that forgets acknowledged events without a word.
  auto general = folder_options(failed_);
  general.wal_recovery_mode = how == recovery::whole
                                  ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                  : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  const auto where = (fs::path{path_} / "db").string();
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
  const auto acknowledged = durable_mark::read(path_);
  if (!acknowledged) return false;
  const bool opened = open(true, recovery::up_to_damage).ok();
  const bool whole = opened && last() >= *acknowledged;
  close();
  return whole;
}

position rocks_folder::last() const {
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator({}, log())};
  it->SeekToLast();
  check(it->status(), "the log cannot be read");
  if (!it->Valid()) return 0;
  return open_group(view(it->key()), view(it->value())).last();
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
  return (std::filesystem::path{path_} / "ingest" / (std::to_string(number) + ".sst")).string();
}

} // namespace strowger::storage
