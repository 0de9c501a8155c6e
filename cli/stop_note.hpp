// How far the log went when the server last stopped as it should, in a small file beside the log,
// so that damage to the log cannot take away what the log is compared with.
#pragma once

#include "core/ids.hpp"

#include <optional>
#include <string>

namespace strowger::cli {

// nullopt: never stopped like that. Throws std::runtime_error when the file is not one of ours.
std::optional<position> read_stop_note(const std::string& data_dir);
// The whole file or none of it, synced. Throws std::runtime_error.
void write_stop_note(const std::string& data_dir, position at);

} // namespace strowger::cli
