#include "storage/record_format.hpp"

#include "core/planted.hpp"
#include "storage/crc32c.hpp"

namespace strowger::storage {
namespace {

constexpr std::uint8_t record_version = 1;
constexpr std::uint8_t group_version = 1;
constexpr std::uint8_t plain_body = 0;
constexpr std::size_t header_bytes = 6; // group version, body form, CRC-32C

void put_record(std::string& out, const record& r) {
  out.push_back(static_cast<char>(record_version));
  put_varint(out, r.at);
  put_text(out, r.tenant.value);
  put_varint(out, r.tenant_sequence);
  put_text(out, r.kind);
  put_text(out, r.stream);
  put_varint(out, r.version);
  put_varint(out, r.previous);
  put_varint(out, r.epoch);
  put_text(out, r.tag);
  put_signed(out, r.meta.time);
  put_text(out, r.meta.principal);
  put_text(out, r.meta.command.value);
  put_text(out, r.meta.correlation);
  put_varint(out, r.meta.causation);
  put_signed(out, r.meta.wake_at);
  put_text(out, r.payload);
}

record read_record(std::string_view bytes) {
  byte_reader in{bytes};
  if (const auto found = in.byte(); found != record_version)
    throw storage_error{"a record of version " + std::to_string(found) +
                        "; this program reads version 1"};
  record r;
  r.at = in.varint();
  r.tenant = tenant_id{in.text()};
  r.tenant_sequence = in.varint();
  r.kind = in.text();
  r.stream = in.text();
  r.version = in.varint();
  r.previous = in.varint();
  r.epoch = in.varint();
  r.tag = in.text();
  r.meta.time = in.signed_number();
  r.meta.principal = in.text();
  r.meta.command = command_id{in.text()};
  r.meta.correlation = in.text();
  r.meta.causation = in.varint();
  r.meta.wake_at = in.signed_number();
  r.payload = in.text();
  if (!in.empty()) throw storage_error{"a record is longer than its fields"};
  return r;
}

[[noreturn]] void damaged(position first, const std::string& why) {
  throw storage_error{"the log is damaged in the group at position " + std::to_string(first) +
                      ": " + why};
}

} // namespace

std::string encode_record(const record& what) {
  std::string out;
  put_record(out, what);
  return out;
}

record decode_record(std::string_view bytes) { return read_record(bytes); }

void group_writer::add(const record& what) {
  scratch_.clear();
  put_record(scratch_, what);
  put_text(body_, scratch_);
  ++count_;
}

std::string group_writer::finish() const {
  std::string body;
  body.reserve(body_.size() + header_bytes + 10);
  body.append(header_bytes, '\0');
  body[0] = static_cast<char>(group_version);
  body[1] = static_cast<char>(plain_body);
  put_varint(body, count_);
  body.append(body_);
  const auto crc = crc32c(std::string_view{body}.substr(header_bytes));
  for (std::size_t i = 0; i < 4; ++i) body[2 + i] = static_cast<char>(crc >> (24 - 8 * i));
  return body;
}

group_reader::group_reader(position first, std::string_view value) :
    first_(first), next_(first), end_(first), body_({}) {
  if (value.size() < header_bytes) damaged(first, "it is cut short");
  if (value[0] != group_version || value[1] != plain_body)
    damaged(first, "its version is unknown; is the data folder from a newer program?");
  std::uint32_t stored = 0;
  for (std::size_t i = 2; i < header_bytes; ++i)
    stored = stored << 8 | static_cast<unsigned char>(value[i]);
  value.remove_prefix(header_bytes);
  if (crc32c(value) != stored && !planted(bug::checksum_not_compared))
    damaged(first, "its checksum is wrong");
  body_ = byte_reader{value};
  end_ = first + body_.varint();
}

std::string_view group_reader::next_bytes() {
  try {
    const auto out = body_.text();
    ++next_;
    return out;
  } catch (const storage_error& e) {
    damaged(first_, e.what());
  }
}

void group_reader::skip() { next_bytes(); }

record group_reader::next() {
  const auto bytes = next_bytes();
  try {
    auto out = read_record(bytes);
    if (out.at == next_ - 1) return out;
  } catch (const storage_error& e) {
    damaged(first_, e.what());
  }
  damaged(first_, "a record stands at the wrong position");
}

group_reader open_group(std::string_view key, std::string_view value) {
  if (key.size() != 8) throw storage_error{"the log is damaged: a key is not a position"};
  return {be64(key), value};
}

} // namespace strowger::storage
