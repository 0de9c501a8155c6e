#include "http/http_session.hpp"

#include "http/any_stream.hpp"
#include "http/convert.hpp"
#include "http/eio_door.hpp"
#include "http/handoff.hpp"
#include "http/origin.hpp"
#include "http/routes.hpp"
#include "http/url.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

#include <netinet/tcp.h>
#include <optional>

namespace strowger::http {
namespace {

using string_parser = bhttp::request_parser<bhttp::string_body>;
constexpr std::size_t overhead_bytes_max = 16 * 1024; // chunk framing and trailers
constexpr std::size_t pipelined_bytes_max = 64 * 1024;
constexpr std::size_t lingering_bytes_max = 4 * 1024 * 1024;
constexpr duration_ms peer_look_ms = 250;
constexpr std::uint64_t file_bytes_per_ms_min = 64; // who takes less of a recording is cut off

class http_session final : public connection, public std::enable_shared_from_this<http_session> {
public:
  http_session(std::shared_ptr<state> shared, std::shared_ptr<lane> on, any_stream stream) :
      shared_(std::move(shared)), lane_(std::move(on)), stream_(std::move(stream)),
      buffer_(limits::header_bytes_max + pipelined_bytes_max) {}
  ~http_session() override { shared_->connections.remove(this); }

  void start();
  void drain() override;
  void cut() override;

private:
  void read_next();
  void read_header();
  void on_header(error_code ec);
  void read_body();
  void dispatch();
  void run_route(const exchange_ptr& x);
  void hand_over(const exchange_ptr& x);
  void run_engine(const exchange_ptr& x);
  void watch(const exchange_ptr& x);
  bool peer_is_gone();
  exchange::responder responder();
  void respond(http_response response);
  void linger(std::size_t bytes_left);
  void refuse_and_close(const failure& why);
  // `more_ms`: beyond the usual deadline.
  template <class Response> void write(std::shared_ptr<Response> response, duration_ms more_ms = 0);
  void add_common_fields(bhttp::fields& out, const http_response& response);

  const std::shared_ptr<state> shared_;
  const std::shared_ptr<lane> lane_;
  any_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<string_parser> parser_;
  http_request request_;
  route_match route_;
  std::optional<eio_post> post_; // to Engine.IO
  std::size_t message_bytes_ = 0, message_bytes_max_ = 0;
  std::int64_t began_us_ = 0;
  bool keep_alive_ = false, idle_ = false, first_ = true, closing_ = false;
  bool engine_ = false, watching_ = false;
};

std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

void http_session::start() {
  shared_->connections.add(this, weak_from_this());
  if (!stream_.is_tls()) return read_next();
  stream_.expires_after(shared_->opt.header_deadline_ms);
  stream_.tls().async_handshake(net::ssl::stream_base::server,
                                [self = shared_from_this()](error_code ec) {
                                  if (!ec) self->read_next();
                                });
}

void http_session::drain() {
  lane_->post([self = shared_from_this()] {
    self->closing_ = true;
    if (self->idle_) self->stream_.cut();
  });
}

void http_session::cut() {
  lane_->post([self = shared_from_this()] { self->stream_.cut(); });
}

// Waits for the first byte with the keep-alive patience; the header deadline starts with it.
void http_session::read_next() {
  if (closing_ || (shared_->draining && !first_)) return stream_.cut();
  parser_.emplace();
  parser_->header_limit(limits::header_bytes_max);
  parser_->body_limit(boost::none); // the route decides, once it is known
  message_bytes_ = 0;
  if (buffer_.size() > 0) return read_header();
  stream_.expires_after(first_ ? shared_->opt.header_deadline_ms : shared_->opt.idle_http_ms);
  idle_ = true;
  stream_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this()](error_code ec, std::size_t n) {
                            self->idle_ = false;
                            if (ec) return self->stream_.cut();
                            self->buffer_.commit(n);
                            self->read_header();
                          });
}

void http_session::read_header() {
  first_ = false;
  began_us_ = steady_us();
  stream_.expires_after(shared_->opt.header_deadline_ms);
  bhttp::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_header(ec); });
}

