// Which packet indices have been seen (RFC 3711, section 3.3.2): a window below the highest one.
// Pure.
#pragma once

#include <array>
#include <cstdint>

namespace strowger::media {

class replay_window {
public:
  static constexpr std::uint64_t size = 1024;

  bool fresh(std::uint64_t index) const { // neither seen nor too old
    if (!any_ || index > highest_) return true;
    return highest_ - index < size && !at(index);
  }
  void saw(std::uint64_t index) {
    if (!any_ || index > highest_) {
      const auto steps = any_ ? index - highest_ : size;
      if (steps >= size) words_.fill(0);
      for (std::uint64_t i = 1; steps < size && i <= steps; ++i) clear(highest_ + i);
      highest_ = index;
      any_ = true;
    }
    words_[index / 64 % words_.size()] |= std::uint64_t{1} << index % 64;
  }
  bool any() const { return any_; }
  std::uint64_t highest() const { return highest_; }

private:
  bool at(std::uint64_t index) const {
    return words_[index / 64 % words_.size()] >> index % 64 & 1;
  }
  void clear(std::uint64_t index) {
    words_[index / 64 % words_.size()] &= ~(std::uint64_t{1} << index % 64);
  }
  std::array<std::uint64_t, size / 64> words_{};
  std::uint64_t highest_ = 0;
  bool any_ = false;
};

} // namespace strowger::media
