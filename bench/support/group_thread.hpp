// For peers: a thread that takes every waiting append at once, as a group.
#pragma once

#include "storage/event_store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace strowger::bench {

class group_thread {
public:
  // `commit` answers each append of the group; on this object's threads. `most`: of one group.
  using commit_group = std::function<void(std::vector<storage::append>&)>;

  explicit group_thread(std::vector<commit_group> workers, std::size_t most = ~std::size_t{0}) :
      most_(most) {
    for (auto& work : workers)
      threads_.emplace_back([this, commit = std::move(work)] { run(commit); });
  }
  ~group_thread() {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void submit(storage::append what) {
    {
      std::lock_guard lock{mutex_};
      waiting_.push_back(std::move(what));
    }
    changed_.notify_one();
  }

private:
  void run(const commit_group& commit) {
    std::vector<storage::append> taken;
    for (;;) {
      taken.clear();
      {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        take(taken);
      }
      commit(taken);
    }
  }
  void take(std::vector<storage::append>& out) {
    if (waiting_.size() <= most_) return out.swap(waiting_);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(most_);
    out.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<storage::append> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace strowger::bench
