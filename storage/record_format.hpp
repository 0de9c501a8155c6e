// Records and groups as bytes: the format that storage/FORMAT.md promises. Pure; any thread.
#pragma once

#include "storage/bytes.hpp"
#include "storage/event_store.hpp"

namespace strowger::storage {

std::string encode_record(const record& what);
// Throws storage_error when the bytes are no whole record of a known version.
record decode_record(std::string_view bytes);

// Collects the records of one group commit.
class group_writer {
public:
  void add(const record& what);
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return body_.size(); }
  std::string finish() const; // the value of the log, stored under the first record's position

private:
  std::string body_, scratch_;
  std::uint64_t count_ = 0;
};

// Walks a stored group. The constructor checks version and checksum and throws storage_error, as
// next() does for a damaged record; both name the position. `value` must outlive the reader.
class group_reader {
public:
  group_reader(position first, std::string_view value);
  position at() const { return next_; } // of the record that comes next
  bool empty() const { return next_ == end_; }
  void skip();
  record next();
  position last() const { return end_ - 1; }

private:
  std::string_view next_bytes();
  position first_, next_, end_;
  byte_reader body_;
};

// A group as it stands in the log, by its key. Throws storage_error.
group_reader open_group(std::string_view key, std::string_view value);

} // namespace strowger::storage
