// One thread of epoll with exact deadlines. Not thread-safe.
#pragma once

#include <cstdint>

namespace strowger::load {

using nanos = std::int64_t; // steady time
nanos now();

class watcher {
public:
  virtual ~watcher() = default;
  virtual void ready(std::uint32_t events) = 0; // EPOLLIN | EPOLLOUT | ...
};

class loop {
public:
  loop(); // throws std::system_error
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  void add(int fd, std::uint32_t events, watcher* who);
  void change(int fd, std::uint32_t events, watcher* who);
  // Events of this turn for `who` that wait are dropped, so that it may be destroyed.
  void remove(int fd, watcher* who);
  // Waits for events, no longer than until `deadline`, and tells their watchers.
  void turn(nanos deadline);
  void run_until(nanos deadline);

private:
  static constexpr int events_max = 512;
  int epoll_ = -1;
  int ready_ = 0, next_ = 0; // of the turn under way
  struct slots;
  slots* slots_;
};

} // namespace strowger::load
