// Randomness as a port: production draws from libsodium, a simulation from its seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace strowger::security {

class random_source {
public:
  virtual ~random_source() = default;
  // Fills `out` with bytes nobody can guess. Any thread, unless an implementation says otherwise.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

// libsodium's generator (getrandom). Any thread.
class system_random final : public random_source {
public:
  system_random();
  void fill(std::span<std::uint8_t> out) override;
};

// An unguessable id: 160 random bits as 32 characters of lower-case base32 (RFC 4648 alphabet).
std::string random_id(random_source& random);

// A password that can be read aloud: 16 characters, about 79 bits, no look-alikes (0/o, 1/l/i).
std::string random_password(random_source& random);

} // namespace strowger::security
