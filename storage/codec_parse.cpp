// The reading half of codec_io: one pass over the bytes into nodes that the readers then walk.
#include "storage/codec.hpp"

#include <limits>

namespace strowger::storage {

struct codec_node {
  enum class type : std::uint8_t {
    nil,
    boolean,
    positive,
    negative,
    text,
    bytes,
    array,
    map,
    other
  };
  type what = type::nil;
  std::uint32_t size = 0; // bytes, elements or pairs
  union {
    std::uint64_t number = 0;
    const char* start;   // text and bytes
    std::uint64_t first; // index of the first element; pairs are key, value, key, value
  };
};

namespace {

using type = codec_node::type;

constexpr std::size_t depth_max = 32;
constexpr std::size_t text_bytes_max = 1024 * 1024; // an SDP is at most a quarter of this
constexpr std::size_t nodes_kept = 16 * 1024;       // between two documents of a thread

[[noreturn]] void refuse(const char* why) {
  throw decode_error{std::string{"not msgpack within the limits: "} + why};
}

class parser {
public:
  parser(std::string_view bytes, codec_nodes& out) :
      at_(bytes.data()), end_(at_ + bytes.size()), out_(out) {}

  void value(std::size_t index, std::size_t depth) {
    const auto head = static_cast<unsigned char>(take(1)[0]);
    if (head < 0x80) return number(index, head);
    if (head < 0x90) return elements(index, type::map, head & 0x0f, depth);
    if (head < 0xa0) return elements(index, type::array, head & 0x0f, depth);
    if (head < 0xc0) return text(index, type::text, head & 0x1f);
    if (head >= 0xe0) return negative(index, static_cast<std::int8_t>(head));
    other(index, head, depth);
  }
  bool done() const { return at_ == end_; }

private:
  void other(std::size_t index, unsigned char head, std::size_t depth) {
    switch (head) {
    case 0xc0:
      return set(index, {});
    case 0xc2:
    case 0xc3:
      return set(index, {type::boolean, 0, {head & 1u}});
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return text(index, type::bytes, big_endian(std::size_t{1} << (head - 0xc4)));
    case 0xca:
    case 0xcb: // floats are in no event of ours; a newer writer's are skipped
      take(head == 0xca ? 4 : 8);
      return set(index, {type::other});
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return number(index, big_endian(std::size_t{1} << (head - 0xcc)));
    case 0xd0:
      return negative(index, static_cast<std::int8_t>(big_endian(1)));
    case 0xd1:
      return negative(index, static_cast<std::int16_t>(big_endian(2)));
    case 0xd2:
      return negative(index, static_cast<std::int32_t>(big_endian(4)));
    case 0xd3:
      return negative(index, static_cast<std::int64_t>(big_endian(8)));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(index, type::text, big_endian(std::size_t{1} << (head - 0xd9)));
    case 0xdc:
    case 0xdd:
      return elements(index, type::array, big_endian(head == 0xdc ? 2 : 4), depth);
    case 0xde:
    case 0xdf:
      return elements(index, type::map, big_endian(head == 0xde ? 2 : 4), depth);
    default:
      refuse("an unknown type"); // extensions are not ours
    }
  }
  void set(std::size_t index, codec_node what) { out_[index] = what; }
  void number(std::size_t index, std::uint64_t n) { set(index, {type::positive, 0, {n}}); }
  void negative(std::size_t index, std::int64_t n) { // signed on the wire; may be positive
    set(index, {n < 0 ? type::negative : type::positive, 0, {static_cast<std::uint64_t>(n)}});
  }
  void text(std::size_t index, type what, std::uint64_t size) {
    if (size > text_bytes_max) refuse("a text is too long");
    codec_node n{what, static_cast<std::uint32_t>(size), {}};
    n.start = take(size);
    set(index, n);
  }
  void elements(std::size_t index, type what, std::uint64_t size, std::size_t depth) {
    if (depth >= depth_max) refuse("too deep");
    const auto count = what == type::map ? 2 * size : size;
    // An element takes at least one byte, so a longer array or map than the input is a lie.
    if (count > static_cast<std::uint64_t>(end_ - at_)) refuse("more elements than bytes");
    const auto first = out_.size();
    out_.resize(first + count);
    set(index, {what, static_cast<std::uint32_t>(size), {first}});
    for (std::size_t i = 0; i < count; ++i) value(first + i, depth + 1);
  }
  const char* take(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) refuse("the bytes end too early");
    const auto* out = at_;
    at_ += size;
    return out;
  }
  std::uint64_t big_endian(std::size_t size) {
    const auto* in = take(size);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i) out = out << 8 | static_cast<unsigned char>(in[i]);
    return out;
  }

  const char* at_;
  const char* end_;
  codec_nodes& out_;
};

codec_nodes& nodes_of_this_thread() {
  thread_local codec_nodes nodes;
  return nodes;
}

void expect(bool good, const char* complaint) {
  if (!good) throw decode_error{complaint};
}

} // namespace

const codec_node& codec_reader::node() const { return (*nodes_)[index_]; }

bool codec_reader::is_nil() const { return node().what == type::nil; }

bool codec_reader::boolean() const {
  expect(node().what == type::boolean, "expected a boolean");
  return node().number != 0;
}

std::uint64_t codec_reader::unsigned_number() const {
  expect(node().what == type::positive, "expected an unsigned integer");
  return node().number;
}

std::int64_t codec_reader::signed_number() const {
  const auto& found = node();
  if (found.what == type::negative) return static_cast<std::int64_t>(found.number);
  expect(found.what == type::positive, "expected an integer");
  expect(found.number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
         "an integer is out of range");
  return static_cast<std::int64_t>(found.number);
}

std::string_view codec_reader::text() const {
  expect(node().what == type::text, "expected text");
  return {node().start, node().size};
}

std::string_view codec_reader::bytes() const {
  expect(node().what == type::bytes, "expected bytes");
  return {node().start, node().size};
}

std::size_t codec_reader::array_size() const {
  expect(node().what == type::array, "expected an array");
  return node().size;
}

codec_reader codec_reader::element(std::size_t index) const {
  return {*nodes_, node().first + index};
}

std::size_t codec_reader::map_size() const {
  expect(node().what == type::map, "expected a map");
  return node().size;
}

codec_reader codec_reader::key(std::size_t index) const {
  return {*nodes_, node().first + 2 * index};
}

codec_reader codec_reader::value(std::size_t index) const {
  return {*nodes_, node().first + 2 * index + 1};
}

codec_document::codec_document(std::string_view bytes) :
    nodes_(nodes_of_this_thread()), first_(nodes_.size()) {
  try {
    parser in{bytes, nodes_};
    nodes_.emplace_back();
    in.value(first_, 0);
    expect(in.done(), "bytes after the end of the value");
  } catch (...) {
    nodes_.resize(first_);
    throw;
  }
}

codec_document::~codec_document() {
  nodes_.resize(first_);
  if (first_ == 0 && nodes_.capacity() > nodes_kept) codec_nodes{}.swap(nodes_);
}

codec_reader codec_document::root() const { return {nodes_, first_}; }

} // namespace strowger::storage
