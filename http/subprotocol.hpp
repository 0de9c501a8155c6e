// What a WebSocket agrees on at its ends: the sub-protocol and the close code (RFC 6455).
#pragma once

#include "protocol/native/native.hpp"

namespace strowger::http {

namespace native = protocol::native;

// The answer to Sec-WebSocket-Protocol: the first of ours that is offered, else `bearer`, else
// nothing. False when only unknown ones are offered.
bool choose_subprotocol(std::string_view offered, std::string& chosen, native::encoding& how);

// The close code that tells a client why the server ends its line (section 7.4).
std::uint16_t close_code(errc why);

} // namespace strowger::http
