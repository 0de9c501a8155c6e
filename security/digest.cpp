#include "security/digest.hpp"

#include "security/base32.hpp"
#include "security/sodium.hpp"

namespace strowger::security {
namespace {

std::array<std::uint8_t, 8> length_of(std::string_view part) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (56 - 8 * i));
  return bytes;
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

} // namespace

std::string keyed_digest(const key& k, std::initializer_list<std::string_view> parts) {
  need_sodium();
  std::array<std::uint8_t, 16> out{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, k.data(), k.size(), out.size());
  for (const auto part : parts) {
    const auto length = length_of(part);
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, bytes_of(part), part.size());
  }
  crypto_generichash_final(&state, out.data(), out.size());
  return base32(out);
}

std::string keyed_mac(const key& k, std::initializer_list<std::string_view> parts) {
  need_sodium();
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> out{};
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, k.data(), k.size());
  for (const auto part : parts) {
    const auto length = length_of(part);
    crypto_auth_hmacsha256_update(&state, length.data(), length.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(part), part.size());
  }
  crypto_auth_hmacsha256_final(&state, out.data());
  return base32(out);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace strowger::security
