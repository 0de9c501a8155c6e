// The option table: every setting declared once. Loading, checking, showing and the example file
// all come from it.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strowger::config {

// Which member of settings an option fills; the member's type is the option's type.
using place =
    std::variant<std::string settings::*, std::int64_t settings::*, bool settings::*,
                 std::vector<std::string> settings::*, std::vector<turn_server> settings::*>;

// Says in a few words what is wrong with one text (of a list: one element); empty: nothing.
using text_check = std::string (*)(const std::string&);

struct option {
  std::string_view key;             // path in config.yml
  place where;                      //
  std::string_view preset;          // default; lists have none
  std::string_view sentence;        // what it is for
  std::string_view env = {};        // environment variable; a '#' at the end: numbered 01, 02, ..
  std::string_view flag = {};       // command line
  std::int64_t min = 0, max = 0;    // of whole numbers, inclusive
  std::string_view unit = {};       // of whole numbers
  text_check check = nullptr;       //
  bool secret = false;              // never printed
  std::string_view dev_preset = {}; // default with --dev, where it differs
  bool restart = true;              // a change needs a restart
};

std::span<const option> options();
const option* find_option(std::string_view key);

// A value as some layer spelled it.
struct raw_value {
  std::variant<std::string, std::vector<std::string>, std::vector<turn_server>> value;
  bool in_quotes = false; // only a file can tell
  bool from_file = false; // lists are then real lists, elsewhere separated by commas
};

// Puts the value into its place; or says what is wrong and leaves the settings alone.
std::string assign(settings& s, const option& o, const raw_value& raw);

} // namespace strowger::config
