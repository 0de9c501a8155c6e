#include "cli/site_store.hpp"

#include "cli/archive.hpp"
#include "observe/metrics.hpp"
#include "storage/rocks_store.hpp"
#include "storage/sealing_vault.hpp"

#include <filesystem>
#include <stdexcept>

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
  return out;
}

  out.timed = [](double s) { metrics::observe(metrics::histogram::commit_seconds, s); };
} // namespace

struct site_store::parts {
  parts(const std::filesystem::path& data, security::random_source& random) :
      keys(security::load_or_create_keys(data / keys_file, random)),
      store(log_of(data, false), random), vault(store, random) {}

  security::site_keys keys;
  storage::rocks_store store;
  storage::sealing_vault vault;
};

site_store::site_store(const std::string& data_dir, security::random_source& random) :
    parts_(std::make_unique<parts>(made(data_dir), random)) {}
site_store::~site_store() = default;

storage::event_store& site_store::store() { return parts_->store; }
storage::vault& site_store::vault() { return parts_->vault; }
const security::site_keys& site_store::keys() const { return parts_->keys; }

time_ms site_store::last_time() const {
  const auto last = parts_->store.durable();
  if (last == 0) return 0;
  const auto records = parts_->store.read_log(last, 1);
  return records.empty() ? 0 : records.front().meta.time;
}

struct archive::parts {
  explicit parts(const std::string& data_dir) :
      store(log_of(data_dir, true), random), vault(store, random) {}

  security::system_random random;
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

} // namespace strowger::cli
