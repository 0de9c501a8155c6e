// Inputs for fuzzing: files of a corpus, changed at random by a seed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace strowger::fuzz {

using buffer = std::vector<std::uint8_t>;

class mutator {
public:
  mutator(std::uint64_t seed, std::vector<buffer> corpus, std::size_t bytes_max) :
      state_(seed * 2 + 1), corpus_(std::move(corpus)), bytes_max_(bytes_max) {
    if (corpus_.empty()) corpus_.push_back({0});
  }

  buffer next() {
    auto out = any();
    const auto changes = 1 + below(6);
    for (std::size_t i = 0; i < changes; ++i) change(out);
    if (out.size() > bytes_max_) out.resize(bytes_max_);
    return out;
  }

private:
  std::uint64_t random() { // splitmix64
    state_ += 0x9E3779B97F4A7C15ULL;
    auto z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random() % n); }
  const buffer& any() { return corpus_[below(corpus_.size())]; }

  void change(buffer& out) {
    const auto at = below(out.size() + 1);
    const auto where = out.begin() + static_cast<std::ptrdiff_t>(at);
    const auto length = std::min(out.size() - at, 1 + below(16));
    switch (below(9)) {
    case 0: // one bit
      if (at < out.size()) out[at] ^= static_cast<std::uint8_t>(1U << below(8));
      break;
    case 1: // any byte
      if (at < out.size()) out[at] = static_cast<std::uint8_t>(random());
      break;
    case 2: // a number at an edge, in two bytes
      if (at + 1 < out.size()) {
        constexpr std::array<std::uint16_t, 10> edges{0,    1,      3,      4,      0x7F,
                                                      0xFF, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF};
        const auto edge = edges[below(edges.size())];
        out[at] = static_cast<std::uint8_t>(edge >> 8);
        out[at + 1] = static_cast<std::uint8_t>(edge);
      }
      break;
    case 3:
      out.resize(at);
      break;
    case 4:
      out.erase(where, where + static_cast<std::ptrdiff_t>(length));
      break;
    case 5:
      out.insert(where, length + 1, static_cast<std::uint8_t>(random()));
      break;
    case 6: { // once more
      const buffer again(where, where + static_cast<std::ptrdiff_t>(length));
      out.insert(where, again.begin(), again.end());
      break;
    }
    case 7: { // the end of another
      const auto& other = any();
      const auto from = below(other.size() + 1);
      out.resize(at);
      out.insert(out.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      break;
    }
    default: // one more, one less: lengths
      if (at < out.size()) out[at] = static_cast<std::uint8_t>(out[at] + (random() & 1 ? 1 : -1));
    }
  }

  std::uint64_t state_;
  std::vector<buffer> corpus_;
  std::size_t bytes_max_;
};

} // namespace strowger::fuzz
