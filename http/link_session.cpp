#include "http/link_session.hpp"

#include "http/url.hpp"
#include "observe/log.hpp"
#include "protocol/errors.hpp"

#include <algorithm>

namespace strowger::http {
namespace {

namespace wire = protocol::link;
using sink = link_sink<runtime::slave_sink, wire::words::to_slave>;

link_patience patience_of(const options& opt) {
  return {opt.ping_interval_ms, opt.silence_ms, opt.close_deadline_ms, opt.socket_queue_bytes_max};
}

// What stands behind "Bearer"; empty: nothing does.
std::string_view key_of(const http_request& request) {
  auto given = request.header("authorization");
  if (given.size() < 7 || !beast::iequals(given.substr(0, 7), "bearer ")) return {};
  given.remove_prefix(7);
  given.remove_prefix(std::min(given.find_first_not_of(' '), given.size()));
  return given;
}

} // namespace

link_session::link_session(handoff from, any_stream stream) :
    from_(std::move(from)),
    wire_(std::make_shared<link_wire>(std::move(stream), patience_of(from_.shared->opt))) {}

link_session::~link_session() { from_.shared->connections.remove(this); }

void link_session::drain() {
  from_.on->post([self = shared_from_this()] { self->wire_->end(errc::hub_not_available); });
}

void link_session::cut() {
  from_.on->post([self = shared_from_this()] {
    self->cut_ = true;
    self->wire_->cut();
  });
}

void link_session::start() {
  from_.shared->connections.add(this, std::weak_ptr<connection>{weak_from_this()});
  const std::string key{key_of(from_.request)};
  if (key.empty()) return refuse({errc::token_missing, {}, 0});
  if (key.size() > limits::token_bytes_max) return refuse({errc::token_invalid, {}, 0});
  const auto offered = split_list(from_.request.header("sec-websocket-protocol"));
  if (std::ranges::find(offered, wire::subprotocol) == offered.end())
    return refuse({errc::value_out_of_range, "Sec-WebSocket-Protocol", 0});
  if (const auto wait_ms = from_.shared->link_keys.wait_ms(from_.request.peer, from_.shared->now()))
    return refuse({errc::too_many_attempts, {}, wait_ms});
  from_.shared->gateway().find_license({from_.on, {}, {}}, key,
                                       [self = shared_from_this()](outcome<license_id> found) {
                                         self->on_license(std::move(found));
                                       });
}

void link_session::on_license(outcome<license_id> found) {
  if (cut_) return;
  if (const auto* license = std::get_if<license_id>(&found)) return accept(*license);
  auto why = std::get<failure>(found);
  if (why.why == errc::license_unknown) why = {errc::token_invalid, {}, 0};
  if (why.why == errc::token_invalid)
    from_.shared->link_keys.failed(from_.request.peer, from_.shared->now());
  refuse(why);
}

void link_session::refuse(const failure& why) {
  log::warning("A slave is refused", {{"why", protocol::row_of(why.why).code},
                                      {"detail", why.detail},
                                      {"peer", from_.request.peer}});
  auto bytes = refusal_bytes(why, from_.request, from_.shared->opt);
  auto& stream = wire_->stream().next_layer();
  stream.expires_after(from_.shared->opt.write_deadline_ms);
  net::async_write(stream, net::buffer(*bytes),
                   [self = shared_from_this(), bytes](error_code, std::size_t) {
                     self->wire_->stream().next_layer().end_sending();
                   });
}

// The request was read before it was known what for; Beast answers one that is made of it again.
void link_session::accept(const license_id& license) {
  const std::string key{from_.request.header("sec-websocket-key")};
  bhttp::request<bhttp::empty_body> request{bhttp::verb::get, "/api/licenses/link", 11};
  request.set(bhttp::field::host, from_.request.header("host"));
  request.set(bhttp::field::connection, "Upgrade");
  request.set(bhttp::field::upgrade, "websocket");
  request.set(bhttp::field::sec_websocket_version, "13");
  request.set(bhttp::field::sec_websocket_key, key);
  auto& stream = wire_->stream();
  stream.next_layer().expires_after(0);
  stream.set_option(websocket::stream_base::decorator{[](websocket::response_type& response) {
    response.set(bhttp::field::sec_websocket_protocol, wire::subprotocol);
  }});
  websocket::stream_base::timeout patience{};
  patience.handshake_timeout = std::chrono::milliseconds{from_.shared->opt.write_deadline_ms};
  patience.idle_timeout = websocket::stream_base::none();
  stream.set_option(patience);
  auto held = std::make_shared<bhttp::request<bhttp::empty_body>>(std::move(request));
  stream.async_accept(*held, [self = shared_from_this(), held, license](error_code ec) {
    if (!ec && !self->cut_) self->opened(license);
  });
}

void link_session::opened(const license_id& license) {
  log::info("A slave is connected", {{"license_id", license.value}, {"peer", from_.request.peer}});
  sink_ = std::make_shared<sink>(wire_, from_.on);
  number_ = from_.shared->gateway().open_link(license, sink_);
  wire_->open({[self = shared_from_this()](std::string_view text) { return self->heard(text); },
               [self = shared_from_this()](const std::string& why) { self->lost(why); }});
  if (from_.shared->draining) wire_->end(errc::hub_not_available);
}

errc link_session::heard(std::string_view text) {
  auto in = wire::parse_to_master(text);
  if (const auto* why = std::get_if<failure>(&in)) {
    log::warning("A slave says what cannot be read", {{"why", protocol::row_of(why->why).code},
                                                      {"detail", why->detail},
                                                      {"peer", from_.request.peer}});
    return why->why;
  }
  from_.shared->gateway().link_said(number_, std::move(std::get<wire::words::to_master>(in)));
  return errc::ok;
}

void link_session::lost(const std::string& why) {
  log::info("A slave is disconnected", {{"why", why}, {"peer", from_.request.peer}});
  from_.shared->gateway().link_lost(number_);
}

void start_link(handoff from, any_stream stream) {
  std::make_shared<link_session>(std::move(from), std::move(stream))->start();
}

} // namespace strowger::http
