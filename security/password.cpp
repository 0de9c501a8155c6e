#include "security/password.hpp"

#include "core/limits.hpp"
#include "security/sodium.hpp"

#include <array>

namespace strowger::security {
namespace {

// RFC 9106 leaves the choice to the site: as much as about 50 ms of one core buys. Old hashes
// name their own parameters, so both numbers may rise without a migration.
constexpr unsigned long long passes = 2;
constexpr std::size_t memory_kib = 32 * 1024;

std::string base64(std::span<const std::uint8_t> bytes) {
  std::string text(
      sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  text.pop_back(); // the terminating zero
  return text;
}

std::string hash_with(std::string_view password,
                      const std::array<std::uint8_t, crypto_pwhash_SALTBYTES>& salt) {
  std::array<std::uint8_t, 32> out{};
  const int failed =
      crypto_pwhash(out.data(), out.size(), password.data(), password.size(), salt.data(), passes,
                    memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) throw std::runtime_error("argon2id: out of memory");
  return "$argon2id$v=19$m=" + std::to_string(memory_kib) + ",t=" + std::to_string(passes) +
         ",p=1$" + base64(salt) + "$" + base64(out);
}

const std::string& nobodys_hash() {
  static const std::string text = hash_with("nobody", {});
  return text;
}

// A stored text decides how much work a login does: refuse one that asks for more than ours.
bool affordable(const std::string& stored) {
  return crypto_pwhash_str_needs_rehash(stored.c_str(), passes, memory_kib * 1024) == 0;
}

} // namespace

std::string hash_password(std::string_view password, random_source& random) {
  need_sodium();
  if (password.size() > limits::password_bytes_max) throw std::length_error("password too long");
  std::array<std::uint8_t, crypto_pwhash_SALTBYTES> salt{};
  random.fill(salt);
  return hash_with(password, salt);
}

void prepare_passwords() {
  need_sodium();
  nobodys_hash();
}

bool verify_password(std::string_view stored, std::string_view password) {
  need_sodium();
  const bool too_long = password.size() > limits::password_bytes_max;
  if (too_long) password = password.substr(0, limits::password_bytes_max);
  std::string text{stored};
  const bool known = !text.empty() && text.size() < crypto_pwhash_STRBYTES && affordable(text);
  if (!known) text = nobodys_hash();
  const bool matches =
      crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  return matches && known && !too_long;
}

} // namespace strowger::security
