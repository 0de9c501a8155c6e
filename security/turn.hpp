// Ephemeral TURN credentials as coturn's `use-auth-secret` takes them
// (draft-uberti-behave-turn-rest).
#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>

namespace strowger::security {

struct turn_credential {
  std::string username;   // "<seconds since 1970 when it ends>:<agent>"
  std::string credential; // base64(HMAC-SHA-1(secret, username))
};

// `expires_at` in milliseconds, rounded down to seconds. Any thread.
turn_credential make_turn_credential(std::string_view secret, std::string_view agent,
                                     time_ms expires_at);

} // namespace strowger::security
