// Reads the members of one message; the first fault wins and is kept for the answer.
#pragma once

#include "core/limits.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::protocol {

class reader {
public:
  explicit reader(const value& message); // malformed_message when it is no map

  // Faults: missing_field, wrong_type, value_out_of_range; the detail is the member's name.
  // Null counts as absent for the optional ones and as missing for the others.
  std::string text(std::string_view name, std::size_t bytes_max = limits::text_bytes_max);
  std::optional<std::string> maybe_text(std::string_view name,
                                        std::size_t bytes_max = limits::text_bytes_max);
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> maybe_integer(std::string_view name, std::int64_t min,
                                            std::int64_t max);
  bool flag(std::string_view name);
  bool maybe_flag(std::string_view name); // absent: false
  // RFC 3339 or milliseconds since 1970; neither of them, or before 1970: value_out_of_range.
  std::optional<time_ms> maybe_time(std::string_view name);
  // {"name": true, ...}; absent: empty. Names are [a-z0-9_.-], at most 64 bytes.
  std::map<std::string, bool> maybe_flags(std::string_view name, std::size_t count_max);
  bool null(std::string_view name) const; // there, and null
  std::string sdp(std::string_view name); // malformed_sdp
  // null, "", {} and an empty text end the candidates; malformed_candidate.
  notice::candidate candidate(std::string_view name);
  std::string target(std::string_view name);
  void only(std::initializer_list<std::string_view> names); // unknown_field for any other

  void refuse(errc why, std::string detail);
  bool ok() const { return fault_.why == errc::ok; }
  const failure& fault() const { return fault_; }

private:
  const value* present(std::string_view name) const; // null: absent or null
  const value* required(std::string_view name);
  std::string checked(std::string_view name, const value& what, std::size_t bytes_max);

  const value& message_;
  failure fault_;
};

} // namespace strowger::protocol
