#include "actors/runtime/admission.hpp"

#include "core/limits.hpp"

#include <algorithm>

namespace strowger::runtime {

bool admission::admit() {
  std::lock_guard lock{mutex_};
  if (under_way_ >= allowed_) {
    reached_ = true;
    return false;
  }
  ++under_way_;
  return true;
}

void admission::finished(duration_ms took, bool worked, time_ms now) {
  std::lock_guard lock{mutex_};
  --under_way_;
  if (!worked) return;
  if (quickest_ == unknown) began_ = now;
  quickest_ = std::min(quickest_, took);
  if (now - began_ >= limits::admit_window_ms) judge();
}

void admission::judge() {
  unhurried_ = std::min(unhurried_, quickest_);
  const auto wanted = unhurried_ + bounds_.lag_ms;
  if (quickest_ > wanted) { // not below half at once: the next window knows more
    const auto fit =
        allowed_ * static_cast<std::size_t>(wanted) / static_cast<std::size_t>(quickest_);
    allowed_ = std::max({bounds_.least, allowed_ / 2, fit});
  } else if (reached_) {
    allowed_ = std::min(limits::admitted_max, allowed_ + std::max<std::size_t>(1, allowed_ / 8));
  }
  quickest_ = unknown;
  reached_ = false;
}

bool admission::full() const {
  std::lock_guard lock{mutex_};
  return under_way_ >= allowed_;
}

std::size_t admission::allowed() const {
  std::lock_guard lock{mutex_};
  return allowed_;
}

} // namespace strowger::runtime
