#include "cli/http_client_line.hpp"
#include "core/limits.hpp"

namespace strowger::cli {
namespace {

namespace websocket = http::websocket;
constexpr std::chrono::milliseconds goodbye{1000};

} // namespace

struct web_socket::impl {
  virtual ~impl() = default;
  virtual result<std::monostate> send(const std::string& text) = 0;
  virtual result<std::string> receive(steady::time_point until) = 0;
  virtual void close() = 0;
  std::string subprotocol;
};

namespace {

template <class Stream> struct socket_on : web_socket::impl {
  socket_on(const http_client& from, std::unique_ptr<line> on, Stream&& lower) :
      limit(from.within()), l(std::move(on)), ws(std::move(lower)) {
    ws.read_message_max(limits::frame_bytes_max);
  }
  ~socket_on() override { close(); }

  std::optional<fault> upgrade(const http_client& to, std::string_view target,
                               std::string_view token) {
    ws.set_option(websocket::stream_base::decorator([token](websocket::request_type& out) {
      out.set(http::bhttp::field::user_agent, "strowger-doctor/" STROWGER_VERSION);
      out.set(http::bhttp::field::sec_websocket_protocol,
              token.empty() ? std::string{"strowger.v1.json"}
                            : "strowger.v1.json, bearer, " + std::string{token});
    }));
    websocket::response_type reply;
    const auto error = bounded(steady::now() + limit, [&](auto done) {
      ws.async_handshake(reply, to.where().authority(), to.where().prefix + std::string{target},
                         done);
    });
    if (error == websocket::error::upgrade_declined) {
      return fault{trouble::no_upgrade, reply.body(), reply.result_int()};
    }
    if (error.category() == error_code{websocket::error::bad_http_version}.category())
      return fault{trouble::no_upgrade, error.message(), reply.result_int()};
    if (error) return to_fault(error);
    const auto chosen = reply[http::bhttp::field::sec_websocket_protocol];
    subprotocol.assign(chosen.data(), chosen.size());
    return {};
  }

  result<std::monostate> send(const std::string& text) override {
    const auto error =
        bounded(steady::now() + limit, [&](auto done) { ws.async_write(net::buffer(text), done); });
    if (error) return to_fault(error);
    return std::monostate{};
  }

  // A read that saw nothing in time stays where it is; the next call goes on waiting for it.
  result<std::string> receive(steady::time_point until) override {
    if (!reading) {
      reading = true;
      read_done = false;
      ws.async_read(buffer, [this](error_code error, std::size_t) {
        read_done = true;
        read_error = error;
      });
    }
    if (!run_until(l->io, read_done, until)) return fault{trouble::timed_out, "no message", 0};
    reading = false;
    if (read_error == websocket::error::closed)
      return fault{trouble::closed, std::string{ws.reason().reason.c_str()}, ws.reason().code};
    if (read_error) return to_fault(read_error);
    auto text = beast::buffers_to_string(buffer.data());
    buffer.consume(buffer.size());
    return text;
  }

  void close() override {
    if (!ws.is_open()) return;
    bounded(steady::now() + goodbye,
            [&](auto done) { ws.async_close(websocket::close_code::normal, done); });
  }

  template <class Start> error_code bounded(steady::time_point until, Start&& start) {
    bool done = false;
    error_code out;
    start([&](const error_code& error, auto&&...) {
      done = true;
      out = error;
    });
    if (run_until(l->io, done, until)) return out;
    beast::get_lowest_layer(ws).close();
    l->io.restart();
    l->io.run();
    return beast::error::timeout;
  }

  std::chrono::milliseconds limit;
  std::unique_ptr<line> l; // owns the io_context: declared before what lives on it
  websocket::stream<Stream> ws;
  beast::flat_buffer buffer;
  bool reading = false, read_done = false;
  error_code read_error;
};

template <class Stream>
result<std::unique_ptr<web_socket::impl>> upgraded(const http_client& to, std::unique_ptr<line> on,
                                                   Stream&& lower, std::string_view target,
                                                   std::string_view token) {
  auto made = std::make_unique<socket_on<Stream>>(to, std::move(on), std::move(lower));
  if (auto why = made->upgrade(to, target, token)) return *why;
  return std::unique_ptr<web_socket::impl>{std::move(made)};
}

} // namespace

web_socket::web_socket(std::unique_ptr<impl> what) : impl_(std::move(what)) {}
web_socket::web_socket(web_socket&&) noexcept = default;
web_socket& web_socket::operator=(web_socket&&) noexcept = default;
web_socket::~web_socket() = default;

result<web_socket> web_socket::open(const http_client& to, std::string_view target,
                                    std::string_view token) {
  auto l = std::make_unique<line>(to);
  if (auto why = l->connect(to)) return *why;
  auto& on = *l;
  auto made = on.secure
                  ? upgraded(to, std::move(l), std::move(on.stream), target, token)
                  : upgraded(to, std::move(l), std::move(on.stream.next_layer()), target, token);
  if (auto* why = std::get_if<fault>(&made)) return *why;
  return web_socket{std::move(std::get<std::unique_ptr<impl>>(made))};
}

const std::string& web_socket::subprotocol() const { return impl_->subprotocol; }
result<std::monostate> web_socket::send(const std::string& text) { return impl_->send(text); }
result<std::string> web_socket::receive(steady::time_point until) { return impl_->receive(until); }
void web_socket::close() { impl_->close(); }

} // namespace strowger::cli
