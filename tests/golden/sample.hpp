// Test only: a sample of any described struct. Every value follows from the name and type of its
// field alone, so that a field added later changes nothing in the others.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/personal.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace strowger::golden {

// FNV-1a, cut to five digits: easy to find again in a hex dump.
constexpr std::uint32_t number_of(std::string_view name) {
  std::uint32_t hash = 2'166'136'261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
  return hash % 100'000u;
}

template <class T> void fill(personal<T>& out, std::string_view name);
template <class T> void fill(std::vector<T>& out, std::string_view name);
template <class T> void fill(std::set<T>& out, std::string_view name);

inline void fill(std::string& out, std::string_view name) { out = name; }
inline void fill(bool& out, std::string_view) { out = true; }
template <class T>
requires std::is_integral_v<T>
void fill(T& out, std::string_view name) { out = static_cast<T>(number_of(name)); }
template <named_enum E> void fill(E& out, std::string_view) { out = static_cast<E>(1); }
template <class Tag> void fill(id<Tag>& out, std::string_view name) { out.value = name; }
template <described T> void fill(T& out, std::string_view) {
  for_each_field(out, [](std::string_view name, auto& member) { fill(member, name); });
}
template <class T> void fill(personal<T>& out, std::string_view name) {
  T value{};
  fill(value, name);
  out = {subject_id{"owner of " + std::string{name}}, std::move(value)};
}
template <class T> void fill(std::vector<T>& out, std::string_view name) {
  for (const char* which : {"first ", "second "})
    fill(out.emplace_back(), which + std::string{name});
}

template <class T> void fill(std::set<T>& out, std::string_view name) {
  for (const char* which : {"first ", "second "}) {
    T value{};
    fill(value, which + std::string{name});
    out.insert(std::move(value));
  }
}

template <described T> T sample() {
  T what{};
  fill(what, "");
  return what;
}

} // namespace strowger::golden
