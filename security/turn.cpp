#include "security/turn.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace strowger::security {

turn_credential make_turn_credential(std::string_view secret, std::string_view agent,
                                     time_ms expires_at) {
  turn_credential made;
  made.username = std::to_string(expires_at / 1000) + ":" + std::string{agent};
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  const auto* text = reinterpret_cast<const unsigned char*>(made.username.data());
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), text, made.username.size(),
           mac.data(), &length) == nullptr)
    throw std::runtime_error("HMAC-SHA-1 is not available");
  std::array<unsigned char, 64> base64{};
  const int size = EVP_EncodeBlock(base64.data(), mac.data(), static_cast<int>(length));
  made.credential.assign(reinterpret_cast<const char*>(base64.data()),
                         static_cast<std::size_t>(size));
  return made;
}

} // namespace strowger::security
