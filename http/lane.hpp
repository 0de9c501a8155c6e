// A lane: one thread with its own io_context. A connection lives on one lane and never moves, so
// connections need no locks.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "http/boost.hpp"

#include <span>
#include <thread>
#include <vector>

namespace strowger::http {

class lane final : public runtime::executor {
public:
  lane() : context_(1), work_(net::make_work_guard(context_)) {}
  ~lane() override;

  void post(std::function<void()> job) override { net::post(context_, std::move(job)); }
  void post_after(duration_ms delay, std::function<void()> job) override;

  net::io_context& context() { return context_; }
  // What a connection reads into, until it returns to the lane. On the lane's thread.
  std::span<char> scratch() { return scratch_; }
  void start(); // runs the thread
  // Ends the thread, then runs what is ready once more, so that closed connections let go. Only
  // the first call does; never from two threads.
  void stop();

private:
  void run();

  std::vector<char> scratch_ = std::vector<char>(64 * 1024);
  net::io_context context_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::thread thread_;
  bool stopped_ = false;
};

} // namespace strowger::http
