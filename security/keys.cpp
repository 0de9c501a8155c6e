#include "security/keys.hpp"

#include "security/seal.hpp"
#include "security/sodium.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <sstream>

namespace strowger::security {
namespace {

struct named_key {
  const char* name;
  key site_keys::*where;
};
constexpr named_key all_keys[] = {{"jwt", &site_keys::jwt},
                                  {"directory", &site_keys::directory},
                                  {"ids", &site_keys::ids},
                                  {"resume", &site_keys::resume},
                                  {"vault", &site_keys::vault}};
constexpr const char* first_line = "strowger-site-keys v1";
constexpr std::size_t file_bytes_max = 4096;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error("key file " + file.string() + ": " + why);
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

std::string text_of(const site_keys& keys) {
  std::string text = std::string{first_line} + "\n";
  for (const auto& [name, where] : all_keys) {
    const key& k = keys.*where;
    char hex[2 * sizeof(key) + 1];
    sodium_bin2hex(hex, sizeof hex, k.data(), k.size());
    text += std::string{name} + " " + hex + "\n";
  }
  return text;
}

site_keys parse(const std::filesystem::path& file, const std::string& text) {
  std::istringstream lines{text};
  std::string line;
  if (!std::getline(lines, line) || line != first_line)
    fail(file, "is not a key file of this version; restore it from a backup");
  std::map<std::string, std::string> found;
  for (std::string name, hex; lines >> name >> hex;) found[name] = hex;
  site_keys keys;
  for (const auto& [name, where] : all_keys) {
    const auto& hex = found[name];
    key& k = keys.*where;
    std::size_t length = 0;
    const int bad =
        sodium_hex2bin(k.data(), k.size(), hex.data(), hex.size(), nullptr, &length, nullptr);
    if (bad != 0 || length != k.size())
      fail(file, "the key \"" + std::string{name} +
                     "\" is missing or damaged; restore the file "
                     "from a backup");
  }
  return keys;
}

std::string read_private(const std::filesystem::path& file, int fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) fail(file, std::strerror(errno));
  if ((about.st_mode & 077) != 0)
    fail(file, "others may read it; run chmod 600 on it and consider its keys known");
  std::string text(file_bytes_max, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  if (size < 0) fail(file, std::strerror(errno));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

void sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const descriptor fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0) fail(file, std::strerror(errno));
}

// The whole file or none of it: written beside, synced, then renamed.
void write_private(const std::filesystem::path& file, const std::string& text) {
  const auto beside = file.string() + ".new";
  ::unlink(beside.c_str()); // left by a start that died here
  {
    const descriptor fd{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd) fail(file, std::strerror(errno));
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(fd.get()) != 0)
      fail(file, std::strerror(errno));
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) fail(file, std::strerror(errno));
  sync_folder(file);
}

} // namespace

site_keys load_or_create_keys(const std::filesystem::path& file, random_source& random) {
  need_sodium();
  const descriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd) return parse(file, read_private(file, fd.get()));
  if (errno != ENOENT) fail(file, std::strerror(errno));
  site_keys keys;
  for (const auto& entry : all_keys) keys.*entry.where = random_key(random);
  write_private(file, text_of(keys));
  return keys;
}

} // namespace strowger::security
