#include "storage/durable_mark.hpp"

#include "storage/bytes.hpp"

#include <atomic>
#include <cstring>
#include <endian.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/mman.h>
#include <unistd.h>

namespace strowger::storage {
namespace {

constexpr std::size_t mark_bytes = 8; // the position, big-endian

std::string file_in(const std::string& folder) {
  return (std::filesystem::path{folder} / "DURABLE").string();
}

bool synced(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return done;
}

[[noreturn]] void cannot(const std::string& file) {
  throw storage_error{"the mark " + file + " cannot be kept: " + std::strerror(errno)};
}

} // namespace

std::optional<position> durable_mark::read(const std::string& folder) {
  const auto file = file_in(folder);
  std::error_code missing;
  if (!std::filesystem::exists(file, missing)) return std::nullopt;
  if (std::filesystem::file_size(file, missing) == 0) return std::nullopt; // never finished
  std::ifstream in{file, std::ios::binary};
  std::string bytes(mark_bytes, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw storage_error{"the mark " + file + " cannot be read"};
  return be64(bytes);
}

durable_mark::durable_mark(const std::string& folder, position now) {
  const auto file = file_in(folder);
  const auto beside = file + ".new"; // whole before it has the name
  const int fd = ::open(beside.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) cannot(file);
  std::string bytes;
  put_be64(bytes, now);
  // Written, not only mapped: a page without a block behind it would fail later, on a full disk.
  const bool made =
      ::pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()) &&
      ::fsync(fd) == 0 && ::rename(beside.c_str(), file.c_str()) == 0 && synced(folder);
  if (made) page_ = ::mmap(nullptr, mark_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (!made || page_ == MAP_FAILED) cannot(file);
}

durable_mark::~durable_mark() {
  sync();
  ::munmap(page_, mark_bytes);
}

void durable_mark::set(position at) {
  std::atomic_ref<std::uint64_t>{*static_cast<std::uint64_t*>(page_)}.store(
      htobe64(at), std::memory_order_relaxed);
}

void durable_mark::sync() { ::msync(page_, mark_bytes, MS_SYNC); }

} // namespace strowger::storage
