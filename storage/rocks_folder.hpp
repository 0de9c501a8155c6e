// The RocksDB files of a data folder: opened, checked, and closed handle by handle. For the
// rocks_* files only; nobody else sees RocksDB.
#pragma once

#include "core/ids.hpp"
#include "storage/storage_error.hpp"

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strowger::storage {

class rocks_folder {
public:
  // Makes the folder when it is not there. Throws storage_error: locked by another process, made by
  // another format version, damaged, or not writable. `failed` is told, on the thread that failed
  // and before anything else is tried, when RocksDB cannot write; it may end the process. `env` is
  // where the folder is, null: the operating system's files. So many bytes of the log are kept in
  // memory before RocksDB makes a file of them.
  rocks_folder(const std::string& path, bool read_only,
               std::function<void(const std::string&)> failed = {}, rocksdb::Env* env = nullptr,
               std::size_t memtable_bytes = 64 * 1024 * 1024);
  ~rocks_folder();
  rocks_folder(const rocks_folder&) = delete;
  rocks_folder& operator=(const rocks_folder&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::FileSystem& disk() const { return *env_.GetFileSystem(); }
  rocksdb::ColumnFamilyHandle* log() const { return families_[0]; }
  rocksdb::ColumnFamilyHandle* index() const { return families_[1]; }
  rocksdb::ColumnFamilyHandle* snapshots() const { return families_[2]; }
  rocksdb::ColumnFamilyHandle* views() const { return families_[3]; }
  rocksdb::ColumnFamilyHandle* keys() const { return families_[4]; }

  // Position of the last record in the log, 0 for an empty one.
  position last() const;

  // Bulk-loads a sorted file into the index family; the file is moved.
  rocksdb::Options index_options() const;
  std::string temporary_file(std::uint64_t number) const;
  // What is in RocksDB's log files goes into its tables, or a start would read it again. Waits.
  void let_go_of_log_files();

private:
  enum class recovery { whole, up_to_damage };
  rocksdb::Status open(bool read_only, recovery how);
  void open_or_throw(bool read_only);
  bool only_the_tail_is_torn();
  void forget_an_index_without_keys();
  void close();

  std::string path_;
  rocksdb::Env& env_;
  const std::unique_ptr<rocksdb::Env> ahead_; // the same, for RocksDB
  const std::size_t memtable_bytes_;
  std::function<void(const std::string&)> failed_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

// Throws storage_error with `doing` in front of the status unless it is ok.
void check(const rocksdb::Status& status, const char* doing);

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

} // namespace strowger::storage
