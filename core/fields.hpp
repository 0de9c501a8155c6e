// Describe a struct once: `static constexpr auto fields = std::tuple{field{"name", &T::name},
// ...};` msgpack, JSON, comparison of states and printing all walk this description.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace strowger {

template <class Owner, class Member> struct field {
  std::string_view name;
  Member Owner::*member;
  consteval field(const char* text, Member Owner::*where) : name(text), member(where) {}
};

template <class T>
concept described = requires {
  T::fields;
};

// Calls visit(name, member reference) for every field, in declared order.
template <described T, class Visit> constexpr void for_each_field(T& object, Visit&& visit) {
  std::apply([&](const auto&... f) { (visit(f.name, object.*(f.member)), ...); },
             std::remove_const_t<T>::fields);
}

// Enums travel by name: specialise `enum_names<E>` with a `static constexpr std::array` of
// names in the order of the enumerators, which start at 0 and have no gaps.
template <class E> struct enum_names;

template <class E>
concept named_enum = std::is_enum_v<E> && requires {
  enum_names<E>::value.size();
};

template <named_enum E> constexpr std::string_view name_of(E e) {
  const auto index = static_cast<std::size_t>(e);
  return index < enum_names<E>::value.size() ? enum_names<E>::value[index] : std::string_view{"?"};
}

template <named_enum E> constexpr bool parse_enum(std::string_view text, E& out) {
  for (std::size_t i = 0; i < enum_names<E>::value.size(); ++i)
    if (enum_names<E>::value[i] == text) {
      out = static_cast<E>(i);
      return true;
    }
  return false;
}

} // namespace strowger
