// How other machines reach this one, for what `serve` prints and certifies.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace strowger::cli {

// PUBLIC_HOST, or this machine's own addresses (IPv4, or else IPv6), or localhost. Never empty.
std::vector<std::string> reachable_hosts(const config::settings& s);

// Where media comes to, and what clients are told of it: IPv4 or IPv6, numeric.
struct media_addresses {
  std::string listen, announced;
};
media_addresses media_addresses_of(const config::settings& s);

} // namespace strowger::cli
