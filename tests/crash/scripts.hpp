// Test only: the calls that are killed at every append, and what must come out of them: the same
// final record: same parties, state, cause, winner and transfer target; the same second of start,
// answer and end. Every step of a script happens in a second of its own and the server is down for
// 10 ms, so "the same second" is exact: no restart may shift a step into another one. Ring times
// end at their old deadline.
#pragma once

#include "tests/crash/script.hpp"

#include <array>
#include <span>
#include <string_view>

namespace strowger::sim {

struct named_script {
  std::string_view name;
  script what = nullptr;
  std::size_t appends_min = 0; // or it is not the call that it was
};
std::span<const named_script> scripts();

// Plays it once in peace and once for every append, before and after it is on the disk. Empty: the
// same record everywhere; else the first difference.
std::string other_record_when_killed(const named_script& which);

} // namespace strowger::sim
