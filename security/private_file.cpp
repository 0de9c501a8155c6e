#include "security/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace strowger::security {
namespace {

constexpr std::size_t file_bytes_max = 4096;

[[noreturn]] void fail(const std::filesystem::path& file) {
  refuse_key_file(file, std::strerror(errno));
}

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

private:
  int fd_;
};

void sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const descriptor fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0) fail(file);
}

} // namespace

void refuse_key_file(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("key file " + file.string() + ": " + why);
}

std::optional<std::string> read_private_file(const std::filesystem::path& file) {
  const descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd && errno == ENOENT) return std::nullopt;
  struct stat about {};
  if (!fd || ::fstat(fd.get(), &about) != 0) fail(file);
  if ((about.st_mode & 077) != 0)
    refuse_key_file(file, "others may read it; run chmod 600 on it and consider its keys known");
  std::string text(file_bytes_max, '\0');
  const auto size = ::read(fd.get(), text.data(), text.size());
  if (size < 0) fail(file);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

void write_private_file(const std::filesystem::path& file, const std::string& text) {
  const auto beside = file.string() + ".new";
  ::unlink(beside.c_str()); // left by a start that died here
  {
    const descriptor fd{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd) fail(file);
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(fd.get()) != 0)
      fail(file);
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) fail(file);
  sync_folder(file);
}

} // namespace strowger::security
