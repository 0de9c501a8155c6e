// The same messages as msgpack maps: what the sub-protocol strowger.v1.msgpack carries.
#pragma once

#include "core/request.hpp"
#include "protocol/value.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol {

// Maps need text keys without duplicates; ext and bin are refused; nothing may follow the value.
// Errors: malformed_message. Limits are passed to msgpack, which has none of its own.
outcome<value> parse_msgpack(std::string_view bytes);

std::string write_msgpack(const value& what);

} // namespace strowger::protocol
