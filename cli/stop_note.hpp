// What the server held when it last stopped as it should: log position and digest, in a small file
// beside the log, so that damage to the log cannot take away what the log is compared with.
#pragma once

#include "core/ids.hpp"

#include <optional>
#include <string>
#include <utility>

namespace strowger::cli {

using stop_note = std::pair<position, std::string>; // the digest as runtime::digest_of gives it

// nullopt: never stopped like that. Throws std::runtime_error when the file is not one of ours.
std::optional<stop_note> read_stop_note(const std::string& data_dir);
// The whole file or none of it, synced. Throws std::runtime_error.
void write_stop_note(const std::string& data_dir, const stop_note& what);

} // namespace strowger::cli
