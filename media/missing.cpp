#include "media/missing.hpp"

#include <algorithm>

namespace strowger::media {

bool missing::arrived(std::uint16_t sequence) {
  if (!begun_) {
    begun_ = true;
    highest_ = sequence;
    return false;
  }
  if (!after(sequence, highest_)) { // it fills a hole, or is a repeat
    const auto end = holes_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto found =
        std::find_if(holes_.begin(), end, [&](const hole& h) { return h.sequence == sequence; });
    if (found != end) {
      std::copy(found + 1, end, found);
      --count_;
    }
    return false;
  }
  const auto absent = static_cast<std::uint16_t>(sequence - highest_ - 1);
  const auto next = static_cast<std::uint16_t>(highest_ + 1);
  highest_ = sequence;
  if (absent + count_ > kept_max) {
    count_ = 0;
    return true;
  }
  for (std::uint16_t i = 0; i < absent; ++i)
    holes_[count_++] = {static_cast<std::uint16_t>(next + i), 0, 0};
  return false;
}

std::size_t missing::ask(std::int64_t now_us, std::span<std::uint16_t> out) {
  std::size_t asked = 0, kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    auto h = holes_[i];
    if (asked < out.size() && (h.asked == 0 || now_us - h.asked_us >= again_us)) {
      if (h.asked == asked_max) continue; // given up
      out[asked++] = h.sequence;
      ++h.asked;
      h.asked_us = now_us;
    }
    holes_[kept++] = h;
  }
  count_ = kept;
  return asked;
}

} // namespace strowger::media
