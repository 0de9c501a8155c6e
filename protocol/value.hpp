// A message body as a tree, the same for JSON and msgpack. Dialects read and write this; the
// encodings stand in json.hpp and msgpack.hpp. No floats leave this server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace strowger::protocol {

struct member;

class value {
public:
  using array = std::vector<value>;
  using object = std::vector<member>; // in order of writing; names are unique after a parse
  using variant =
      std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, array, object>;

  value() = default;
  value(std::nullptr_t) {}
  value(bool on) : data(on) {}
  template <class Int>
  requires(std::is_integral_v<Int> && !std::is_same_v<Int, bool>) value(Int number) :
      data(static_cast<std::int64_t>(number)) {}
  value(double number) : data(number) {}
  value(std::string text) : data(std::move(text)) {}
  value(std::string_view text) : data(std::string{text}) {}
  value(const char* text) : data(std::string{text}) {}
  value(array items) : data(std::move(items)) {}
  value(object members) : data(std::move(members)) {}

  bool is_null() const { return data.index() == 0; }
  const bool* as_bool() const { return std::get_if<bool>(&data); }
  const std::string* as_text() const { return std::get_if<std::string>(&data); }
  const array* as_array() const { return std::get_if<array>(&data); }
  const object* as_object() const { return std::get_if<object>(&data); }
  object* as_object() { return std::get_if<object>(&data); }
  // An integer, also one that a client wrote as 2.0. Null when it is none or out of range.
  bool as_integer(std::int64_t& out) const;

  const value* find(std::string_view name) const; // null: no object, or no such member
  // Replaces the member of that name, in its place. Makes this an object if it is none.
  value& set(std::string_view name, value what);

  variant data;
};

struct member {
  std::string name;
  value content;
};

} // namespace strowger::protocol
