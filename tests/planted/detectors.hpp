// Test only: what notices a planted bug. A detector is tried with rising numbers (a seed, a script,
// a test); every try runs in a process that may crash or hang. One line in the list below each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace strowger::planted_bugs {

struct detector {
  std::string_view name;
  std::size_t tries = 0;                                // from 1
  std::string (*attempt)(std::size_t number) = nullptr; // empty: nothing wrong; else what is
  bool sees_files = false;                              // the real store, or parts of it
};

// In the order in which they are asked: the cheapest proof first.
std::span<const detector> detectors();

std::string play_a_life(std::size_t seed);
std::string kill_at_every_append(std::size_t script);
std::string race(std::size_t seed);
std::string play_leases(std::size_t seed); // tests/sim/leases
std::string play_links(std::size_t seed);  // tests/sim/links
std::string cut_the_power(std::size_t seed);
std::string run_the_moments(std::size_t);     // all of tests/sim/moments
std::string run_the_suite(std::size_t suite); // unit and conformance tests, see suites.cpp
std::size_t suite_count();

} // namespace strowger::planted_bugs
