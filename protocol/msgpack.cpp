#include "protocol/msgpack.hpp"

#include "core/limits.hpp"

#include <msgpack.hpp>

#include <algorithm>

namespace strowger::protocol {
namespace {

using object = ::msgpack::object;

bool convert(const object& in, value& out);

bool convert_map(const object& in, value& out) {
  value::object members;
  members.reserve(in.via.map.size);
  for (std::uint32_t i = 0; i < in.via.map.size; ++i) {
    const auto& entry = in.via.map.ptr[i];
    if (entry.key.type != ::msgpack::type::STR) return false;
    std::string name{entry.key.via.str.ptr, entry.key.via.str.size};
    for (const auto& m : members)
      if (m.name == name) return false;
    value content;
    if (!convert(entry.val, content)) return false;
    members.push_back({std::move(name), std::move(content)});
  }
  out = value{std::move(members)};
  return true;
}

bool convert_array(const object& in, value& out) {
  value::array items(in.via.array.size);
  for (std::uint32_t i = 0; i < in.via.array.size; ++i)
    if (!convert(in.via.array.ptr[i], items[i])) return false;
  out = value{std::move(items)};
  return true;
}

bool convert(const object& in, value& out) {
  switch (in.type) {
  case ::msgpack::type::NIL:
    out = value{};
    return true;
  case ::msgpack::type::BOOLEAN:
    out = value{in.via.boolean};
    return true;
  case ::msgpack::type::POSITIVE_INTEGER:
    if (in.via.u64 > INT64_MAX) return false;
    out = value{static_cast<std::int64_t>(in.via.u64)};
    return true;
  case ::msgpack::type::NEGATIVE_INTEGER:
    out = value{in.via.i64};
    return true;
  case ::msgpack::type::FLOAT32:
  case ::msgpack::type::FLOAT64:
    out = value{in.via.f64};
    return true;
  case ::msgpack::type::STR:
    out = value{std::string{in.via.str.ptr, in.via.str.size}};
    return true;
  case ::msgpack::type::ARRAY:
    return convert_array(in, out);
  case ::msgpack::type::MAP:
    return convert_map(in, out);
  default:
    return false;
  }
}

struct text_buffer { // what msgpack::packer writes to
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};

void pack_text(::msgpack::packer<text_buffer>& to, std::string_view text) {
  to.pack_str(static_cast<std::uint32_t>(text.size()));
  to.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void pack(::msgpack::packer<text_buffer>& to, const value& v) {
  if (const auto* on = v.as_bool()) {
    *on ? to.pack_true() : to.pack_false();
  } else if (const auto* text = v.as_text()) {
    pack_text(to, *text);
  } else if (const auto* items = v.as_array()) {
    to.pack_array(static_cast<std::uint32_t>(items->size()));
    for (const auto& item : *items) pack(to, item);
  } else if (const auto* members = v.as_object()) {
    to.pack_map(static_cast<std::uint32_t>(members->size()));
    for (const auto& m : *members) {
      pack_text(to, m.name);
      pack(to, m.content);
    }
  } else if (std::int64_t number = 0; v.as_integer(number)) {
    to.pack_int64(number);
  } else {
    to.pack_nil();
  }
}

} // namespace

outcome<value> parse_msgpack(std::string_view bytes) {
  const auto refused = [](const char* why) { return failure{errc::malformed_message, why, 0}; };
  // Five bytes can announce four gigabytes: nothing may be larger than what was received.
  const auto most = bytes.size();
  const ::msgpack::unpack_limit limit{std::min<std::size_t>(most, 4096),
                                      std::min<std::size_t>(most, 1024),
                                      std::min<std::size_t>(most, limits::sdp_bytes_max),
                                      0,
                                      0,
                                      limits::json_depth_max};
  try {
    std::size_t offset = 0;
    const auto handle =
        ::msgpack::unpack(bytes.data(), bytes.size(), offset, nullptr, nullptr, limit);
    value out;
    if (offset != bytes.size()) return refused("bytes follow the message");
    if (!convert(handle.get(), out)) return refused("a type that messages do not use");
    return out;
  } catch (const ::msgpack::unpack_error&) {
    return refused("no msgpack, or beyond its limits");
  }
}

std::string write_msgpack(const value& what) {
  text_buffer out;
  ::msgpack::packer<text_buffer> to{out};
  pack(to, what);
  return std::move(out.bytes);
}

} // namespace strowger::protocol
