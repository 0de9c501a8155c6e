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

} // namespace strowger::storage
