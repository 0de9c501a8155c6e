// Test only: prints anything described by `fields` as one line of text, personal values included,
// so that events and states (which have no comparison) can be compared and read in a failure.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/personal.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace strowger::support {

inline std::string show(const std::string& text) { return '"' + text + '"'; }
inline std::string show(bool on) { return on ? "true" : "false"; }
template <class T>
requires std::is_integral_v<T> std::string show(T number) { return std::to_string(number); }
template <named_enum E> std::string show(E e) { return std::string{name_of(e)}; }
template <class Tag> std::string show(const id<Tag>& id) { return id.value; }
template <described T> std::string show(const T& object);
template <class T> std::string show(const personal<T>& value);
template <class T> std::string show(const std::optional<T>& value);
template <class T> std::string show(const std::vector<T>& values);
template <class T> std::string show(const std::set<T>& values);
template <class K, class V> std::string show(const std::map<K, V>& values);
template <class... Es> std::string show(const std::variant<Es...>& event);

template <described T> std::string show(const T& object) {
  std::string text;
  for_each_field(object, [&](std::string_view name, const auto& value) {
    text += (text.empty() ? "" : ", ") + std::string{name} + ": " + show(value);
  });
  return '{' + text + '}';
}
template <class T> std::string show(const personal<T>& value) {
  return '<' + show(value.subject()) + ' ' + show(value.reveal()) + '>';
}
template <class T> std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "none";
}
template <class Values> std::string show_all(const Values& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + show(value);
  return '[' + text + ']';
}
template <class T> std::string show(const std::vector<T>& values) { return show_all(values); }
template <class T> std::string show(const std::set<T>& values) { return show_all(values); }
template <class K, class V> std::string show(const std::map<K, V>& values) {
  std::string text;
  for (const auto& [key, value] : values)
    text += (text.empty() ? "" : ", ") + show(key) + " -> " + show(value);
  return '[' + text + ']';
}
// An event: its tag and its fields.
template <class... Es> std::string show(const std::variant<Es...>& event) {
  return std::visit(
      [](const auto& e) { return std::string{std::decay_t<decltype(e)>::tag} + show(e); }, event);
}

} // namespace strowger::support
