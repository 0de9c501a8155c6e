// Sealing: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with the nonce in front of the ciphertext.
#pragma once

#include "security/digest.hpp"
#include "security/random.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace strowger::security {

inline constexpr std::size_t seal_overhead_bytes = 24 + 16; // nonce and tag

// nonce (24 bytes, drawn from `random`) | ciphertext | tag (16). `bound_to` is authenticated but
// not stored: the place the value belongs to, so that it cannot be moved elsewhere. Any thread.
std::string seal(const key& k, std::string_view plain, std::string_view bound_to,
                 random_source& random);

// The plain value, or nothing when the key, the bytes or `bound_to` are not those of `seal`.
std::optional<std::string> open(const key& k, std::string_view sealed, std::string_view bound_to);

// A fresh 256-bit key.
key random_key(random_source& random);

} // namespace strowger::security
