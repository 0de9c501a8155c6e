// A thread that runs jobs in order: the publisher, and the work thread for slow things.
#pragma once

#include "actors/runtime/gateway.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace strowger::cli {

class worker final : public runtime::executor {
public:
  worker();
  ~worker() override; // ends the thread; jobs that wait are dropped

  void post(std::function<void()> job) override;
  void post_after(duration_ms delay, std::function<void()> job) override;
  void stop(); // runs what was posted so far, but no delayed job, then ends the thread

private:
  using time = std::chrono::steady_clock::time_point;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::multimap<time, std::function<void()>> later_;
  bool stopping_ = false;
  std::thread thread_; // last: it uses the rest
};

} // namespace strowger::cli
