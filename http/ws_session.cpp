#include "http/ws_session.hpp"

#include "http/authenticate.hpp"
#include "http/ice.hpp"
#include "http/subprotocol.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/errors.hpp"
#include "protocol/sse/sse.hpp"
#include "protocol/timestamp.hpp"

namespace strowger::http {
namespace {

constexpr std::string_view echo_extension = "*43"; // the echo end of the check page
constexpr std::size_t tls_in_bytes = 4096;

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

ws_session::ws_session(handoff from, any_stream stream) :
    line(std::move(from), "ws"), stream_(std::move(stream)), timer_(from_.on->context()) {
  heard_at_ = pinged_at_ = steady_ms();
}

void ws_session::start() {
  const auto& request = from_.request;
  if (!choose_subprotocol(request.header("sec-websocket-protocol"), subprotocol_, how_))
    return on_refused({errc::value_out_of_range, "Sec-WebSocket-Protocol", 0});
  request::attach wanted;
  wanted.who = from_.who;
  wanted.extension = request.argument("extension");
  if (wanted.extension.empty()) wanted.extension = from_.who.number;
  if (wanted.extension.empty()) return on_refused({errc::missing_field, "extension", 0});
  if (wanted.extension.size() > limits::target_digits_max)
    return on_refused({errc::value_out_of_range, "extension", 0});
  wanted.echo = wanted.extension == echo_extension;
  if (!wanted.echo && !owns(from_.who, wanted.extension))
    return on_refused({errc::extension_not_owned, {}, 0});
  if (const auto resume = request.argument("resume"); !resume.empty()) {
    if (resume.size() > limits::token_bytes_max)
      return on_refused({errc::value_out_of_range, "resume", 0});
    wanted.resume = std::string{resume};
  }
  if (const auto at = request.argument("position");
      !at.empty() && !protocol::sse::parse_position(at, wanted.position))
    return on_refused({errc::value_out_of_range, "position", 0});
  asked_position_ = wanted.position;
  wanted.user_agent = request.header("user-agent");
  attach(std::move(wanted));
}

void ws_session::on_refused(const failure& why) {
  auto bytes = refusal_bytes(why, from_.request, from_.shared->opt);
  stream_.expires_after(from_.shared->opt.write_deadline_ms);
  net::async_write(stream_, net::buffer(*bytes),
                   [self = me(), bytes](error_code, std::size_t) { self->end_sending(); });
}

void ws_session::on_attached(const answer::attached& device) {
  const auto& opt = from_.shared->opt;
  const auto agent =
      from_.who.agent.empty() ? std::string_view{device.extension} : from_.who.agent.value;
  auto ice = ice_servers(opt, from_.request, agent, from_.shared->now());
  // A resumed client goes on from its own position: what it missed follows this message.
  const auto hello = native::render_connected(
      how_, native::connected_data(device, std::move(ice), opt.ping_interval_ms),
      device.resumed ? asked_position_ : device.position);
  accept(device);
  enqueue(hello);
  from_.request = {}; // what the line needs no more
  subprotocol_ = {};
  device_->resume_token = {};
  device_->calls = {};
  if (finished_) return;
  read();
  if (closing_) write_rest(); // ended while the gateway was at work
  if (from_.shared->draining) end(errc::hub_not_available);
}

void ws_session::accept(const answer::attached& device) {
  stream_.expires_after(0); // from here the pings watch the line
  accepted_ = true;
  std::string head{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: upgrade\r\nSec-WebSocket-Accept: "};
  head.append(accept_key(from_.request.header("sec-websocket-key"))).append("\r\n");
  if (!subprotocol_.empty())
    head.append("Sec-WebSocket-Protocol: ").append(subprotocol_).append("\r\n");
  log::info("WebSocket client connected: " + protocol::rfc3339(from_.shared->now()) +
                " (extension: " + device.extension + ")",
            {{"device_id", device.device}, {"peer", from_.request.peer}});
  write(head, "\r\n");
  heard();
  tick();
}

void ws_session::heard() {
  heard_at_ = steady_ms();
  sign_of_life();
}

void ws_session::read() {
  if (stream_.is_tls()) {
    tls_in_.resize(tls_in_bytes);
    return stream_.async_read_some(net::buffer(tls_in_),
                                   [self = me()](error_code ec, std::size_t n) {
                                     if (ec) return self->on_readable(ec);
                                     self->on_bytes(self->tls_in_.data(), n);
                                   });
  }
  stream_.async_readable([self = me()](error_code ec) { self->on_readable(ec); });
}

void ws_session::on_readable(error_code ec) {
  if (ec) return finish(close_seen_ ? "closed" : "lost");
  const auto memory = from_.on->scratch();
  const auto n = stream_.read_now(memory.data(), memory.size(), ec);
  if (ec == net::error::would_block) return read();
  if (ec) return finish(close_seen_ ? "closed" : "lost");
  on_bytes(memory.data(), n);
}

void ws_session::on_bytes(char* bytes, std::size_t count) {
  if (finished_) return;
  if (!given_up_) {
    heard();
    const auto code =
        reader_.take(bytes, count, [this](const ws_message& what) { return on_message(what); });
    if (code != ws_fine) give_up(code);
  }
  if (!finished_) read(); // also while closing: the peer's close frame must be read
}

bool ws_session::on_message(const ws_message& what) {
  switch (what.what) {
  case ws_opcode::ping:
    send(ws_opcode::pong, what.payload);
    break;
  case ws_opcode::close:
    on_close(what.payload);
    break;
  case ws_opcode::text:
  case ws_opcode::binary:
    metrics::add(metrics::counter::messages_received);
    if (closing_) break;
    if ((what.what == ws_opcode::binary) != (how_ == native::encoding::msgpack))
      end(errc::unsupported_media_type);
    else
      handle(what.payload);
    break;
  case ws_opcode::continuation:
  case ws_opcode::pong:
    break;
  }
  return !finished_ && !close_seen_;
}

// Section 5.5.1: the answer to a close frame is one, and then the line may go.
void ws_session::on_close(std::string_view payload) {
  close_seen_ = true;
  const auto code = close_code_of(payload);
  if (!std::exchange(close_sent_, true)) {
    closing_ = true;
    write(close_frame(code == 1005 ? 1000 : code, {}), {});
  }
  cut_later();
  if (out_.empty()) close_line();
}

void ws_session::deliver(const notice::any& what, client_position at) {
  if (!closing_) enqueue(native::render_push(how_, what, at));
}

void ws_session::enqueue(std::string_view message) {
  const auto what = how_ == native::encoding::msgpack ? ws_opcode::binary : ws_opcode::text;
  if (send(what, message)) metrics::add(metrics::counter::messages_sent);
}

bool ws_session::send(ws_opcode what, std::string_view payload) {
  if (closing_ || finished_) return false;
  if (out_bytes_ + payload.size() > from_.shared->opt.socket_queue_bytes_max) {
    overflow();
    return false;
  }
  std::string header;
  append_header(header, what, payload.size());
  write(header, payload);
  return true;
}

void ws_session::overflow() {
  metrics::add(metrics::counter::slow_sockets_closed);
  log::warning("Slow WebSocket client closed",
               {{"device_id", device_->device}, {"queued_bytes", out_bytes_}});
  if (!out_.empty()) out_.resize(1); // what is on its way must stay in place
  end(errc::busy);
}

void ws_session::write(std::string_view header, std::string_view payload) {
  if (finished_) return;
  std::size_t sent = 0;
  if (out_.empty() && !stream_.is_tls()) {
    error_code ec;
    sent = stream_.write_now(header, payload, ec);
    if (ec && ec != net::error::would_block) return finish("lost");
    if (sent == header.size() + payload.size()) return;
  }
  auto& rest = out_.emplace_back(header);
  rest.append(payload).erase(0, sent);
  out_bytes_ += rest.size();
  write_rest();
}

void ws_session::write_rest() {
  if (writing_ || finished_) return;
  if (out_.empty()) {
    if (close_seen_) return close_line();
    if (given_up_) return end_sending();
    if (closing_) send_close();
    return;
  }
  writing_ = true;
  net::async_write(stream_, net::buffer(out_.front()),
                   [self = me()](error_code ec, std::size_t n) { self->on_written(ec, n); });
}

void ws_session::on_written(error_code ec, std::size_t count) {
  writing_ = false;
  if (ec) return finish("lost");
  out_bytes_ -= std::min(out_bytes_, count);
  out_.pop_front();
  write_rest();
}

void ws_session::end(errc why) {
  if (closing_ || finished_) return;
  closing_ = true;
  reason_ = why;
  cut_later();
  if (accepted_ && out_.empty()) send_close(); // what waits goes first; then the close frame
}

void ws_session::cut_later() {
  from_.on->post_after(from_.shared->opt.close_deadline_ms, [weak = weak_from_this()] {
    auto alive = std::static_pointer_cast<ws_session>(weak.lock());
    if (!alive) return;
    alive->finish("closed");
    alive->cut_now(); // also where TLS still waits for the peer's goodbye
  });
}

void ws_session::send_close() {
  if (std::exchange(close_sent_, true)) return;
  write(close_frame(close_code(reason_), protocol::row_of(reason_).code), {});
}

// What still comes is read and thrown away: closing over unread bytes would take our word back.
void ws_session::give_up(std::uint16_t code) {
  if (finished_) return;
  given_up_ = closing_ = true;
  if (!std::exchange(close_sent_, true)) write(close_frame(code, {}), {});
  if (finished_) return;
  detach("lost");
  cut_later();
  if (out_.empty()) end_sending();
}

// Every quarter of the ping interval, so that silence is noticed before silence_ms is over.
void ws_session::tick() {
  const auto& opt = from_.shared->opt;
  const auto step = std::max<duration_ms>(1, opt.ping_interval_ms / 4);
  timer_.expires_after(std::chrono::milliseconds{step});
  timer_.async_wait([weak = weak_from_this(), step](error_code ec) {
    auto alive = std::static_pointer_cast<ws_session>(weak.lock());
    if (ec || !alive || alive->finished_) return;
    const auto now = steady_ms();
    const auto& opt = alive->from_.shared->opt;
    if (now - alive->heard_at_ >= opt.silence_ms - step) return alive->finish("silent");
    if (now - alive->pinged_at_ >= opt.ping_interval_ms - step / 2) alive->ping(now);
    alive->tick();
  });
}

void ws_session::ping(std::int64_t now) {
  if (!out_.empty() || closing_) return; // a line that takes nothing needs no more of it
  pinged_at_ = now;
  send(ws_opcode::ping, {});
}

void ws_session::finish(std::string reason) {
  if (std::exchange(finished_, true)) return;
  detach(std::move(reason));
  timer_.cancel();
  cut_now();
}

// Both have sent their close frame.
void ws_session::close_line() {
  if (!stream_.is_tls()) return finish("closed");
  if (std::exchange(finished_, true)) return;
  detach("closed");
  timer_.cancel();
  stream_.tls().async_shutdown([self = me()](error_code) { self->cut_now(); });
}

// TLS has a goodbye of its own, or the peer takes our end for a cut (RFC 8446, section 6.1).
void ws_session::end_sending() {
  if (!stream_.is_tls()) return stream_.end_sending();
  stream_.tls().async_shutdown([self = me()](error_code) {});
}

void ws_session::cut_now() {
  finished_ = true;
  stream_.cut();
}

void start_websocket(handoff from, any_stream stream) {
  if (from.who.tokenless) from.who.number = from.request.argument("extension");
  std::make_shared<ws_session>(std::move(from), std::move(stream))->start();
}

} // namespace strowger::http
