#include "storage/codec_io.hpp"

#include "storage/codec.hpp"

#include <msgpack.hpp>

#include <limits>

namespace strowger::storage {
namespace {

struct string_sink { // what msgpack::packer writes into
  std::string& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};

msgpack::packer<string_sink> packer(string_sink& sink) { return msgpack::packer{sink}; }

std::uint32_t size32(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error{"a value is too large for msgpack"};
  return static_cast<std::uint32_t>(size);
}

constexpr std::size_t depth_max = 32;
constexpr std::size_t text_bytes_max = 1024 * 1024; // an SDP is at most a quarter of this

const msgpack::object& as_object(const void* object) {
  return *static_cast<const msgpack::object*>(object);
}

const msgpack::object& expect(const void* object, msgpack::type::object_type type,
                              const char* complaint) {
  const auto& found = as_object(object);
  if (found.type != type) throw decode_error{complaint};
  return found;
}

} // namespace

void codec_writer::map(std::size_t size) {
  string_sink sink{buffer_};
  packer(sink).pack_map(size32(size));
}
void codec_writer::array(std::size_t size) {
  string_sink sink{buffer_};
  packer(sink).pack_array(size32(size));
}
void codec_writer::text(std::string_view what) {
  string_sink sink{buffer_};
  packer(sink).pack_str(size32(what.size()));
  buffer_.append(what);
}
void codec_writer::bytes(std::string_view what) {
  string_sink sink{buffer_};
  packer(sink).pack_bin(size32(what.size()));
  buffer_.append(what);
}
void codec_writer::number(std::uint64_t what) {
  string_sink sink{buffer_};
  packer(sink).pack_uint64(what);
}
void codec_writer::number(std::int64_t what) {
  string_sink sink{buffer_};
  packer(sink).pack_int64(what);
}
void codec_writer::boolean(bool what) {
  string_sink sink{buffer_};
  what ? packer(sink).pack_true() : packer(sink).pack_false();
}
void codec_writer::nil() {
  string_sink sink{buffer_};
  packer(sink).pack_nil();
}

bool codec_reader::is_nil() const { return as_object(object_).type == msgpack::type::NIL; }

bool codec_reader::boolean() const {
  return expect(object_, msgpack::type::BOOLEAN, "expected a boolean").via.boolean;
}

std::uint64_t codec_reader::unsigned_number() const {
  return expect(object_, msgpack::type::POSITIVE_INTEGER, "expected an unsigned integer").via.u64;
}

std::int64_t codec_reader::signed_number() const {
  const auto& found = as_object(object_);
  if (found.type == msgpack::type::NEGATIVE_INTEGER) return found.via.i64;
  if (found.type != msgpack::type::POSITIVE_INTEGER) throw decode_error{"expected an integer"};
  if (found.via.u64 > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw decode_error{"an integer is out of range"};
  return static_cast<std::int64_t>(found.via.u64);
}

std::string_view codec_reader::text() const {
  const auto& str = expect(object_, msgpack::type::STR, "expected text").via.str;
  return {str.ptr, str.size};
}

std::string_view codec_reader::bytes() const {
  const auto& bin = expect(object_, msgpack::type::BIN, "expected bytes").via.bin;
  return {bin.ptr, bin.size};
}

std::size_t codec_reader::array_size() const {
  return expect(object_, msgpack::type::ARRAY, "expected an array").via.array.size;
}

codec_reader codec_reader::element(std::size_t index) const {
  return codec_reader{as_object(object_).via.array.ptr + index};
}

std::size_t codec_reader::map_size() const {
  return expect(object_, msgpack::type::MAP, "expected a map").via.map.size;
}

codec_reader codec_reader::key(std::size_t index) const {
  return codec_reader{&as_object(object_).via.map.ptr[index].key};
}

codec_reader codec_reader::value(std::size_t index) const {
  return codec_reader{&as_object(object_).via.map.ptr[index].val};
}

struct codec_document::parsed {
  msgpack::object_handle handle;
};

codec_document::codec_document(std::string_view bytes) : parsed_(std::make_unique<parsed>()) {
  // An element takes at least one byte, so a longer array or map than the input is a lie.
  const msgpack::unpack_limit limit{bytes.size(), bytes.size(), text_bytes_max, text_bytes_max, 0,
                                    depth_max};
  const auto refer = [](msgpack::type::object_type, std::size_t, void*) { return true; };
  std::size_t used = 0;
  try {
    msgpack::unpack(parsed_->handle, bytes.data(), bytes.size(), used, refer, nullptr, limit);
  } catch (const msgpack::unpack_error& e) {
    throw decode_error{std::string{"not msgpack within the limits: "} + e.what()};
  }
  if (used != bytes.size()) throw decode_error{"bytes after the end of the value"};
}

codec_document::~codec_document() = default;

codec_reader codec_document::root() const { return codec_reader{&parsed_->handle.get()}; }

} // namespace strowger::storage
