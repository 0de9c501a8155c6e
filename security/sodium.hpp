// For the .cpp files of this folder only: libsodium, initialised.
#pragma once

#include <sodium.h>

#include <stdexcept>

namespace strowger::security {

// Idempotent and thread-safe. Throws when the machine has no usable random generator.
inline void need_sodium() {
  static const int ready = sodium_init();
  if (ready < 0) throw std::runtime_error("libsodium cannot start: no source of randomness");
}

} // namespace strowger::security
