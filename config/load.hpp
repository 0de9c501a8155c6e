// Settings from four layers: defaults < file < environment < flags. Pure but for the two readers
// at the end.
#pragma once

#include "config/settings.hpp"

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace strowger::config {

inline constexpr int exit_code = 78; // EX_CONFIG: what `serve` ends with on a config_error

struct input {
  bool dev = false;
  bool lan = false;
  std::string file_name;                                  // for messages; empty: no file
  std::string file_text;                                  //
  std::map<std::string, std::string> environment;         // empty values count as not set
  std::vector<std::pair<std::string, std::string>> flags; // "--port" -> "8081"
};

struct loaded {
  settings values;
  std::map<std::string, std::string, std::less<>> origins; // key -> "config.yml:3", "PORT", ...
  std::vector<std::string> problems; // sentences, each with its place; any: do not start
  std::vector<std::string> warnings; // worth a log line
};

// Everything that is wrong at once, not only the first.
loaded load(const input& in);

class config_error : public std::runtime_error {
public:
  explicit config_error(const std::vector<std::string>& problems);
};

// The settings, or a config_error that lists every problem.
const settings& valid(const loaded& l);

// The content of a config file; config_error with a sentence when it cannot be read.
std::string read_text(const std::string& path);

// The variables the option table names, from the process's environment. SSL_CERT_FILE is removed
// from it when it is ours (SSL_PRIVATE_KEY is there too): OpenSSL would take it for its trust
// store. Call once, before other threads run.
std::map<std::string, std::string> take_environment();

} // namespace strowger::config
