#include "cli/worker.hpp"

#include <utility>

namespace strowger::cli {

using std::chrono::steady_clock;

worker::worker(std::function<void(const std::exception&)> fault) :
    fault_(std::move(fault)), thread_([this] { run(); }) {}
worker::~worker() { stop(); }

void worker::post(std::function<void()> job) {
  {
    std::lock_guard lock{mutex_};
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void worker::post_after(duration_ms delay, std::function<void()> job) {
  {
    std::lock_guard lock{mutex_};
    if (stopping_) return;
    later_.emplace(steady_clock::now() + std::chrono::milliseconds{delay}, std::move(job));
  }
  changed_.notify_one();
}

void worker::stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void worker::drop_and_stop() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
    jobs_.clear();
  }
  stop();
}

void worker::run(std::function<void()>& job) {
  try {
    job();
  } catch (const std::exception& e) {
    fault_(e);
  }
}

void worker::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    const auto now = steady_clock::now();
    while (!stopping_ && !later_.empty() && later_.begin()->first <= now) {
      jobs_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
    if (!jobs_.empty()) {
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      run(job);
      job = nullptr;
      lock.lock();
      continue;
    }
    if (stopping_) return;
    if (later_.empty())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, later_.begin()->first);
  }
}

} // namespace strowger::cli
