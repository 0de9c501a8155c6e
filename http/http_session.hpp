// HTTP/1.1 on one connection (RFC 9112): reads requests with deadlines and byte caps, finds the
// route, authenticates, and hands over to a handler, a WebSocket or an event stream.
#pragma once

#include "http/boost.hpp"
#include "http/lane.hpp"
#include "http/state.hpp"

namespace strowger::http {

// On the lane's thread or before it runs. `tls` may be null; it must outlive the connection.
void serve_connection(std::shared_ptr<state> shared, std::shared_ptr<lane> on, tcp::socket socket,
                      net::ssl::context* tls);

} // namespace strowger::http
