// For the .cpp files of this folder only: keys that know the one algorithm they verify.
#pragma once

#include "security/jose.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::security {

enum class token_algorithm { hs256, rs256, eddsa };

struct token_key {
  token_algorithm algorithm = token_algorithm::hs256;
  std::string kid;          // empty: tried whatever `kid` a token names
  jose::jwk jwk;            // hs256 and rs256
  jose::public_key ed25519; // eddsa
};

// What token_verifier::add_secret, add_public_pem and add_jwks document; each throws
// std::invalid_argument with a sentence.
token_key secret_key(std::string_view secret);
token_key pem_key(std::string_view pem);
std::vector<token_key> jwks_keys(std::string_view json);

} // namespace strowger::security
