// For the .cpp files of this folder only: claims as the JSON inside a token.
#pragma once

#include "security/token.hpp"

#include <string>
#include <string_view>

namespace strowger::security {

std::string claims_json(const claims& who);

// Strict about types and sizes; unknown members are allowed (RFC 7519, 4). `sub`, `tenant` and
// `exp` are required, `nbf` is honoured. Gives ok, token_invalid or token_expired.
token_check read_claims(std::string_view json, time_ms now);

} // namespace strowger::security
