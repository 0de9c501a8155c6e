#include "http/link_wire.hpp"

#include "http/subprotocol.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/errors.hpp"

namespace strowger::http {
namespace {

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

link_wire::link_wire(any_stream stream, link_patience patience) :
    stream_(std::move(stream)), patience_(patience), pings_(stream_.get_executor()),
    deadline_(stream_.get_executor()) {
  stream_.read_message_max(limits::frame_bytes_max);
}

void link_wire::open(ends ends) {
  websocket::stream_base::timeout patience{};
  patience.handshake_timeout = std::chrono::milliseconds{patience_.close_deadline_ms}; // a close's
  patience.idle_timeout = websocket::stream_base::none();
  stream_.set_option(patience);
  stream_.control_callback([this](websocket::frame_type, beast::string_view) { heard(); });
  stream_.text(true);
  heard();
  pinged_at_ = heard_at_;
  ends_ = std::move(ends);
  open_ = true;
  metrics::change(metrics::gauge::sockets_open, 1);
  metrics::add(metrics::counter::connections, "link");
  read();
  tick();
}

void link_wire::heard() { heard_at_ = steady_ms(); }

void link_wire::read() {
  stream_.async_read(
      in_, [self = shared_from_this()](error_code ec, std::size_t) { self->on_message(ec); });
}

void link_wire::on_message(error_code ec) {
  if (finished_) return;
  if (ec) return finish(words_for(ec));
  heard();
  metrics::add(metrics::counter::messages_received);
  if (!closing_) {
    const auto data = in_.cdata();
    const std::string_view text{static_cast<const char*>(data.data()), data.size()};
    const auto fault = stream_.got_text() ? ends_.heard(text) : errc::unsupported_media_type;
    if (fault != errc::ok) end(fault);
  }
  in_.consume(in_.size());
  if (in_.capacity() > limits::body_bytes_max) in_ = {}; // one large message is no measure
  if (!finished_) read(); // also while closing: the peer's close frame must be read
}

std::string link_wire::words_for(error_code ec) {
  if (!why_.empty()) return why_;
  if (ec == websocket::error::closed) {
    const auto& said = stream_.reason();
    auto out = "the peer has closed it (" + std::to_string(said.code) + ")";
    return said.reason.empty() ? out : out + ": " + std::string{said.reason.c_str()};
  }
  if (ec == net::error::eof || ec == net::error::connection_reset ||
      ec == net::ssl::error::stream_truncated)
    return "the peer is gone";
  return ec.message();
}

void link_wire::send(std::string message) {
  if (!open_ || closing_ || finished_) return;
  if (out_bytes_ + message.size() > patience_.queue_bytes_max) {
    metrics::add(metrics::counter::slow_sockets_closed);
    return end(errc::busy);
  }
  metrics::add(metrics::counter::messages_sent);
  out_bytes_ += message.size();
  out_.push_back(std::move(message));
  if (out_.size() == 1) write();
}

void link_wire::write() {
  stream_.async_write(net::buffer(out_.front()),
                      [self = shared_from_this()](error_code ec, std::size_t) {
                        if (ec || self->finished_) return; // the read says why
                        self->out_bytes_ -= self->out_.front().size();
                        self->out_.pop_front();
                        if (!self->out_.empty()) self->write();
                      });
}

// Every quarter of the ping interval, so that silence is noticed before silence_ms is over. Beast's
// own idle timer runs out whatever is heard, unless its pings are on.
void link_wire::tick() {
  const auto step = std::max<duration_ms>(1, patience_.ping_interval_ms / 4);
  pings_.expires_after(std::chrono::milliseconds{step});
  pings_.async_wait([weak = weak_from_this(), step](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self || self->closing_ || self->finished_) return;
    const auto now = steady_ms();
    if (now - self->heard_at_ >= self->patience_.silence_ms - step)
      return self->finish("the peer is silent");
    if (now - self->pinged_at_ >= self->patience_.ping_interval_ms - step / 2) self->ping(now);
    self->tick();
  });
}

void link_wire::ping(std::int64_t now) {
  if (std::exchange(pinging_, true)) return; // the line takes nothing: silence will tell
  pinged_at_ = now;
  stream_.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
}

// What waits is dropped, or a peer that does not read would keep the close from it.
void link_wire::end(errc why) {
  if (!open_ || finished_ || std::exchange(closing_, true)) return;
  const auto& row = protocol::row_of(why);
  why_ = why == errc::ok ? "closed by this side" : "closed by this side: " + std::string{row.code};
  if (out_.size() > 1) out_.resize(1);
  deadline_.expires_after(std::chrono::milliseconds{patience_.close_deadline_ms});
  deadline_.async_wait([weak = weak_from_this()](error_code ec) {
    if (const auto self = weak.lock(); self && !ec) self->finish(self->why_);
  });
  const websocket::close_reason said{static_cast<websocket::close_code>(close_code(why)),
                                     std::string{why == errc::ok ? "" : row.code}};
  stream_.async_close(said, [self = shared_from_this()](error_code) { self->finish(self->why_); });
}

void link_wire::cut() {
  if (open_) return finish(why_.empty() ? "cut" : why_);
  finished_ = true;
  stream_.next_layer().cut();
}

void link_wire::finish(const std::string& why) {
  if (std::exchange(finished_, true)) return;
  pings_.cancel();
  deadline_.cancel();
  stream_.next_layer().cut();
  metrics::change(metrics::gauge::sockets_open, -1);
  const auto told = std::exchange(ends_, {});
  if (told.lost) told.lost(why);
}

} // namespace strowger::http
