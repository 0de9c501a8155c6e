#include "bench/load/process.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace strowger::load {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

bool somebody_listens(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto at = loopback(port);
  const bool yes = ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  ::close(fd);
  return yes;
}

void rest(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds{ms}); }

} // namespace

usage usage_of(pid_t pid) {
  usage out;
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);) {
    std::istringstream words{line};
    std::string name;
    words >> name;
    if (name == "VmRSS:" && words >> out.resident_bytes) out.resident_bytes *= 1024;
    if (name == "Threads:") words >> out.threads;
  }
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(stat, text);
  if (const auto end = text.rfind(')'); end != std::string::npos) {
    std::istringstream words{text.substr(end + 2)};
    std::string skipped;
    for (int i = 0; i < 11; ++i) words >> skipped;
    double user = 0, system = 0;
    words >> user >> system;
    out.cpu_s = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return out;
}

void process::start(const std::vector<std::string>& command,
                    const std::vector<std::string>& environment, const std::string& output) {
  end();
  const auto argv = pointers(command);
  const auto added = environment;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error{"no process for " + command.front()};
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (const auto& each : added) ::putenv(const_cast<char*>(each.c_str()));
  const int out =
      ::open(output.empty() ? "/dev/null" : output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

bool process::gone() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ <= 0;
}

void process::signal_and_wait(int which) {
  if (gone()) return;
  ::kill(pid_, which);
  for (int waited_ms = 0; !gone(); waited_ms += 5) {
    if (waited_ms == 15'000) ::kill(pid_, SIGKILL);
    rest(5);
  }
}

void process::end() { signal_and_wait(SIGTERM); }
void process::kill9() { signal_and_wait(SIGKILL); }

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&at), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error{"no free port"};
  return ntohs(at.sin_port);
}

bool wait_for_port(std::uint16_t port, process& who, int patience_ms) {
  for (int waited_ms = 0; waited_ms < patience_ms && !who.gone(); waited_ms += 2) {
    if (somebody_listens(port)) return true;
    rest(2);
  }
  return false;
}

temporary_folder::temporary_folder(const std::string& below) {
  const char* usual = std::getenv("TMPDIR");
  path_ = (!below.empty()     ? below
           : usual != nullptr ? usual
                              : "/var/tmp") +
          "/strowger-bench-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error{"no folder at " + path_};
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace strowger::load
