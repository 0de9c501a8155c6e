// What a fuzz target is: one function that reads any bytes and checks what it can. driver.cpp makes
// a program of it, CMakeLists.txt has the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace strowger::fuzz {

using bytes = std::span<const std::uint8_t>;

// By each target, in its own file. `input` is a heap block of exactly that size.
void one(bytes input);

// A promise of the decoder that does not hold: the input is kept, the program ends with 1.
void check(bool holds, const char* what);

} // namespace strowger::fuzz
