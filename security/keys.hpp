// The site's secret keys: one file in the data folder, made once, readable by its owner only.
#pragma once

#include "security/digest.hpp"
#include "security/random.hpp"

#include <filesystem>

namespace strowger::security {

struct site_keys {
  key jwt{};       // signs tokens when no JWT_SECRET is configured (--dev)
  key directory{}; // (tenant, user name or number) -> opaque stream id
  key ids{};       // (principal, command id) -> ids of what the command creates
  key resume{};    // device resume tokens
  key vault{};     // wraps the keys of data subjects
};

// Reads `file`, or makes it: mode 0600, fsync of file and folder before it is used. A file that
// others may read, or that lacks a key, is refused: std::runtime_error with a sentence that says
// what to do. Losing this file makes every sealed field unreadable.
site_keys load_or_create_keys(const std::filesystem::path& file, random_source& random);

} // namespace strowger::security
