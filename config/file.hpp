// Reads config.yml strictly: unknown and duplicate keys are problems with their line.
#pragma once

#include "config/options.hpp"

#include <string>
#include <vector>

namespace strowger::config {

inline constexpr std::size_t file_bytes_max = 256 * 1024;

struct file_value {
  const option* what = nullptr;
  raw_value raw;
  std::string where; // "config.yml:12"
};

struct file_content {
  std::vector<file_value> values;
  std::vector<std::string> problems; // each begins with "name:line: "
};

// `name` is only for messages. Never throws for bad content.
file_content read_file(const std::string& name, const std::string& text);

// The known key that is spelled most like `key`; empty when none is close.
std::string nearest_key(std::string_view key);

} // namespace strowger::config
