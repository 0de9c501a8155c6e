// One TCP or TLS connection with a time limit: what the client's .cpp files share. Only they
// include this; everything else takes http_client.hpp.
#pragma once

#include "cli/http_client.hpp"
#include "http/boost.hpp"

#include <optional>

namespace strowger::cli {

namespace net = http::net;
namespace beast = http::beast;
using http::error_code;
using http::tcp;
using steady = std::chrono::steady_clock;

fault to_fault(const error_code& why);

// Runs handlers until `done`, the deadline, or nothing is left to wait for.
inline bool run_until(net::io_context& io, const bool& done, steady::time_point deadline) {
  io.restart();
  while (!done && io.run_one_until(deadline) > 0) {
  }
  return done;
}

struct line {
  using secure_stream = beast::ssl_stream<beast::tcp_stream>;

  explicit line(const http_client& from);

  bool secure;
  steady::time_point deadline;
  net::io_context io{1};
  net::ssl::context tls{net::ssl::context::tls_client};
  std::optional<fault> no_trust; // why the given certificates could not be loaded
  secure_stream stream;          // without TLS only its lower layer is used

  // TCP, and with TLS the handshake too, which fails for a certificate that is not trusted unless
  // the client takes any.
  std::optional<fault> connect(const http_client& to, peer* reached = nullptr);
  std::optional<fault> handshake(const http_client& to);
  certificate shown();

  // Starts an asynchronous operation and waits for its end; past the deadline the connection is
  // cut and the error is `timeout`.
  template <class Start> error_code wait(Start&& start) {
    bool done = false;
    error_code out;
    start([&](const error_code& ec, auto&&...) {
      done = true;
      out = ec;
    });
    if (run_until(io, done, deadline)) return out;
    beast::get_lowest_layer(stream).close();
    io.restart();
    io.run(); // the handler above refers to this frame
    return beast::error::timeout;
  }

  // Calls `use` with the stream that fits.
  template <class Use> auto with_stream(Use&& use) {
    return secure ? use(stream) : use(stream.next_layer());
  }
};

} // namespace strowger::cli
