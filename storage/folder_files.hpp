// The small files of a data folder, beside RocksDB's own and through the same file system, so that
// whoever plays the disk plays all of it. For the rocks_* files and the mark. All functions throw
// storage_error when the disk does not do what they say; paths are plain text.
#pragma once

#include "storage/storage_error.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <string>
#include <string_view>
#include <vector>

namespace strowger::storage {

inline rocksdb::Env& env_or_default(rocksdb::Env* env) {
  return env ? *env : *rocksdb::Env::Default();
}

bool exists(rocksdb::FileSystem& disk, const std::string& path);
// Missing folders on the way, too; each is in its parent for good when this returns. A new one is
// its owner's alone.
void make_folder(rocksdb::FileSystem& disk, const std::string& path);
void sync_folder(rocksdb::FileSystem& disk, const std::string& path);
void sync_file(rocksdb::FileSystem& disk, const std::string& path);
std::vector<std::string> files_in(rocksdb::FileSystem& disk, const std::string& folder); // names
std::string read_file(rocksdb::FileSystem& disk, const std::string& path); // a missing one is empty
// Whole and synced before it has its name; the name is synced, too.
void write_file(rocksdb::FileSystem& disk, const std::string& folder, const std::string& name,
                std::string_view bytes);
void remove_file(rocksdb::FileSystem& disk, const std::string& path);

} // namespace strowger::storage
