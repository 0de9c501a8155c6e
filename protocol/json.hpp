// JSON (RFC 8259), strictly: valid UTF-8, no duplicate names, no trailing bytes, bounded depth.
#pragma once

#include "core/limits.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol {

// The caller has bounded the size. Errors: malformed_json, with the byte offset as detail.
outcome<value> parse_json(std::string_view text, std::size_t depth_max = limits::json_depth_max);

// Compact. Bytes that are no UTF-8 come out as U+FFFD, so that the answer is always valid JSON. A
// fraction comes out as null: nothing here sends one, but for whoever repeats what a client said.
enum class fractions { left_out, kept };
std::string write_json(const value& what, fractions how = fractions::left_out);

} // namespace strowger::protocol
