// Test only: equality of what is described by `fields` and has no comparison of its own.
#pragma once

#include "core/fields.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace strowger::support {

template <class T> bool same(const T& a, const T& b);

template <class T> bool same_value(const T& a, const T& b) {
  if constexpr (requires { a == b; })
    return a == b;
  else
    return same(a, b);
}
template <class T> bool same_value(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_value(a[i], b[i])) return false;
  return true;
}
template <class T> bool same_value(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same_value(*a, *b));
}

template <class T> bool same(const T& a, const T& b) {
  return std::apply(
      [&](const auto&... f) { return (same_value(a.*(f.member), b.*(f.member)) && ...); },
      T::fields);
}
template <class... Ts> bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&](const auto& x) { return same(x, std::get<std::decay_t<decltype(x)>>(b)); },
                    a);
}

} // namespace strowger::support
