// Settings to what the HTTP server is told.
#pragma once

#include "config/settings.hpp"
#include "http/options.hpp"
#include "security/keys.hpp"

namespace strowger::cli {

http::options http_options_of(const config::settings& s, const security::site_keys& keys);
// The secret that signs tokens: JWT_SECRET, or with --dev the site's own key.
std::string jwt_secret_of(const config::settings& s, const security::site_keys& keys);

} // namespace strowger::cli
