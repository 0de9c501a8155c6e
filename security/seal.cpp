#include "security/seal.hpp"

#include "security/sodium.hpp"

namespace strowger::security {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(nonce_bytes + tag_bytes == seal_overhead_bytes);

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

} // namespace

std::string seal(const key& k, std::string_view plain, std::string_view bound_to,
                 random_source& random) {
  need_sodium();
  std::string sealed(seal_overhead_bytes + plain.size(), '\0');
  auto* out = reinterpret_cast<std::uint8_t*>(sealed.data());
  random.fill({out, nonce_bytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + nonce_bytes, nullptr, bytes_of(plain),
                                             plain.size(), bytes_of(bound_to), bound_to.size(),
                                             nullptr, out, k.data());
  return sealed;
}

std::optional<std::string> open(const key& k, std::string_view sealed, std::string_view bound_to) {
  need_sodium();
  if (sealed.size() < seal_overhead_bytes) return std::nullopt;
  const auto* in = bytes_of(sealed);
  std::string plain(sealed.size() - seal_overhead_bytes, '\0');
  const int refused = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<std::uint8_t*>(plain.data()), nullptr, nullptr, in + nonce_bytes,
      sealed.size() - nonce_bytes, bytes_of(bound_to), bound_to.size(), in, k.data());
  if (refused != 0) return std::nullopt;
  return plain;
}

key random_key(random_source& random) {
  key k{};
  random.fill(k);
  return k;
}

} // namespace strowger::security
