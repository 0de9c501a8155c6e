// For the .cpp files of this folder only: compact JWS (RFC 7515, section 7.1) and its Ed25519
// signatures (RFC 8037).
#pragma once

#include "security/jose.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace strowger::security::jws {

struct parts { // of header.payload.signature, as they came
  std::string_view header, payload, signature, signed_text;
};
std::optional<parts> split(std::string_view text);

// Canonical base64url only: no padding, no spare bits, so that one text has one spelling.
std::optional<std::string> decode(std::string_view text);
std::string encode(std::string_view bytes);

// `signature` as bytes. False for a key of another kind.
bool verify_eddsa(EVP_PKEY* key, std::string_view signed_text, std::string_view signature);

} // namespace strowger::security::jws
