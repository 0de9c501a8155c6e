// Which secrets a server refuses: weak ones, and samples that stand in documents.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace strowger::config {

inline constexpr std::size_t jwt_secret_bytes_min = 32; // as many as SHA-256 gives (RFC 7518, 3.2)
inline constexpr std::size_t turn_secret_bytes_min = 16;
inline constexpr std::size_t admin_password_bytes_min = 12;

// One sentence per secret that must not be used, naming its key. Empty with --dev; with --lan what
// signs in over the network must be good, too.
std::vector<std::string> refused_secrets(const settings& s);

} // namespace strowger::config
