#include "actors/runtime/admission.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <utility>

namespace strowger::runtime {
namespace {
constexpr std::size_t windows_between_tries = 40; // two seconds: a try must cost next to nothing
}

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
  const auto quickest = std::exchange(quickest_, unknown);
  const bool reached = std::exchange(reached_, false);
  if (wide_ > 0) { // the first window of a try still sees what was under way before it
    if (crowded_++ == 0) return;
    unhurried_ = quickest;
    allowed_ = std::exchange(wide_, 0);
    crowded_ = 0;
    return;
  }
  unhurried_ = std::min(unhurried_, quickest);
  const auto wanted = unhurried_ + bounds_.lag_ms;
  if (quickest > wanted) { // not below half at once: the next window knows more
    const auto fit =
        allowed_ * static_cast<std::size_t>(wanted) / static_cast<std::size_t>(quickest);
    allowed_ = std::max({bounds_.least, allowed_ / 2, fit});
  } else if (reached) {
    allowed_ = std::min(limits::admitted_max, allowed_ + std::max<std::size_t>(1, allowed_ / 8));
  }
  if (!reached || ++crowded_ < windows_between_tries) return;
  wide_ = std::exchange(allowed_, bounds_.least);
  crowded_ = 0;
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
