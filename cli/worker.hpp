// A thread that runs jobs in order: the publisher, and the work thread for slow things.
#pragma once

#include "actors/runtime/gateway.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace strowger::cli {

class worker final : public runtime::executor {
public:
  // `fault` hears of a job that threw, on the thread; it need not return.
  explicit worker(std::function<void(const std::exception&)> fault);
  ~worker() override; // stops

  void post(std::function<void()> job) override;
  void post_after(duration_ms delay, std::function<void()> job) override;
  void stop();          // runs what was posted so far, but no delayed job, then ends the thread
  void drop_and_stop(); // runs only what has begun

private:
  using time = std::chrono::steady_clock::time_point;
  void run();
  void run(std::function<void()>& job);

  const std::function<void(const std::exception&)> fault_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::multimap<time, std::function<void()>> later_;
  bool stopping_ = false;
  std::thread thread_; // last: it uses the rest
};

} // namespace strowger::cli
