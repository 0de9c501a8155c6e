#include "bench/load/loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace strowger::load {
namespace {

void check(int result, const char* what) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), what};
}

} // namespace

struct loop::slots {
  std::array<epoll_event, events_max> events;
};

nanos now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

loop::loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), slots_(new slots) {
  check(epoll_, "epoll");
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // wake on time, not within 50 us of it
}

loop::~loop() {
  ::close(epoll_);
  delete slots_;
}

void loop::add(int fd, std::uint32_t events, watcher* who) {
  epoll_event e{events, {.ptr = who}};
  check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e), "epoll_ctl add");
}

void loop::change(int fd, std::uint32_t events, watcher* who) {
  epoll_event e{events, {.ptr = who}};
  check(::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &e), "epoll_ctl mod");
}

void loop::remove(int fd, watcher* who) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = next_; i < ready_; ++i)
    if (slots_->events[static_cast<std::size_t>(i)].data.ptr == who)
      slots_->events[static_cast<std::size_t>(i)].data.ptr = nullptr;
}

void loop::turn(nanos deadline) {
  const auto left = std::max<nanos>(0, deadline - now());
  const timespec patience{left / 1'000'000'000, left % 1'000'000'000};
  const int n = ::epoll_pwait2(epoll_, slots_->events.data(), events_max, &patience, nullptr);
  if (n < 0 && errno == EINTR) return;
  check(n, "epoll_pwait2");
  ready_ = n;
  for (next_ = 0; next_ < ready_;) {
    const auto& e = slots_->events[static_cast<std::size_t>(next_++)];
    if (e.data.ptr != nullptr) static_cast<watcher*>(e.data.ptr)->ready(e.events);
  }
  ready_ = next_ = 0;
}

void loop::run_until(nanos deadline) {
  while (now() < deadline) turn(deadline);
}

} // namespace strowger::load
