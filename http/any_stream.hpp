// A TCP connection with or without TLS behind one type, so that Beast is instantiated once.
#pragma once

#include "http/boost.hpp"

#include <cerrno>
#include <memory>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>

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

  void end_sending() {
    if (!tls_ && !plain_) return;
    error_code ignored;
    tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  // Without TLS only: the line's own readiness, so that nobody waits with a buffer in hand. The
  // other two give would_block where the line has nothing, or takes nothing; end_of_file at its
  // end.
  template <class Handler> void async_readable(Handler&& handler) {
    plain_->socket().async_wait(tcp::socket::wait_read, std::forward<Handler>(handler));
  }
  std::size_t read_now(char* to, std::size_t bytes_max, error_code& ec) {
    const auto n = ::recv(plain_->socket().native_handle(), to, bytes_max, MSG_DONTWAIT);
    ec = n > 0 ? error_code{} : n == 0 ? make_error_code(net::error::eof) : last_error();
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  std::size_t write_now(std::string_view first, std::string_view second, error_code& ec) {
    iovec parts[2]{{const_cast<char*>(first.data()), first.size()},
                   {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const auto n =
        ::sendmsg(plain_->socket().native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    ec = n >= 0 ? error_code{} : last_error();
    return n > 0 ? static_cast<std::size_t>(n) : 0;
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
  static error_code last_error() {
    if (errno == EAGAIN || errno == EINTR) return net::error::would_block;
    return {errno, boost::system::system_category()};
  }

  std::unique_ptr<beast::tcp_stream> plain_;
  std::unique_ptr<tls_stream> tls_;
};

} // namespace strowger::http
