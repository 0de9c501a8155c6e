#include "security/random.hpp"

#include "security/base32.hpp"
#include "security/sodium.hpp"

#include <array>

namespace strowger::security {

system_random::system_random() { need_sodium(); }

void system_random::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

std::string random_id(random_source& random) {
  std::array<std::uint8_t, 20> bytes{};
  random.fill(bytes);
  return base32(bytes);
}

std::string random_password(random_source& random) {
  static constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";
  constexpr std::size_t fair =
      256 / letters.size() * letters.size(); // above it: biased, drawn again
  std::string password;
  while (password.size() < 16) {
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    for (const auto byte : bytes)
      if (byte < fair && password.size() < 16) password += letters[byte % letters.size()];
  }
  return password;
}

} // namespace strowger::security
