// planted_test [--list] [--bug NAME]...: plants one bug after the other and asks the detectors
// until one notices; prints the smallest proof, which must be silent when the bug is not there.
// Exit code 0: every bug was caught by a proof of its own.
#include "core/planted.hpp"
#include "tests/planted/detectors.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace strowger;
using namespace strowger::planted_bugs;

namespace {

constexpr unsigned patience_s = 60; // for one try; who hangs is wrong, too

struct row {
  bug which;
  const char* name;
  const char* what;
};
constexpr std::array rows{
#define STROWGER_BUG_ROW(name, what) row{bug::name, #name, what},
    STROWGER_BUGS(STROWGER_BUG_ROW)
#undef STROWGER_BUG_ROW
};

// The simulation's disk has no files and keeps no keys.
constexpr std::array below_the_simulation{
#define STROWGER_BUG_ROW(name, what) bug::name,
    STROWGER_BUGS_OF_STORAGE(STROWGER_BUG_ROW) STROWGER_BUGS_OF_SEALING(STROWGER_BUG_ROW)
#undef STROWGER_BUG_ROW
};

struct proof {
  std::size_t number = 0; // of the try that noticed; 0: none did
  std::string text;
};

// The try that is under way; also for who waits for a process that crashed or hangs.
std::atomic<std::size_t>& under_way() {
  static void* shared = ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  static auto* number = new (shared) std::atomic<std::size_t>{0};
  return *number;
}

[[noreturn]] void try_all(const detector& d, bug which, std::size_t first, std::size_t last,
                          int report_to) {
  // Who hangs may have children of its own: they go with it, or they would hold our pipe open.
  ::setpgid(0, 0);
  std::signal(SIGALRM, [](int) { ::kill(0, SIGKILL); });
  planted_now = which;
  for (auto number = first; number <= last; ++number) {
    under_way() = number;
    ::alarm(patience_s);
    const auto said = d.attempt(number);
    if (said.empty()) continue;
    if (::write(report_to, said.data(), said.size()) < 0) ::_exit(1);
    ::_exit(0);
  }
  under_way() = 0;
  ::_exit(0);
}

std::string read_all(int from) {
  std::string out;
  std::array<char, 4096> part;
  for (ssize_t size; (size = ::read(from, part.data(), part.size())) > 0;)
    out.append(part.data(), static_cast<std::size_t>(size));
  return out;
}

// In a process of its own, which may crash or hang.
proof ask(const detector& d, bug which, std::size_t first, std::size_t last) {
  std::fflush(stdout);
  under_way() = 0; // made here: what the child makes is the child's own
  int ends[2];
  if (::pipe(ends) != 0) return {first, "no pipe"};
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    try_all(d, which, first, last, ends[1]);
  }
  ::close(ends[1]);
  auto text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    text = WTERMSIG(status) == SIGKILL ? std::string{"never ends"}
                                       : "died of signal " + std::to_string(WTERMSIG(status));
  return {under_way(), text};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<const detector*> in_order_for(bug which) {
  std::vector<const detector*> out;
  for (const auto& d : detectors()) out.push_back(&d);
  if (std::ranges::find(below_the_simulation, which) != below_the_simulation.end())
    std::ranges::stable_partition(out, [](const auto* d) { return d->sees_files; });
  return out;
}

// Who notices something without the bug is no proof of it.
bool caught(const row& r) {
  const auto start = std::chrono::steady_clock::now();
  for (const auto* d : in_order_for(r.which)) {
    const auto found = ask(*d, r.which, 1, d->tries);
    if (found.number == 0) continue;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto without = ask(*d, bug::none, found.number, found.number);
    const std::string name{d->name};
    std::printf("%-28s %5.1f s  %s %zu: %s\n", r.name, took.count(), name.c_str(), found.number,
                first_line(found.text).c_str());
    if (without.number == 0) return true;
    std::printf("but without the bug, too: %s\n", without.text.c_str());
    return false;
  }
  std::printf("%-28s NOT CAUGHT: %s\n", r.name, r.what);
  return false;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> wanted;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--list") == 0) {
      for (const auto& r : rows) std::printf("%-28s %s\n", r.name, r.what);
      return 0;
    }
    if (std::strcmp(argv[i], "--bug") == 0 && i + 1 < argc)
      wanted.emplace_back(argv[++i]);
    else
      return std::fprintf(stderr, "unknown option %s\n", argv[i]), 64;
  }
  std::size_t asked = 0, found = 0;
  for (const auto& r : rows) {
    const bool named = std::ranges::find(wanted, r.name) != wanted.end();
    if (!named && !wanted.empty()) continue;
    ++asked;
    found += caught(r);
  }
  std::printf("%zu of %zu planted bugs caught\n", found, asked);
  return asked > 0 && found == asked ? 0 : 1;
}
