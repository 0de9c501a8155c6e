// Structured logs: JSON lines to a file, readable text to stderr. Any thread; never blocks on disk.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace strowger::log {

enum class level { debug, info, warning, error };

struct field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;

  field(std::string_view k, std::string_view v) : key(k), value(v) {}
  field(std::string_view k, const char* v) : key(k), value(std::string_view{v}) {}
  field(std::string_view k, const std::string& v) : key(k), value(std::string_view{v}) {}
  template <class Number>
  requires std::is_integral_v<Number> field(std::string_view k, Number v) : key(k) {
    if constexpr (std::is_same_v<Number, bool>)
      value = v;
    else
      value = static_cast<std::int64_t>(v);
  }
  // Ids of core/ids.hpp.
  template <class Id>
  requires requires(const Id& id) { std::string_view{id.value}; }
  field(std::string_view k, const Id& id) : key(k), value(std::string_view{id.value}) {}
};

struct outputs {
  std::string file;      // JSON lines are appended to it; empty: none
  bool to_stderr = true; // readable text
  bool debug = false;    // debug lines too
};

// Before `start` and after `stop` lines go nowhere. Throws std::runtime_error with a sentence when
// the file cannot be opened. `stop` writes what waits. Both from the main thread, not at once
// with other calls.
void start(const outputs& where);
void stop();
void flush(); // waits until every line so far is handed to the operating system (tests)

// The text stands in the log word for word (control characters escaped). At most queue_lines_max
// lines wait; then the oldest are dropped and counted. A field named like a secret, an SDP body
// and anything shaped like a JWT are written as [redacted]: the last net, not a licence.
inline constexpr std::size_t queue_lines_max = 8192;
void write(level how, std::string_view text, std::initializer_list<field> fields);
std::size_t dropped(); // lines lost to a full queue, or to a disk that took none, since `start`

inline void debug(std::string_view text, std::initializer_list<field> fields = {}) {
  write(level::debug, text, fields);
}
inline void info(std::string_view text, std::initializer_list<field> fields = {}) {
  write(level::info, text, fields);
}
inline void warning(std::string_view text, std::initializer_list<field> fields = {}) {
  write(level::warning, text, fields);
}
inline void error(std::string_view text, std::initializer_list<field> fields = {}) {
  write(level::error, text, fields);
}

} // namespace strowger::log
