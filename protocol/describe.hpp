// Any described struct (core/fields.hpp) as a value: ids and enums as text, instants as RFC 3339,
// empty optionals left out.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/value.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace strowger::protocol {

inline value to_value(bool on) { return value{on}; }
template <class Int>
requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) value to_value(Int number) {
  return value{number};
}
inline value to_value(const std::string& text) { return value{text}; }
inline value to_value(instant when) { return value{rfc3339(when.at)}; }
template <class Tag> value to_value(const id<Tag>& what) { return value{what.value}; }
template <named_enum E> value to_value(E e) { return value{name_of(e)}; }
template <described T> value to_value(const T& object);
template <class T> value to_value(const std::vector<T>& items);
template <class T> value to_value(const std::set<T>& items);
template <class T> value to_value(const std::map<std::string, T>& entries);

namespace detail {
template <class T> void add(value& out, std::string_view name, const T& member) {
  out.set(name, to_value(member));
}
template <class T> void add(value& out, std::string_view name, const std::optional<T>& member) {
  if (member) out.set(name, to_value(*member));
}
} // namespace detail

template <described T> value to_value(const T& object) {
  value out{value::object{}};
  for_each_field(object, [&](std::string_view name, const auto& m) { detail::add(out, name, m); });
  return out;
}
template <class T> value to_value(const std::vector<T>& items) {
  value::array out;
  out.reserve(items.size());
  for (const auto& item : items) out.push_back(to_value(item));
  return value{std::move(out)};
}
template <class T> value to_value(const std::set<T>& items) {
  value::array out;
  for (const auto& item : items) out.push_back(to_value(item));
  return value{std::move(out)};
}
template <class T> value to_value(const std::map<std::string, T>& entries) {
  value out{value::object{}};
  for (const auto& [name, entry] : entries) out.set(name, to_value(entry));
  return out;
}

} // namespace strowger::protocol
