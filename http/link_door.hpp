// What a link client may still touch: the gateway and the random source, until it is stopped. The
// link's beginning and end are told in pairs, whoever of lane and stop() comes first.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "security/random.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace strowger::http {

class link_door { // any thread
public:
  link_door(runtime::gateway& gateway, security::random_source& random) :
      gateway_(gateway), random_(random) {}

  bool found(std::shared_ptr<runtime::master_sink> sink) {
    std::lock_guard lock{mutex_};
    if (shut_) return false;
    open_ = sink;
    gateway_.master_found(std::move(sink));
    return true;
  }
  void said(const runtime::master_sink* sink, link::to_slave what) {
    std::lock_guard lock{mutex_};
    if (!shut_ && open_.get() == sink) gateway_.master_said(sink, std::move(what));
  }
  void lost(const runtime::master_sink* sink) {
    std::lock_guard lock{mutex_};
    if (!open_ || open_.get() != sink) return;
    gateway_.master_lost(sink);
    open_ = nullptr;
  }
  // Below `count`; 0 once it is shut.
  std::int64_t below(std::int64_t count) {
    std::lock_guard lock{mutex_};
    if (shut_) return 0;
    std::array<std::uint8_t, 8> bytes{};
    random_.fill(bytes);
    std::uint64_t drawn = 0;
    for (const auto byte : bytes) drawn = drawn << 8 | byte;
    return static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(count));
  }

  bool is_shut() const {
    std::lock_guard lock{mutex_};
    return shut_;
  }
  // Nobody is told anything from here on. False: it was shut before.
  bool shut() {
    std::lock_guard lock{mutex_};
    if (std::exchange(shut_, true)) return false;
    if (open_) gateway_.master_lost(open_.get());
    open_ = nullptr;
    return true;
  }
  void left() { // the line is gone, too
    std::lock_guard lock{mutex_};
    left_ = true;
    gone_.notify_all();
  }
  void wait_left(duration_ms at_most_ms) {
    std::unique_lock lock{mutex_};
    gone_.wait_for(lock, std::chrono::milliseconds{at_most_ms}, [this] { return left_; });
  }

private:
  runtime::gateway& gateway_;
  security::random_source& random_;
  mutable std::mutex mutex_;
  std::condition_variable gone_;
  std::shared_ptr<runtime::master_sink> open_;
  bool shut_ = false, left_ = false;
};

} // namespace strowger::http