void http_session::on_header(error_code ec) {
  if (ec == bhttp::error::header_limit || ec == bhttp::error::buffer_overflow)
    return refuse_and_close({errc::header_too_large, {}, 0});
  if (ec == bhttp::error::end_of_stream || ec == beast::error::timeout) return stream_.cut();
  if (ec && ec.category() == make_error_code(bhttp::error::bad_method).category())
    return refuse_and_close({errc::malformed_message, "HTTP", 0});
  if (ec) return stream_.cut();
  keep_alive_ = parser_->get().keep_alive();
  // One Host, or whoever stands in front and this server might see two (RFC 9112, section 3.2).
  const auto hosts = parser_->get().count(bhttp::field::host);
  if (hosts > 1 || (hosts == 0 && parser_->get().version() >= 11))
    return refuse_and_close({errc::malformed_message, "Host", 0});
  if (!to_request(parser_->get(), stream_, request_))
    return refuse_and_close({errc::malformed_message, "target", 0});
  route_ = match(request_.verb, request_.path);
  engine_ = is_engine_path(shared_->opt, request_.path);
  if (engine_) route_.allowed = engine_methods;
  if (engine_ && request_.verb == method::post) post_.emplace(*shared_, request_);
  const auto body_max = engine_        ? shared_->opt.engine.payload_bytes_max
                        : route_.found ? route_.found->body_bytes_max
                                       : limits::body_bytes_max;
  if (const auto length = parser_->content_length(); length && *length > body_max)
    return refuse_and_close({errc::body_too_large, {}, 0});
  parser_->body_limit(body_max);
  message_bytes_max_ = body_max + overhead_bytes_max;
  stream_.expires_after(shared_->opt.body_deadline_ms);
  if (lower_case(request_.header("expect")) != "100-continue" || parser_->is_done())
    return read_body();
  auto go_on = std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n");
  net::async_write(stream_, net::buffer(*go_on),
                   [self = shared_from_this(), go_on](error_code failed, std::size_t) {
                     if (!failed) self->read_body();
                   });
}

// By hand instead of async_read: the byte cap must also cover chunk headers and trailers.
void http_session::read_body() {
  if (parser_->is_done()) return dispatch();
  bhttp::async_read_some(
      stream_, buffer_, *parser_, [self = shared_from_this()](error_code ec, std::size_t n) {
        self->message_bytes_ += n;
        if (ec == bhttp::error::body_limit || ec == bhttp::error::header_limit ||
            ec == bhttp::error::buffer_overflow || self->message_bytes_ > self->message_bytes_max_)
          return self->refuse_and_close({errc::body_too_large, {}, 0});
        if (ec == beast::error::timeout || ec == bhttp::error::partial_message ||
            ec == bhttp::error::end_of_stream)
          return self->stream_.cut();
        if (ec) return self->refuse_and_close({errc::malformed_message, "HTTP", 0});
        self->read_body();
      });
}

exchange::responder http_session::responder() {
  return
      [self = shared_from_this()](http_response response) { self->respond(std::move(response)); };
}

void http_session::dispatch() {
  stream_.expires_after(0); // nothing is read or written until the gateway has answered
  auto x = std::make_shared<exchange>(shared_, lane_, request_, responder());
  x->request.body = std::move(parser_->get().body());
  if (request_.verb == method::options && !route_.allowed.empty()) {
    http_response out;
    out.status = 204;
    out.content_type.clear();
    out.fields.emplace_back("Allow", route_.allowed);
    return x->send(std::move(out));
  }
  if (engine_) return run_engine(x);
  if (!route_.found) {
    const bool other = !route_.allowed.empty();
    auto out = problem_response({other ? errc::method_not_allowed : errc::not_found, {}, 0},
                                request_.path);
    if (other) out.fields.emplace_back("Allow", route_.allowed);
    return x->send(std::move(out));
  }
  x->parameters = route_.parameters;
  run_route(x);
}

