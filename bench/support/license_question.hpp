// The work of the dispatch benchmarks: a seat that nobody holds is given back, so the license
// decides, writes nothing and answers.
#pragma once

#include "actors/license/license.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace strowger::bench {

inline const license::command question{license::release_seat{agent_id{"a"}, session_id{"s"}}};

// Opaque ids of 32 hex digits, as the site gives them.
inline std::vector<std::string> actor_ids(std::size_t count) {
  std::vector<std::string> out;
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    char text[33];
    const auto mixed = (i + 1) * 0x9e3779b97f4a7c15ull;
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(mixed),
                  static_cast<unsigned long long>(mixed ^ (mixed >> 29)));
    out.emplace_back(text);
  }
  return out;
}

} // namespace strowger::bench
