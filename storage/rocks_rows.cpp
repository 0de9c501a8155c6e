#include "storage/rocks_rows.hpp"

#include "storage/bytes.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <filesystem>

namespace strowger::storage {
namespace {

constexpr std::size_t mib = 1024 * 1024;
const std::string position_key(1, '\0'); // no table has an empty name

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string name_of(std::string_view table, std::string_view key) {
  std::string out;
  out.reserve(table.size() + key.size() + 1);
  put_text(out, table);
  out.append(key);
  return out;
}

class silent_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

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

rocksdb::Options options_of(const rows_options& wanted) {
  rocksdb::Options o;
  o.create_if_missing = true;
  o.write_buffer_size = 8 * mib; // what a start has to read again
  o.max_background_jobs = 2;
  o.max_bgerror_resume_count = 0;
  o.avoid_flush_during_shutdown = true;
  o.avoid_flush_during_recovery = true;
  o.skip_stats_update_on_db_open = true;
  o.compression = rocksdb::kLZ4Compression;
  // A batch is there whole or not at all, and never without the ones before it.
  o.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  o.info_log = std::make_shared<silent_log>();
  o.listeners.push_back(std::make_shared<failure_listener>(wanted.failed));
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(32 * mib);
  table.block_size = 8 * 1024;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return o;
}

void check_rows(const rocksdb::Status& status, const char* doing) {
  if (!status.ok()) throw storage_error{std::string{doing} + ": " + status.ToString()};
}

} // namespace

class rocks_rows::impl {
public:
  explicit impl(rows_options options) : options_(std::move(options)) {
    if (options_.read_only && !std::filesystem::exists(options_.path)) return; // none yet
    const auto status = open();
    if (status.ok()) return;
    if (options_.read_only || !(status.IsCorruption() || status.IsInvalidArgument()))
      check_rows(status, "the rows cannot be opened");
    dropped_ = status.ToString();
    start_anew();
  }
  ~impl() { close(); }

  void start_anew() {
    close();
    check_rows(rocksdb::DestroyDB(options_.path, options_of(options_)),
               "the rows cannot be dropped");
    check_rows(open(), "the rows cannot be opened");
  }
  rocksdb::DB* db() const { return db_.get(); }
  const std::string& dropped() const { return dropped_; }

  std::optional<std::string> get(const std::string& key) const {
    if (!db_) return std::nullopt;
    std::string value;
    const auto status = db_->Get({}, key, &value);
    if (status.IsNotFound()) return std::nullopt;
    check_rows(status, "the rows cannot be read");
    return value;
  }

private:
  rocksdb::Status open() {
    std::filesystem::path folder{options_.path};
    std::error_code failed;
    if (!options_.read_only) std::filesystem::create_directories(folder, failed);
    rocksdb::DB* opened = nullptr;
    const auto o = options_of(options_);
    const auto status = options_.read_only ? rocksdb::DB::OpenForReadOnly(o, options_.path, &opened)
                                           : rocksdb::DB::Open(o, options_.path, &opened);
    db_.reset(opened);
    return status;
  }
  void close() {
    if (db_) db_->Close().PermitUncheckedError();
    db_.reset();
  }

  const rows_options options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::string dropped_;
};

rocks_rows::rocks_rows(rows_options options) : impl_(std::make_unique<impl>(std::move(options))) {}
rocks_rows::~rocks_rows() = default;

const std::string& rocks_rows::why_dropped() const { return impl_->dropped(); }
void rocks_rows::drop_rows() { impl_->start_anew(); }

position rocks_rows::reflects() const {
  const auto value = impl_->get(position_key);
  if (!value) return 0;
  if (value->size() != 8) throw storage_error{"the rows do not say what they reflect"};
  return be64(*value);
}

void rocks_rows::put_rows(position up_to, const std::vector<row>& rows) {
  rocksdb::WriteBatch batch;
  for (const auto& r : rows) {
    const auto name = name_of(r.table, r.key);
    check_rows(r.value ? batch.Put(name, *r.value) : batch.Delete(name), "rows cannot be built");
  }
  std::string at;
  put_be64(at, up_to);
  check_rows(batch.Put(position_key, at), "rows cannot be built");
  check_rows(impl_->db()->Write({}, &batch), "the rows cannot be written");
}

std::optional<std::string> rocks_rows::get_row(std::string_view table, std::string_view key) const {
  return impl_->get(name_of(table, key));
}

void rocks_rows::rows_from(std::string_view table, std::string_view from,
                           const visitor& visit) const {
  if (!impl_->db()) return;
  const auto prefix = name_of(table, {});
  const std::unique_ptr<rocksdb::Iterator> it{impl_->db()->NewIterator({})};
  for (it->Seek(name_of(table, from)); it->Valid(); it->Next()) {
    auto name = view(it->key());
    if (!name.starts_with(prefix)) break;
    name.remove_prefix(prefix.size());
    if (!visit(name, view(it->value()))) break;
  }
  check_rows(it->status(), "the rows cannot be read");
}

void rocks_rows::rows_before(std::string_view table, std::string_view before,
                             const visitor& visit) const {
  if (!impl_->db()) return;
  const auto prefix = name_of(table, {});
  const auto end = name_of(table, before);
  const std::unique_ptr<rocksdb::Iterator> it{impl_->db()->NewIterator({})};
  it->SeekForPrev(end);
  if (it->Valid() && view(it->key()) == end) it->Prev();
  for (; it->Valid(); it->Prev()) {
    auto name = view(it->key());
    if (!name.starts_with(prefix)) break;
    name.remove_prefix(prefix.size());
    if (!visit(name, view(it->value()))) break;
  }
  check_rows(it->status(), "the rows cannot be read");
}

} // namespace strowger::storage
