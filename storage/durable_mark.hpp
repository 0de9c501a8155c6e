// How far the log was acknowledged, kept outside of it: a log that ends earlier has lost something.
// One number in a mapped file, written after each synced group and by the kernel when it likes, so
// it may say too little after a power cut, never too much. For rocks_store.
#pragma once

#include "core/ids.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rocksdb {
class FileSystem;
class MemoryMappedFileBuffer;
} // namespace rocksdb

namespace strowger::storage {

class durable_mark {
public:
  // What the folder's mark says; nullopt when it has none (a new folder, or one of an older
  // program). Throws storage_error when the file is there and cannot be read.
  static std::optional<position> read(rocksdb::FileSystem& disk, const std::string& folder);

  // Makes the file when it is missing. Throws storage_error.
  durable_mark(rocksdb::FileSystem& disk, const std::string& folder, position now);
  ~durable_mark(); // syncs
  durable_mark(const durable_mark&) = delete;
  durable_mark& operator=(const durable_mark&) = delete;

  void set(position at); // the writer's thread: one store to memory
  void sync();           // to disk, best effort

private:
  std::unique_ptr<rocksdb::MemoryMappedFileBuffer> page_;
};

} // namespace strowger::storage
