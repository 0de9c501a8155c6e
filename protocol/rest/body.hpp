// What the parsers of bodies share. Only for protocol/rest.
#pragma once

#include "protocol/json.hpp"
#include "protocol/reader.hpp"

#include <algorithm>

namespace strowger::protocol::rest {

// Parses the body, lets `read` take what it needs and gives either its result or the first fault.
template <class T, class Read> outcome<T> parse(std::string_view body, const Read& read) {
  auto tree = parse_json(body);
  if (auto* why = std::get_if<failure>(&tree)) return *why;
  reader in{std::get<value>(tree)};
  if (!in.ok()) return in.fault();
  T out = read(in);
  if (!in.ok()) return in.fault();
  return out;
}

inline void check_email(reader& in, const std::string& email) {
  if (in.ok() && (email.find('@') == 0 || email.find('@') >= email.size() - 1))
    in.refuse(errc::value_out_of_range, "email");
}

} // namespace strowger::protocol::rest
