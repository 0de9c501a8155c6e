// How the client of the durable benchmarks asks a server in another process: fixed frames over a
// socket pair whose one end the server gets as --fd. The server sends one answer when it is ready.
#pragma once

#include "actors/license/license.hpp"
#include "bench/support/license_question.hpp"
#include "bench/support/measure.hpp"

#include <cstring>
#include <span>

namespace strowger::bench {

// Each changes the license `actor`, so each writes one event.
enum class wish : std::uint32_t { seats, take, release };
struct asked {
  std::uint64_t number = 0; // of the command, which makes its id
  std::uint32_t slot = 0, actor = 0, seats = 0;
  wish what = wish::seats; // it shall have so many; or the slot's agent takes or leaves one
};
static_assert(sizeof(asked) == 24);
struct answered {
  std::uint32_t slot = 0;
  std::uint32_t refused = 0;
};
static_assert(sizeof(answered) == 8);

inline license::command command_of(const asked& in) {
  if (in.what == wish::seats) return license::issue{"bench", in.seats, in.seats, true, never};
  const auto name = std::to_string(in.slot);
  if (in.what == wish::take) return license::take_seat{agent_id{name}, session_id{name}};
  return license::release_seat{agent_id{name}, session_id{name}};
}
inline command_id id_of(const asked& in) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(in.number),
                static_cast<unsigned long long>(in.number * 0x9e3779b97f4a7c15ull));
  return command_id{text};
}

// Whole frames out of a stream of bytes.
template <class Frame> class frames {
public:
  template <class See> void take(std::span<const char> bytes, See see) {
    rest_.append(bytes.data(), bytes.size());
    std::size_t at = 0;
    for (Frame one; rest_.size() - at >= sizeof one; at += sizeof one) {
      std::memcpy(&one, rest_.data() + at, sizeof one);
      see(one);
    }
    rest_.erase(0, at);
  }

private:
  std::string rest_;
};

// What is under way fits the buffers of the pair, so a write does not wait for the reader.
template <class Frame> void write_all(int fd, const std::vector<Frame>& all) {
  const auto* at = reinterpret_cast<const char*>(all.data());
  for (std::size_t left = all.size() * sizeof(Frame); left > 0;) {
    const auto done = ::write(fd, at, left);
    if (done <= 0) throw std::runtime_error{"the other end is gone"};
    at += done;
    left -= static_cast<std::size_t>(done);
  }
}

} // namespace strowger::bench
