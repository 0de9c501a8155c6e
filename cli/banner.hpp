// What `serve` prints when it is ready: address, logins and a token to try things with.
#pragma once

#include "actors/runtime/ports.hpp"
#include "cli/accounts.hpp"
#include "config/settings.hpp"
#include "http/options.hpp"
#include "security/keys.hpp"

namespace strowger::cli {

void print_banner(const config::settings& s, const std::vector<http::endpoint>& listening,
                  const accounts_plan& accounts, const security::site_keys& keys,
                  runtime::id_source& ids);

} // namespace strowger::cli
