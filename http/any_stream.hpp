// A TCP connection with or without TLS behind one type, so that Beast is instantiated once.
#pragma once

#include "http/boost.hpp"

#include <memory>

namespace strowger::http {

class any_stream {
public:
  using executor_type = beast::tcp_stream::executor_type;
  using tls_stream = net::ssl::stream<beast::tcp_stream>;

  explicit any_stream(tcp::socket socket) :
      plain_(std::make_unique<beast::tcp_stream>(std::move(socket))) {}
  any_stream(tcp::socket socket, net::ssl::context& tls) :
      tls_(std::make_unique<tls_stream>(beast::tcp_stream{std::move(socket)}, tls)) {}

  bool is_tls() const { return tls_ != nullptr; }
  tls_stream& tls() { return *tls_; }
  beast::tcp_stream& tcp_layer() { return tls_ ? tls_->next_layer() : *plain_; }
  executor_type get_executor() { return tcp_layer().get_executor(); }

  // Ends every operation under way with beast::error::timeout after `ms`; 0: never.
  void expires_after(std::int64_t ms) {
    if (ms > 0)
      tcp_layer().expires_after(std::chrono::milliseconds{ms});
    else
      tcp_layer().expires_never();
  }
  void cut() { // pending operations end; nothing happens after this was moved from
    if (!tls_ && !plain_) return;
    error_code ignored;
    tcp_layer().socket().shutdown(tcp::socket::shutdown_both, ignored);
    tcp_layer().close();
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& to) {
          if (tls_)
            tls_->async_read_some(to, std::forward<decltype(done)>(done));
          else
            plain_->async_read_some(to, std::forward<decltype(done)>(done));
        },
        handler, buffers);
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto&& done, const Buffers& from) {
          if (tls_)
            tls_->async_write_some(from, std::forward<decltype(done)>(done));
          else
            plain_->async_write_some(from, std::forward<decltype(done)>(done));
        },
        handler, buffers);
  }

private:
  std::unique_ptr<beast::tcp_stream> plain_;
  std::unique_ptr<tls_stream> tls_;
};

// What Beast's WebSocket asks of a stream type of ours.
inline void beast_close_socket(any_stream& stream) { stream.cut(); }
inline void teardown(beast::role_type, any_stream& stream, error_code& ec) {
  stream.cut();
  ec = {};
}
template <class Handler>
void async_teardown(beast::role_type role, any_stream& stream, Handler&& handler) {
  using beast::websocket::async_teardown;
  if (stream.is_tls())
    async_teardown(role, stream.tls(), std::forward<Handler>(handler));
  else
    async_teardown(role, stream.tcp_layer().socket(), std::forward<Handler>(handler));
}

} // namespace strowger::http
