#include "http/lane.hpp"

#include "observe/log.hpp"

#include <utility>

namespace strowger::http {

lane::~lane() { stop(); }

void lane::post_after(duration_ms delay, std::function<void()> job) {
  // The timer is made on the lane: a timer must not be touched by two threads.
  net::post(context_, [this, delay, job = std::move(job)]() mutable {
    auto timer = std::make_shared<net::steady_timer>(context_, std::chrono::milliseconds{delay});
    timer->async_wait([timer, job = std::move(job)](error_code ec) {
      if (!ec) job();
    });
  });
}

void lane::start() {
  thread_ = std::thread{[this] { run(); }};
}

void lane::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& e) { // one connection's fault must not end the others
      log::error("Connection handler failed", {{"what", e.what()}});
    }
  }
}

// Once: what is posted later is for objects that may be gone by then, and is dropped.
void lane::stop() {
  if (std::exchange(stopped_, true)) return;
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
  context_.restart();
  for (int rounds = 0; rounds < 1000 && context_.poll_one() > 0;) ++rounds;
}

} // namespace strowger::http
