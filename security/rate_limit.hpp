// Counts login failures per user and address; pure: time comes in as an argument.
#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace strowger::security {

struct rate_limit_rules {
  std::uint32_t failures_max = 5;   // within one window
  duration_ms window_ms = 60'000;   // counted from the first failure
  std::size_t entries_max = 10'000; // then the entry that ends first makes room
};

// Not thread-safe: one owner. Memory is bounded by `entries_max` keys.
class rate_limit {
public:
  explicit rate_limit(rate_limit_rules rules = {}) : rules_(rules) {}

  // Milliseconds to wait before the next attempt may be tried; 0: go ahead. Ask before verifying.
  duration_ms wait_ms(const std::string& who, time_ms now) const;
  void failed(const std::string& who, time_ms now);
  void succeeded(const std::string& who) { counts_.erase(who); }
  std::size_t entries() const { return counts_.size(); }

private:
  struct count {
    std::uint32_t failures = 0;
    time_ms ends_at = 0;
  };
  void make_room(time_ms now);

  rate_limit_rules rules_;
  std::map<std::string, count> counts_;
};

} // namespace strowger::security
