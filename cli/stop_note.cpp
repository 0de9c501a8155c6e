#include "cli/stop_note.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace strowger::cli {
namespace {

namespace fs = std::filesystem;
constexpr auto first_word = "strowger-stop-2"; // version 1 had a digest behind the position

fs::path file_in(const std::string& data_dir) { return fs::path{data_dir} / "last-stop"; }

void sync(const fs::path& what) {
  const int fd = ::open(what.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!done) throw std::runtime_error{"cannot sync " + what.string()};
}

} // namespace

std::optional<position> read_stop_note(const std::string& data_dir) {
  const auto file = file_in(data_dir);
  std::ifstream in{file};
  if (!in) return std::nullopt;
  std::string word;
  position out = 0;
  if (!(in >> word >> out) || (word != first_word && word != "strowger-stop-1"))
    throw std::runtime_error{file.string() +
                             " is damaged; remove it to go on without what it says"};
  return out;
}

void write_stop_note(const std::string& data_dir, position at) {
  const auto file = file_in(data_dir);
  const auto beside = file.string() + ".new";
  {
    std::ofstream out{beside};
    out << first_word << ' ' << at << '\n';
    if (!out.flush()) throw std::runtime_error{"cannot write " + beside};
  }
  sync(beside);
  fs::rename(beside, file);
  sync(data_dir);
}

} // namespace strowger::cli
