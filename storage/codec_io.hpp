// The msgpack writer and reader below the codec (specification rev. 5; no floats, no extensions).
// They keep msgpack-cxx out of headers and put a limit on everything that is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::storage {

// Appends values to one buffer; always the shortest form, so equal values give equal bytes.
// Not thread-safe. `map(n)` is followed by n keys and values, `array(n)` by n values.
class codec_writer {
public:
  void map(std::size_t size);
  void array(std::size_t size);
  void text(std::string_view what);
  void bytes(std::string_view what);
  void number(std::uint64_t what);
  void number(std::int64_t what);
  void boolean(bool what);
  void nil();

  const std::string& buffer() const { return buffer_; }
  std::string take() { return std::move(buffer_); }

private:
  std::string buffer_;
};

struct codec_node; // one parsed value; those of an array or a map stand side by side
using codec_nodes = std::vector<codec_node>;

// One value inside a codec_document, which must outlive it and the views it hands out.
// Every accessor throws decode_error when the value is of another type or out of range.
class codec_reader {
public:
  codec_reader(const codec_nodes& nodes, std::size_t index) : nodes_(&nodes), index_(index) {}

  bool is_nil() const;
  bool boolean() const;
  std::uint64_t unsigned_number() const;
  std::int64_t signed_number() const;
  std::string_view text() const;
  std::string_view bytes() const;

  std::size_t array_size() const;
  codec_reader element(std::size_t index) const;

  std::size_t map_size() const;
  codec_reader key(std::size_t index) const;
  codec_reader value(std::size_t index) const;

private:
  const codec_node& node() const;
  const codec_nodes* nodes_;
  std::size_t index_;
};

// Parses one whole value; throws decode_error on bad, truncated or trailing bytes and when a limit
// (depth 32, 1 MiB of text, more elements than bytes) is exceeded. `bytes` must outlive it. Stays
// on its thread; documents of one thread end in the opposite order of their beginnings.
class codec_document {
public:
  explicit codec_document(std::string_view bytes);
  ~codec_document();
  codec_document(const codec_document&) = delete;
  codec_document& operator=(const codec_document&) = delete;

  codec_reader root() const;

private:
  codec_nodes& nodes_; // of the thread: parsing takes nothing from the heap
  const std::size_t first_;
};

} // namespace strowger::storage
