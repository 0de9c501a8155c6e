#include "storage/rocks_folder.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
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

rocksdb::DBOptions folder_options() {
  rocksdb::DBOptions o;
  o.create_if_missing = true;
  o.create_missing_column_families = true;
  o.max_background_jobs = 2;
  o.max_total_wal_size = 128 * mib; // what a start has to read again
  o.avoid_flush_during_shutdown = true;
  o.avoid_flush_during_recovery =
      true; // a start answers soon; the files of the log stay until then
  o.keep_log_file_num = 4;
  o.max_log_file_size = mib;
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

rocks_folder::rocks_folder(const std::string& path, bool read_only) : path_(path) {
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
    }
  } catch (const fs::filesystem_error& e) {
    throw storage_error{"the data folder " + path_ + " cannot be used: " + e.what()};
  }
  open(read_only);
}

void rocks_folder::open(bool read_only) {
  const auto options = family_options(rocksdb::NewLRUCache(64 * mib));
  auto side_data = options;
  side_data.write_buffer_size = 16 * mib;
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted{{rocksdb::kDefaultColumnFamilyName, options},
                                                      {"index", side_data},
                                                      {"snapshots", side_data},
                                                      {"views", side_data},
                                                      {"keys", side_data}};
  const auto where = (std::filesystem::path{path_} / "db").string();
  rocksdb::DB* opened = nullptr;
  const auto status =
      read_only ? rocksdb::DB::OpenForReadOnly(folder_options(), where, wanted, &families_, &opened)
                : rocksdb::DB::Open(folder_options(), where, wanted, &families_, &opened);
  check(status, "the log cannot be opened");
  db_.reset(opened);
}

rocks_folder::~rocks_folder() {
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  if (db_) db_->Close().PermitUncheckedError();
}

rocksdb::Options rocks_folder::index_options() const { return db_->GetOptions(index()); }

std::string rocks_folder::temporary_file(std::uint64_t number) const {
  return (std::filesystem::path{path_} / "ingest" / (std::to_string(number) + ".sst")).string();
}

} // namespace strowger::storage
