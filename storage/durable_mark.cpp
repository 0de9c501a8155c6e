#include "storage/durable_mark.hpp"

#include "storage/bytes.hpp"
#include "storage/folder_files.hpp"

#include <atomic>
#include <endian.h>
#include <sys/mman.h>

namespace strowger::storage {
namespace {

constexpr std::size_t mark_bytes = 8; // the position, big-endian
const std::string name = "DURABLE";

} // namespace

std::optional<position> durable_mark::read(rocksdb::FileSystem& disk, const std::string& folder) {
  const auto bytes = read_file(disk, folder + "/" + name);
  if (bytes.empty()) return std::nullopt; // missing, or never finished
  if (bytes.size() < mark_bytes)
    throw storage_error{"the mark " + folder + "/" + name + " cannot be read"};
  return be64(bytes);
}

durable_mark::durable_mark(rocksdb::FileSystem& disk, const std::string& folder, position now) {
  std::string bytes;
  put_be64(bytes, now);
  // Written, not only mapped: a page without a block behind it would fail later, on a full disk.
  write_file(disk, folder, name, bytes);
  const auto mapped = disk.NewMemoryMappedFileBuffer(folder + "/" + name, &page_);
  if (!mapped.ok()) throw storage_error{"the mark cannot be kept: " + mapped.ToString()};
}

durable_mark::~durable_mark() { sync(); }

void durable_mark::set(position at) {
  std::atomic_ref<std::uint64_t>{*static_cast<std::uint64_t*>(page_->GetBase())}.store(
      htobe64(at), std::memory_order_relaxed);
}

void durable_mark::sync() { ::msync(page_->GetBase(), mark_bytes, MS_SYNC); }

} // namespace strowger::storage
