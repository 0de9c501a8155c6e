// A program under test in a process of its own: started here, ended here, by its own pid only.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace strowger::load {

struct usage {
  double resident_bytes = 0;
  double cpu_s = 0; // user and system
  int threads = 0;
};
usage usage_of(pid_t pid); // /proc; zeros for a process that is gone

class process {
public:
  process() = default;
  ~process() { end(); }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  // `environment`: NAME=value, added to ours. Its output goes to the file `output` (empty:
  // nowhere). It is killed with us. Throws std::runtime_error when it cannot be started.
  void start(const std::vector<std::string>& command, const std::vector<std::string>& environment,
             const std::string& output);
  void end();   // SIGTERM, after 15 s SIGKILL; waits
  void kill9(); // SIGKILL; waits
  bool gone();  // has it ended by itself?
  pid_t pid() const { return pid_; }

private:
  void signal_and_wait(int which);

  pid_t pid_ = -1;
};

std::uint16_t free_port(); // of 127.0.0.1, TCP
// Until somebody listens there; false after `patience_ms`, or when `who` has ended.
bool wait_for_port(std::uint16_t port, process& who, int patience_ms);

// A folder for one run, removed at the end. `below`: where; empty: TMPDIR, or /var/tmp, which is
// not memory.
class temporary_folder {
public:
  explicit temporary_folder(const std::string& below = {});
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace strowger::load