void http_session::run_route(const exchange_ptr& x) {
  const auto& route = *route_.found;
  const bool too_early = !shared_->recovered() && route.rule != access::open;
  if (too_early || (route.needs_hub && !shared_->serving()))
    return x->refuse({errc::hub_not_available, {}, 1000});
  if (const auto type = x->request.header("content-type");
      !x->request.body.empty() && !type.empty() &&
      !lower_case(type).starts_with(route.takes))
    return x->refuse({errc::unsupported_media_type, {}, 0});
  if (x->request.header("idempotency-key").size() > 128)
    return x->refuse({errc::value_out_of_range, "Idempotency-Key", 0});
  auto who =
      authenticate(x->request, route.rule, route.kind != shape::answer, identity_of(*shared_));
  if (x->refused(who)) return;
  if (route.webrtc && !shared_->opt.webrtc_enabled)
    return x->refuse({errc::feature_disabled, {}, 0});
  x->who = std::move(std::get<principal>(who));
  if (route.kind == shape::answer) return route.handle(x);
  hand_over(x);
}

void http_session::run_engine(const exchange_ptr& x) {
  if (answer_engine(x, lane_, post_ && post_->overlaps())) {
    if (x->gone) watch(x);
    return;
  }
  start_engine({shared_, lane_, std::move(x->request), {}, {}}, std::move(stream_));
}

// Nothing is read while somebody waits for news, which may be long: whether he has left shows in
// the state of the line. What he may have sent meanwhile stays where it is.
void http_session::watch(const exchange_ptr& x) {
  watching_ = true;
  stream_.tcp_layer().socket().async_wait(
      tcp::socket::wait_read, [self = shared_from_this(), weak = std::weak_ptr{x}](error_code ec) {
        const auto alive = weak.lock();
        if (!self->watching_ || !alive || !alive->gone) return;
        if (ec || self->peer_is_gone()) {
          self->watching_ = false;
          return alive->gone();
        }
        self->lane_->post_after(peer_look_ms, [self, weak] {
          if (const auto waits = weak.lock(); waits && self->watching_) self->watch(waits);
        });
      });
}

