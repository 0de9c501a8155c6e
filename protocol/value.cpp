#include "protocol/value.hpp"

#include <cmath>

namespace strowger::protocol {

bool value::as_integer(std::int64_t& out) const {
  if (const auto* number = std::get_if<std::int64_t>(&data)) {
    out = *number;
    return true;
  }
  const auto* real = std::get_if<double>(&data);
  constexpr double exact = 9007199254740992.0; // 2^53: beyond it a double is no longer exact
  if (!real || !(std::abs(*real) <= exact) || std::trunc(*real) != *real) return false;
  out = static_cast<std::int64_t>(*real);
  return true;
}

const value* value::find(std::string_view name) const {
  const auto* members = as_object();
  if (!members) return nullptr;
  for (const auto& m : *members)
    if (m.name == name) return &m.content;
  return nullptr;
}

value& value::set(std::string_view name, value what) {
  if (!as_object()) data = object{};
  for (auto& m : *as_object())
    if (m.name == name) {
      m.content = std::move(what);
      return *this;
    }
  as_object()->push_back({std::string{name}, std::move(what)});
  return *this;
}

} // namespace strowger::protocol
