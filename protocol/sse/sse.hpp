// Server-sent events (WHATWG HTML, "server-sent events") for REST sessions: the same pushes as /ws.
#pragma once

#include "core/notice.hpp"
#include "core/request.hpp"
#include "protocol/value.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol::sse {

// id: <position>, event: <name>, data: <payload as JSON>. Position 0 sends no id line.
std::string render(std::string_view name, const value& data, client_position at);
std::string render_push(const notice::any& what, client_position at);

inline constexpr std::string_view keep_alive = ": ping\n\n"; // a comment; browsers ignore it

// Last-Event-ID, or ?position=. False when it is no position.
bool parse_position(std::string_view text, client_position& out);

} // namespace strowger::protocol::sse
