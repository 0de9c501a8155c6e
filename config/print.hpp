// What `strowger config check|show|default` print.
#pragma once

#include "config/load.hpp"

#include <string>

namespace strowger::config {

// One line per problem and warning, or "The configuration is good.".
std::string check_text(const loaded& l);

// One line per setting: key, value and where it comes from. Secrets show only whether they are set.
std::string show_text(const loaded& l);

// The example config.yml: every option with its default, its sentence, bounds and names.
std::string example_file();

// The lines of env.example: every environment variable with its sentence.
std::string example_environment();

} // namespace strowger::config
