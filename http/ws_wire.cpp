#include "http/ws_wire.hpp"

#include <utility>

namespace strowger::http {
namespace {

constexpr std::size_t tls_in_bytes = 4096;

} // namespace

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

ws_wire::ws_wire(any_stream stream, lane& on, const options& opt, std::size_t message_bytes_max) :
    stream_(std::move(stream)), timer_(on.context()), lane_(on), opt_(opt),
    reader_(message_bytes_max) {}

void ws_wire::accept(std::string_view key, std::string_view subprotocol) {
  stream_.expires_after(0); // from here the owner's pings watch the line
  accepted_ = true;
  std::string head{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: upgrade\r\nSec-WebSocket-Accept: "};
  head.append(accept_key(key)).append("\r\n");
  if (!subprotocol.empty())
    head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  write(head, "\r\n");
}

void ws_wire::refuse(std::shared_ptr<std::string> answer) {
  stream_.expires_after(opt_.write_deadline_ms);
  net::async_write(stream_, net::buffer(*answer),
                   [self = wire(), answer](error_code, std::size_t) { self->end_sending(); });
}

void ws_wire::go_on() {
  held_ = false;
  if (std::exchange(waits_, false) && !finished_) read();
}

void ws_wire::read() {
  if (held_) {
    waits_ = true;
    return;
  }
  if (stream_.is_tls()) {
    tls_in_.resize(tls_in_bytes);
    return stream_.async_read_some(net::buffer(tls_in_),
                                   [self = wire()](error_code ec, std::size_t n) {
                                     if (ec) return self->on_readable(ec);
                                     self->on_bytes(self->tls_in_.data(), n);
                                   });
  }
  stream_.async_readable([self = wire()](error_code ec) { self->on_readable(ec); });
}

void ws_wire::on_readable(error_code ec) {
  if (ec) return finish(close_seen_ ? "closed" : "lost");
  const auto memory = lane_.scratch();
  const auto n = stream_.read_now(memory.data(), memory.size(), ec);
  if (ec == net::error::would_block) return read();
  if (ec) return finish(close_seen_ ? "closed" : "lost");
  on_bytes(memory.data(), n);
}

void ws_wire::on_bytes(char* bytes, std::size_t count) {
  if (finished_) return;
  if (!given_up_) {
    on_heard();
    const auto code =
        reader_.take(bytes, count, [this](const ws_message& what) { return on_message(what); });
    if (code != ws_fine) give_up(code);
  }
  if (!finished_) read(); // also while closing: the peer's close frame must be read
}

bool ws_wire::on_message(const ws_message& what) {
  switch (what.what) {
  case ws_opcode::ping:
    send(ws_opcode::pong, what.payload);
    break;
  case ws_opcode::close:
    on_close(what.payload);
    break;
  case ws_opcode::text:
  case ws_opcode::binary:
    if (!closing_) on_data(what);
    break;
  case ws_opcode::continuation:
  case ws_opcode::pong:
    break;
  }
  return !finished_ && !close_seen_ && !given_up_;
}

// Section 5.5.1: the answer to a close frame is one, and then the line may go.
void ws_wire::on_close(std::string_view payload) {
  close_seen_ = true;
  const auto code = close_code_of(payload);
  if (!std::exchange(close_sent_, true)) {
    closing_ = true;
    write(close_frame(code == 1005 ? 1000 : code, {}), {});
  }
  cut_later();
  if (out_.empty()) close_line();
}

bool ws_wire::send(ws_opcode what, std::string_view payload) {
  if (closing_ || finished_) return false;
  if (out_bytes_ + payload.size() > opt_.socket_queue_bytes_max) {
    on_overflow();
    return false;
  }
  std::string header;
  append_header(header, what, payload.size());
  write(header, payload);
  return true;
}

void ws_wire::write(std::string_view header, std::string_view payload) {
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

void ws_wire::write_rest() {
  if (writing_ || finished_) return;
  if (out_.empty()) {
    if (close_seen_) return close_line();
    if (given_up_) return end_sending();
    if (closing_) send_close();
    return;
  }
  writing_ = true;
  net::async_write(stream_, net::buffer(out_.front()),
                   [self = wire()](error_code ec, std::size_t n) { self->on_written(ec, n); });
}

void ws_wire::on_written(error_code ec, std::size_t count) {
  writing_ = false;
  if (ec) return finish("lost");
  out_bytes_ -= std::min(out_bytes_, count);
  out_.pop_front();
  write_rest();
}

void ws_wire::close(std::uint16_t code, std::string_view reason) {
  if (closing_ || finished_) return;
  closing_ = true;
  close_code_ = code;
  close_reason_ = reason;
  cut_later();
  if (accepted_ && out_.empty()) send_close();
}

void ws_wire::cut_later() {
  lane_.post_after(opt_.close_deadline_ms, [weak = std::weak_ptr<ws_wire>{wire()}] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->finish("closed");
    alive->cut_wire(); // also where TLS still waits for the peer's goodbye
  });
}

void ws_wire::send_close() {
  if (std::exchange(close_sent_, true)) return;
  write(close_frame(close_code_, close_reason_), {});
}

// What still comes is read and thrown away: closing over unread bytes would take our word back.
void ws_wire::give_up(std::uint16_t code) {
  if (finished_) return;
  given_up_ = closing_ = true;
  if (!std::exchange(close_sent_, true)) write(close_frame(code, {}), {});
  if (finished_) return;
  on_end("lost");
  cut_later();
  if (out_.empty()) end_sending();
}

void ws_wire::finish(std::string_view how) {
  if (std::exchange(finished_, true)) return;
  on_end(how);
  timer_.cancel();
  cut_wire();
}

// Both have sent their close frame.
void ws_wire::close_line() {
  if (!stream_.is_tls()) return finish("closed");
  if (std::exchange(finished_, true)) return;
  on_end("closed");
  timer_.cancel();
  stream_.tls().async_shutdown([self = wire()](error_code) { self->cut_wire(); });
}

// TLS has a goodbye of its own, or the peer takes our end for a cut (RFC 8446, section 6.1).
void ws_wire::end_sending() {
  if (!stream_.is_tls()) return stream_.end_sending();
  stream_.tls().async_shutdown([self = wire()](error_code) {});
}

void ws_wire::cut_wire() {
  finished_ = true;
  stream_.cut();
}

} // namespace strowger::http
