// Keyed digests: opaque ids that only the holder of the key can derive or check.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace strowger::security {

using key = std::array<std::uint8_t, 32>;

// BLAKE2b-128 under `k` over the parts, each preceded by its length so that ("ab","c") and
// ("a","bc") differ. 26 characters of lower-case base32. Any thread.
std::string keyed_digest(const key& k, std::initializer_list<std::string_view> parts);

// HMAC-SHA-256 (RFC 2104) over the parts, framed in the same way; 52 characters of base32.
std::string keyed_mac(const key& k, std::initializer_list<std::string_view> parts);

// Equality whose time depends only on the lengths: for tokens and digests that came from outside.
bool equal_in_constant_time(std::string_view a, std::string_view b);

} // namespace strowger::security
