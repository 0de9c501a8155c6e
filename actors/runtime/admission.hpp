// How much new work may be under way at once. It learns from how long admitted work takes, beyond
// what it takes when nothing waits: so it notices every queue on the way (lanes, publisher, disk)
// without looking at any. More than that is refused at once, for it would only wait. What it takes
// when nothing waits is tried from time to time: for two windows only the least is let in.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <limits>
#include <mutex>

namespace strowger::runtime {

class admission { // any thread; no clock of its own
public:
  struct bounds {
    duration_ms lag_ms;       // that even the quickest of admitted work may wait
    std::size_t first, least; // under way, at the start and always
  };
  explicit admission(bounds b) : bounds_(b), allowed_(b.first) {}

  bool admit(); // true: finished() follows; false: refuse
  // `worked`: it went the whole way; what was refused later says nothing about the queues.
  void finished(duration_ms took, bool worked, time_ms now);

  bool full() const;
  std::size_t allowed() const;

private:
  void judge();

  static constexpr duration_ms unknown = std::numeric_limits<duration_ms>::max();
  const bounds bounds_;
  mutable std::mutex mutex_;
  std::size_t allowed_, under_way_ = 0;
  duration_ms unhurried_ = unknown; // what it takes when nothing waits
  std::size_t crowded_ = 0;         // windows since the last try in which everything was under way
  std::size_t wide_ = 0;            // while trying: what was allowed before
  // The window under way. Its quickest counts: one slow sync is no queue.
  time_ms began_ = 0;
  duration_ms quickest_ = unknown;
  bool reached_ = false; // everything allowed was under way
};

} // namespace strowger::runtime