bool http_session::peer_is_gone() {
  tcp_info info{};
  socklen_t size = sizeof info;
  const auto line = stream_.tcp_layer().socket().native_handle();
  if (::getsockopt(line, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return true;
  return info.tcpi_state != TCP_ESTABLISHED;
}

void http_session::hand_over(const exchange_ptr& x) {
  handoff to{shared_, lane_, std::move(x->request), std::move(x->who), {}};
  if (route_.found->kind == shape::events) {
    to.parameter = x->parameter("id");
    return start_events(std::move(to), std::move(stream_));
  }
  if (!to.request.upgrade) {
    x->request = std::move(to.request);
    return x->refuse({errc::malformed_message, "this address speaks WebSocket only", 0});
  }
  // Before anything is written for this device; RFC 6455, section 4.2.1.
  if (to.request.header("sec-websocket-version") != "13" ||
      to.request.header("sec-websocket-key").empty()) {
    x->request = std::move(to.request);
    return x->refuse({errc::malformed_message, "WebSocket version 13 and a key are needed", 0});
  }
  if (route_.found->kind == shape::link) return start_link(std::move(to), std::move(stream_));
  start_websocket(std::move(to), std::move(stream_));
}

void http_session::add_common_fields(bhttp::fields& out, const http_response& response) {
  headers cors;
  const bool preflight = request_.verb == method::options;
  add_cors(cors, request_, shared_->opt, preflight ? route_.allowed : std::string_view{});
  for (const auto* list : {&response.fields, static_cast<const headers*>(&cors)})
    for (const auto& [name, text] : *list) out.insert(name, text);
  out.set("X-Content-Type-Options", "nosniff");
  if (out.find(bhttp::field::cache_control) == out.end())
    out.set(bhttp::field::cache_control, "no-store");
  if (!response.content_type.empty()) out.set(bhttp::field::content_type, response.content_type);
}

// What it names as its body, opened; or it becomes another answer.
std::optional<bhttp::file_body::value_type> opened(http_response& response,
                                                   std::string_view path) {
  if (response.file.empty()) return std::nullopt;
  bhttp::file_body::value_type out;
  error_code failed;
  out.open(response.file.c_str(), beast::file_mode::scan, failed);
  if (!failed) return out;
  response = problem_response({errc::not_found, {}, 0}, path);
  return std::nullopt;
}

void http_session::respond(http_response response) {
  auto file = opened(response, request_.path);
  if (std::exchange(watching_, false)) {
    error_code ignored;
    stream_.tcp_layer().socket().cancel(ignored);
  }
  post_.reset(); // before the client can see the answer
  const auto elapsed_us = steady_us() - began_us_;
  static constexpr std::string_view classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  const auto status_class = static_cast<std::size_t>(response.status / 100 - 1);
  metrics::add(metrics::counter::http_requests, classes[status_class < 5 ? status_class : 4]);
  metrics::observe(metrics::histogram::http_seconds, static_cast<double>(elapsed_us) / 1e6);
  log::debug("HTTP request", {{"method", name_of(request_.verb)},
                              {"path", loggable(request_.path)},
                              {"status", response.status},
                              {"us", elapsed_us},
                              {"peer", request_.peer}});
  keep_alive_ = keep_alive_ && !closing_ && !shared_->draining;
  const auto status = static_cast<bhttp::status>(response.status);
  const bool bodiless =
      request_.verb == method::head || response.status == 204 || response.status == 304;
  const auto size = file ? file->size() : response.body.size();
  if (bodiless) {
    auto out = std::make_shared<bhttp::response<bhttp::empty_body>>(status, 11);
    add_common_fields(*out, response);
    if (request_.verb == method::head && response.status != 304) out->content_length(size);
    return write(std::move(out));
  }
  if (file) {
    auto out = std::make_shared<bhttp::response<bhttp::file_body>>(status, 11);
    add_common_fields(*out, response);
    out->body() = std::move(*file);
    out->content_length(size);
    return write(std::move(out), static_cast<duration_ms>(size / file_bytes_per_ms_min));
  }
  auto out = std::make_shared<bhttp::response<bhttp::string_body>>(status, 11);
  add_common_fields(*out, response);
  out->body() = std::move(response.body);
  out->content_length(size);
  write(std::move(out));
}

template <class Response>
void http_session::write(std::shared_ptr<Response> response, duration_ms more_ms) {
  response->keep_alive(keep_alive_);
  stream_.expires_after(shared_->opt.write_deadline_ms + more_ms);
  bhttp::async_write(
      stream_, *response, [self = shared_from_this(), response](error_code ec, std::size_t) {
        if (ec) return self->stream_.cut();
        if (self->keep_alive_) return self->read_next();
        error_code ignored;
        self->stream_.tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
        self->buffer_.clear();
        self->stream_.expires_after(self->shared_->opt.close_deadline_ms);
        self->linger(lingering_bytes_max);
      });
}

// Reads what the peer still sends: closing over unread bytes makes TCP take the answer back.
void http_session::linger(std::size_t bytes_left) {
  stream_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this(), bytes_left](error_code ec, std::size_t n) {
                            if (ec || n >= bytes_left) return self->stream_.cut();
                            self->linger(bytes_left - n);
                          });
}

void http_session::refuse_and_close(const failure& why) {
  keep_alive_ = false;
  respond(problem_response(why, request_.path.empty() ? "/" : request_.path));
}

} // namespace

static_assert(limits::ping_interval_ms + limits::unacknowledged_ms < limits::silence_ms,
              "a peer that vanished is noticed in time, whichever side should speak");

void serve_connection(std::shared_ptr<state> shared, std::shared_ptr<lane> on, tcp::socket socket,
                      net::ssl::context* tls) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  const unsigned patience_ms = limits::unacknowledged_ms;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms,
               sizeof patience_ms);
  auto stream = tls ? any_stream{std::move(socket), *tls} : any_stream{std::move(socket)};
  std::make_shared<http_session>(std::move(shared), std::move(on), std::move(stream))->start();
}

} // namespace strowger::http
