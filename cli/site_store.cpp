#include "cli/site_store.hpp"

#include "cli/archive.hpp"
#include "cli/stop_note.hpp"
#include "core/limits.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "storage/rocks_rows.hpp"
#include "storage/rocks_store.hpp"
#include "storage/sealing_vault.hpp"

#include <filesystem>
#include <stdexcept>
#include <sys/statvfs.h>

namespace strowger::cli {
namespace {

constexpr auto keys_file = "keys.json";
constexpr auto log_folder = "log";

std::filesystem::path made(const std::string& data_dir) {
  const std::filesystem::path path{data_dir};
  std::error_code failed;
  if (std::filesystem::create_directories(path, failed))
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  if (failed)
    throw std::runtime_error("The data folder " + data_dir +
                             " cannot be made: " + failed.message());
  return path;
}

storage::rocks_options log_of(const std::filesystem::path& data, bool read_only) {
  storage::rocks_options out;
  out.path = (data / log_folder).string();
  out.read_only = read_only;
  out.timed = [](double s) { metrics::observe(metrics::histogram::commit_seconds, s); };
  return out;
}

storage::rows_options rows_of(const std::filesystem::path& data, bool read_only,
                              std::function<void(const std::string&)> failed) {
  return {(data / log_folder / "rows").string(), read_only, std::move(failed)};
}

storage::rocks_options failing_to(storage::rocks_options out,
                                  std::function<void(const std::string&)> failed) {
  out.failed = std::move(failed);
  return out;
}

// A log without its keys is a lock without a key: a new one would open nothing.
void check_keys_are_there(const std::filesystem::path& data) {
  if (std::filesystem::exists(data / keys_file)) return;
  if (!std::filesystem::exists(data / log_folder / "db")) return;
  throw storage::storage_error{(data / keys_file).string() +
                               " is missing, and the log beside it was written with it: agents and "
                               "extensions cannot be found without it. Restore it from a backup; "
                               "it is never made anew for a log that is there"};
}

// RocksDB does not survive a disk that is full when it opens.
void check_space(const std::filesystem::path& data) {
  struct statvfs disk {};
  if (::statvfs(data.c_str(), &disk) != 0) return; // not known: then the first write will tell
  const auto left = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (left >= limits::disk_free_bytes_min) return;
  throw storage::storage_error{"the disk of " + data.string() + " is full: " +
                               std::to_string(left / 1024) + " KiB are free, a start needs " +
                               std::to_string(limits::disk_free_bytes_min / 1024) + " KiB"};
}

} // namespace

security::site_keys open_keys(const std::string& data_dir, security::random_source& random) {
  const auto data = made(data_dir);
  check_keys_are_there(data);
  check_space(data);
  return security::load_or_create_keys(data / keys_file, random);
}

struct site_store::parts {
  parts(const std::filesystem::path& data, security::random_source& random,
        std::function<void(const std::string&)> failed) :
      store(failing_to(log_of(data, false), failed), random),
      vault(store, random), rows(rows_of(data, false, failed)) {
    if (!rows.why_dropped().empty())
      log::warning("the stored picture could not be read (" + rows.why_dropped() + ")");
  }

  storage::rocks_store store;
  storage::sealing_vault vault;
  storage::rocks_rows rows;
};

site_store::site_store(const std::string& data_dir, security::random_source& random,
                       std::function<void(const std::string&)> failed) :
    parts_(std::make_unique<parts>(data_dir, random, std::move(failed))) {
  const std::filesystem::path data{data_dir};
  if (const auto stopped = read_stop_note(data_dir))
    refuse_beyond(*stopped, "the last stop was at ", data / "last-stop");
  refuse_beyond(parts_->rows.reflects(), "the stored picture shows ", data / log_folder / "rows");
}

// What was durable once is in the log, or its end is gone.
void site_store::refuse_beyond(position known, const char* how, const std::string& told_by) const {
  const auto last = parts_->store.durable();
  if (known <= last) return;
  throw storage::storage_error{"the log ends at position " + std::to_string(last) + ", but " + how +
                               std::to_string(known) +
                               ": its end is lost. Restore the data folder from a backup, or "
                               "remove " +
                               told_by + " to go on without what is lost"};
}
site_store::~site_store() = default;

storage::event_store& site_store::store() { return parts_->store; }
storage::vault& site_store::vault() { return parts_->vault; }
storage::row_store& site_store::rows() { return parts_->rows; }

void site_store::spare_the_next_start() { parts_->store.spare_the_next_start(); }

time_ms site_store::last_time() const {
  const auto last = parts_->store.durable();
  if (last == 0) return 0;
  const auto records = parts_->store.read_log(last, 1);
  return records.empty() ? 0 : records.front().meta.time;
}

struct archive::parts {
  explicit parts(const std::string& data_dir) :
      rows(rows_of(data_dir, true, {})), store(log_of(data_dir, true), random),
      vault(store, random) {}

  security::system_random random;
  storage::rocks_rows rows; // before the log: a running server writes them behind it
  storage::rocks_store store;
  storage::sealing_vault vault;
};

archive::archive(const std::string& data_dir) {
  if (!std::filesystem::exists(std::filesystem::path{data_dir} / log_folder))
    throw std::runtime_error("There is no log in " + data_dir +
                             ": name the data folder with --data");
  parts_ = std::make_unique<parts>(data_dir);
}
archive::~archive() = default;

storage::event_store& archive::store() const { return parts_->store; }
storage::vault& archive::vault() const { return parts_->vault; }
const storage::row_store& archive::rows() const { return parts_->rows; }
void archive::each_snapshot(const std::function<void(const storage::stream_key&)>& visit) const {
  parts_->store.each_snapshot(visit);
}

} // namespace strowger::cli
