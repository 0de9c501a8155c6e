// The two applications that protocol tests speak to: an echo on Engine.IO, and Socket.IO's with the
// namespaces "/" and "/custom". Not part of the product's surface.
#pragma once

#include "http/eio.hpp"

namespace strowger::http {

// Every message comes back as it was.
std::shared_ptr<eio_app> make_engine_echo(const std::shared_ptr<eio_session>& session);

// Both namespaces say ["auth", what CONNECT carried], a moment after their CONNECT. In "/" the
// event "message" comes back as "message-back" and "message-with-ack" is acknowledged with its own
// arguments. Any other namespace is refused: "Invalid namespace".
std::shared_ptr<eio_app> make_socket_echo(const std::shared_ptr<eio_session>& session);

} // namespace strowger::http
