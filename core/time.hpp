// Time as the domain sees it: milliseconds, passed in as an argument, never read from a clock here.
#pragma once

#include <compare>
#include <cstdint>

namespace strowger {

using time_ms = std::int64_t;     // milliseconds since 1970-01-01 UTC
using duration_ms = std::int64_t; // a span of milliseconds

inline constexpr time_ms never = 0; // "no deadline"

} // namespace strowger

namespace strowger {

struct instant { // a point in time that goes on the wire as RFC 3339 UTC with milliseconds
  time_ms at = 0;
  auto operator<=>(const instant&) const = default;
};

} // namespace strowger
