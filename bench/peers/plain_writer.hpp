// The obvious log in RocksDB: keyed by (stream, version), one batch and one sync per group,
// expected versions checked in memory. For journal_rocksdb.cpp.
#pragma once

#include "bench/support/group_thread.hpp"
#include "storage/bytes.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <unordered_map>

namespace strowger::bench {

class plain_writer {
public:
  explicit plain_writer(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 64 << 20;
    options.max_background_jobs = 2;
    options.compression = rocksdb::kLZ4Compression;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, path, &opened).ok()) throw std::runtime_error{"no database"};
    db_.reset(opened);
    thread_.emplace(
        std::vector<group_thread::commit_group>{[this](auto& group) { commit(group); }});
  }
  ~plain_writer() {
    thread_.reset();
    db_->Close().PermitUncheckedError();
  }
  void submit(storage::append what) { thread_->submit(std::move(what)); }

private:
  void commit(std::vector<storage::append>& group) {
    rocksdb::WriteBatch batch;
    rocksdb::WriteOptions how;
    how.sync = true;
    bool good = true;
    for (auto& a : group) {
      auto& version = versions_[a.stream.id];
      good = good && version == a.expected;
      for (auto& e : a.events) {
        std::string key = a.stream.tenant.value + '/' + a.stream.kind + '/' + a.stream.id + '/';
        storage::put_be64(key, ++version);
        const auto value = e.tag + e.payload + a.meta.principal + a.meta.command.value;
        good = good && batch.Put(key, value).ok();
      }
    }
    good = good && db_->Write(how, &batch).ok();
    for (auto& a : group) a.done({good ? errc::ok : errc::internal, 0});
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::unordered_map<std::string, std::uint64_t> versions_;
  std::optional<group_thread> thread_;
};

} // namespace strowger::bench
