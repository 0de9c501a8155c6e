// The life of one data folder on a disk that loses power: opened, used, cut off, and opened again,
// several times, all of it from one seed. After every start the store must hold what it promised.
#pragma once

#include "tests/power/play/disk.hpp"
#include "tests/power/play/workload.hpp"

#include <functional>
#include <string>
#include <vector>

namespace strowger::power {

struct options {
  std::size_t starts_max = 6;
  bool threads = true; // in some lives producers with threads of their own: never twice the same
  std::function<void(const std::string&)> tell; // what happens, a line at a time
};

struct counts {
  std::uint64_t cuts = 0, kills = 0, stops = 0, faults = 0, acknowledged = 0;
};

// Empty: every promise was kept. Otherwise what broke, and in further lines what happened before.
std::string play(std::uint64_t seed, const options& how = {}, counts* out = nullptr);

// The reference script: a folder that is made, used and closed, opened again, used and closed; the
// same every time. A point is one trouble at one of its operations.
struct point {
  std::size_t start = 0; // 0 or 1
  trouble what;
  bool power = false; // what follows: the end of the process, or of the power, too
};
std::vector<point> points_of_the_script();
// Plays the script up to the trouble and its consequence, then starts twice more. Empty: every
// promise was kept. `struck`: the operation was met.
std::string play_script(const point& where, bool* struck = nullptr, const options& how = {});

std::string text_of(const trouble& what);

} // namespace strowger::power
