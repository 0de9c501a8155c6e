// The dialect between a slave and its master: what core/link.hpp says, one JSON text message each,
// {"type": "<name>", ...fields}.
#pragma once

#include "core/link.hpp"
#include "core/request.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::protocol::link {

namespace words = strowger::link;

inline constexpr std::string_view subprotocol = "strowger.link.v1";
// A license with every feature that there may be, in letters that JSON must escape.
inline constexpr std::size_t statement_bytes_max = 192 * 1024;
// Of one `alive`: so many fit into a frame. It is for those who watch, nothing hangs on it.
inline constexpr std::size_t heartbeats_max = 1024;

// The frame's size was checked. Never throws; errors: malformed_json, malformed_message,
// unknown_message, missing_field, wrong_type, value_out_of_range. Unknown members are ignored, so
// that a newer peer can talk; the other members are all needed but hello's `title`, which may also
// be empty, like the `extension` of a change.
outcome<words::to_master> parse_to_master(std::string_view frame);
outcome<words::to_slave> parse_to_slave(std::string_view frame);

// An `alive` of more than heartbeats_max is cut off there.
std::string render(const words::to_master& what);
std::string render(const words::to_slave& what);

std::vector<std::string_view> names_to_master(); // in the order of core/link.hpp
std::vector<std::string_view> names_to_slave();

} // namespace strowger::protocol::link
