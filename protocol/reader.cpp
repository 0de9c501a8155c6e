#include "protocol/reader.hpp"

#include "protocol/sdp.hpp"
#include "protocol/timestamp.hpp"

#include <algorithm>

namespace strowger::protocol {
namespace {

constexpr time_ms last_year_ends = 253'402'300'799'999; // 9999, the last that RFC 3339 can write

bool is_flag_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

} // namespace

reader::reader(const value& message) : message_(message) {
  if (!message.as_object()) refuse(errc::malformed_message, "a message is a map");
}

void reader::refuse(errc why, std::string detail) {
  if (ok()) fault_ = {why, std::move(detail), 0};
}

const value* reader::present(std::string_view name) const {
  const auto* found = message_.find(name);
  return found && !found->is_null() ? found : nullptr;
}

const value* reader::required(std::string_view name) {
  const auto* found = present(name);
  if (!found) refuse(errc::missing_field, std::string{name});
  return found;
}

std::string reader::checked(std::string_view name, const value& what, std::size_t bytes_max) {
  const auto* text = what.as_text();
  if (!text) return refuse(errc::wrong_type, std::string{name}), std::string{};
  if (text->size() > bytes_max || text->find('\0') != text->npos)
    return refuse(errc::value_out_of_range, std::string{name}), std::string{};
  return *text;
}

std::string reader::text(std::string_view name, std::size_t bytes_max) {
  const auto* found = required(name);
  if (!found) return {};
  auto out = checked(name, *found, bytes_max);
  if (out.empty()) refuse(errc::missing_field, std::string{name});
  return out;
}

std::optional<std::string> reader::maybe_text(std::string_view name, std::size_t bytes_max) {
  const auto* found = present(name);
  if (!found) return std::nullopt;
  return checked(name, *found, bytes_max);
}

std::int64_t reader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  return required(name) ? maybe_integer(name, min, max).value_or(min) : min;
}

std::optional<std::int64_t> reader::maybe_integer(std::string_view name, std::int64_t min,
                                                  std::int64_t max) {
  const auto* found = present(name);
  if (!found) return std::nullopt;
  std::int64_t out = 0;
  if (!found->as_integer(out)) return refuse(errc::wrong_type, std::string{name}), std::nullopt;
  if (out < min || out > max)
    return refuse(errc::value_out_of_range, std::string{name}), std::nullopt;
  return out;
}

bool reader::flag(std::string_view name) { return required(name) && maybe_flag(name); }

bool reader::maybe_flag(std::string_view name) {
  const auto* found = present(name);
  if (!found) return false;
  const auto* on = found->as_bool();
  if (!on) refuse(errc::wrong_type, std::string{name});
  return on && *on;
}

std::optional<time_ms> reader::maybe_time(std::string_view name) {
  const auto* found = present(name);
  if (!found) return std::nullopt;
  const auto* text = found->as_text();
  time_ms out = 0;
  if (!text && !found->as_integer(out)) return refuse(errc::wrong_type, std::string{name}), out;
  if ((text && !parse_rfc3339(*text, out)) || out < 0 || out > last_year_ends)
    return refuse(errc::value_out_of_range, std::string{name}), std::nullopt;
  return out;
}

std::map<std::string, bool> reader::maybe_flags(std::string_view name, std::size_t count_max) {
  std::map<std::string, bool> out;
  const auto* found = present(name);
  if (!found) return out;
  const auto* members = found->as_object();
  if (!members) return refuse(errc::wrong_type, std::string{name}), out;
  if (members->size() > count_max) refuse(errc::value_out_of_range, std::string{name});
  for (const auto& m : *members) {
    const auto* on = m.content.as_bool();
    if (!is_flag_name(m.name))
      refuse(errc::value_out_of_range, std::string{name});
    else if (!on)
      refuse(errc::wrong_type, std::string{name} + "." + m.name);
    if (!ok()) return {};
    out.emplace(m.name, *on);
  }
  return out;
}

bool reader::null(std::string_view name) const {
  const auto* found = message_.find(name);
  return found && found->is_null();
}

std::string reader::sdp(std::string_view name) {
  const auto* found = required(name);
  if (!found) return {};
  auto out = checked(name, *found, limits::sdp_bytes_max);
  if (!ok()) return {};
  if (const auto fault = sdp_fault(out); !fault.empty())
    refuse(errc::malformed_sdp, std::string{fault});
  return out;
}

notice::candidate reader::candidate(std::string_view name) {
  notice::candidate out;
  const auto* found = message_.find(name);
  if (!found) return refuse(errc::missing_field, std::string{name}), out;
  if (found->is_null() || (found->as_text() && found->as_text()->empty())) return out;
  if (!found->as_object()) return refuse(errc::wrong_type, std::string{name}), out;
  reader inner{*found};
  out.candidate = inner.maybe_text("candidate", limits::candidate_bytes_max).value_or("");
  out.mid = inner.maybe_text("sdpMid");
  out.line = inner.maybe_integer("sdpMLineIndex", 0, 65'535).value_or(0);
  if (!inner.ok()) {
    refuse(inner.fault().why, std::string{name} + "." + inner.fault().detail);
  } else if (const auto fault = candidate_fault(out.candidate); !fault.empty()) {
    refuse(errc::malformed_candidate, std::string{fault});
  }
  return out;
}

std::string reader::target(std::string_view name) {
  const auto typed = text(name);
  if (!ok()) return {};
  auto found = dial_target(typed);
  if (auto* number = std::get_if<std::string>(&found)) return std::move(*number);
  return refuse(errc::value_out_of_range, std::string{name}), std::string{};
}

void reader::only(std::initializer_list<std::string_view> names) {
  const auto* members = message_.as_object();
  if (!members) return;
  for (const auto& m : *members)
    if (std::ranges::find(names, m.name) == names.end())
      refuse(errc::unknown_field, m.name.substr(0, 64));
}

} // namespace strowger::protocol
