#include "media/transport_cc.hpp"

#include <algorithm>
#include <cstring>

namespace strowger::media {

void arrivals::add(std::uint16_t sequence, std::int64_t now_us) {
  if (!begun_) {
    begun_ = true;
    next_ = highest_ = sequence;
  } else if (after(sequence, highest_)) {
    const auto ahead = static_cast<std::uint16_t>(sequence - next_);
    if (ahead >= window) { // what has not been told by now never is
      at_.fill(0);
      next_ = sequence;
    }
    highest_ = sequence;
  } else if (after(next_, sequence)) {
    return; // told as lost already
  }
  at_[sequence % window] = std::max<std::int64_t>(now_us, 1);
  any_ = true;
}

namespace {

enum status : std::uint8_t { absent = 0, small = 1, large = 2 };

std::size_t put_chunks(std::span<const std::uint8_t> statuses, room to) {
  std::size_t size = 0;
  for (std::size_t at = 0; at < statuses.size();) {
    std::size_t run = 1;
    while (at + run < statuses.size() && statuses[at + run] == statuses[at]) ++run;
    std::uint32_t chunk = 0;
    if (run >= 7) {
      chunk = static_cast<std::uint32_t>(statuses[at]) << 13 | static_cast<std::uint32_t>(run);
      at += run;
    } else {
      chunk = 0xC000; // seven statuses of two bits
      for (unsigned i = 0; i < 7 && at < statuses.size(); ++i)
        chunk |= static_cast<std::uint32_t>(statuses[at++]) << (12 - 2 * i);
    }
    if (to.size() < size + 2) return 0;
    write16(&to[size], chunk);
    size += 2;
  }
  return size;
}

} // namespace

std::size_t arrivals::feedback(room to) {
  if (!any_) return 0;
  constexpr std::int64_t unit = 250; // microseconds
  std::array<std::uint8_t, window> statuses;
  std::array<std::uint8_t, window * 2> deltas;
  std::size_t count = 0, size = 0;
  const auto base = next_;
  std::int64_t reference = -1, last = 0;
  for (; count < window && !after(next_, highest_); ++next_, ++count) {
    auto& came = at_[next_ % window];
    statuses[count] = absent;
    if (came == 0) continue;
    const auto units = came / unit;
    if (reference < 0) {
      reference = units / 256; // of 64 ms
      last = reference * 256;
    }
    const auto delta = units - last;
    if (delta < -32'768 || delta > 32'767) break; // the next feedback has a reference of its own
    if (delta >= 0 && delta <= 255) {
      statuses[count] = small;
      deltas[size++] = static_cast<std::uint8_t>(delta);
    } else {
      statuses[count] = large;
      write16(&deltas[size], static_cast<std::uint32_t>(delta));
      size += 2;
    }
    last = units;
    came = 0;
  }
  any_ = !after(next_, highest_);
  if (reference < 0 || to.size() < 8) return 0;
  write16(&to[0], base);
  write16(&to[2], static_cast<std::uint32_t>(count));
  write24(&to[4], static_cast<std::uint32_t>(reference & 0xFFFFFF));
  to[7] = count_++;
  const auto chunks = put_chunks(std::span{statuses}.first(count), to.subspan(8));
  auto total = 8 + chunks + size;
  if (chunks == 0 || to.size() < total + 3) return 0;
  std::memcpy(&to[8 + chunks], deltas.data(), size);
  while (total % 4) to[total++] = 0;
  return total;
}

} // namespace strowger::media
