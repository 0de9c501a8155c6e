#include "http/eio_socket.hpp"

#include "http/eio_session.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace strowger::http {
namespace {

constexpr std::size_t job_bytes = 128; // what a message costs besides its bytes

} // namespace

eio_socket::eio_socket(handoff from, any_stream stream) :
    ws_wire(std::move(stream), *from.on, from.shared->opt,
            from.shared->opt.engine.payload_bytes_max),
    shared_(from.shared), lane_(from.on), key_(from.request.header("sec-websocket-key")) {}

// Same lane: at once. Another one: in order, and the bytes must be the job's own.
template <class Job> void eio_socket::tell(Job job) {
  const auto to = session_; // which may let go of this, or this of it
  if (!to) return;
  if (same_lane_) return job(*to, *this);
  to->on()->post(
      [self = shared_from_this(), to, job = std::move(job)]() mutable { job(*to, *self); });
}

template <class Job> void eio_socket::run(Job job) {
  const auto keep = shared_from_this(); // its session may let go of it in there
  if (same_lane_) return job(*this);
  lane_->post([self = shared_from_this(), job = std::move(job)]() mutable { job(*self); });
}

void eio_socket::start(std::shared_ptr<eio_session> session) {
  session_ = std::move(session);
  same_lane_ = !session_ || session_->on() == lane_;
  accept(key_, {});
  if (!session_) close(1008, {});
  if (!finished()) read();
}

void eio_socket::on_data(const ws_message& what) {
  const bool binary = what.what == ws_opcode::binary;
  if (same_lane_) {
    const auto session = session_; // which may let go of this
    if (!session) return;
    return binary ? session->on_socket_binary(*this, what.payload)
                  : session->on_socket_text(*this, what.payload);
  }
  if (!session_) return;
  const auto size = what.payload.size() + job_bytes;
  if (posted_bytes_ += size; posted_bytes_ >= limits::engine_posted_bytes_max) hold();
  tell([binary, size, bytes = std::string{what.payload}](eio_session& to, eio_socket& from) {
    binary ? to.on_socket_binary(from, bytes) : to.on_socket_text(from, bytes);
    from.taken(size);
  });
}

// Whoever brings it under the limit says so, after hold() because that is under way there.
void eio_socket::taken(std::size_t bytes) {
  const auto before = posted_bytes_.fetch_sub(bytes);
  constexpr auto most = limits::engine_posted_bytes_max;
  if (before < most || before - bytes >= most) return;
  lane_->post([self = shared_from_this()] {
    if (self->posted_bytes_ < most) self->go_on();
  });
}

void eio_socket::deliver(protocol::socketio::engine_packet what) {
  run([what = std::move(what)](eio_socket& self) {
    if (what.binary)
      self.send(ws_opcode::binary, what.data);
    else
      self.send(ws_opcode::text, protocol::socketio::render_engine_packet(what.kind, what.data));
  });
}

void eio_socket::close_with(std::uint16_t code) {
  run([code](eio_socket& self) { self.close(code, {}); });
}

void eio_socket::on_overflow() {
  metrics::add(metrics::counter::slow_sockets_closed);
  log::warning("Slow Socket.IO client closed", {{"queued_bytes", queued_bytes()}});
  drop_queue();
  close(1013, "busy"); // it comes back, and recovers
  tell([](eio_session& to, eio_socket& from) { to.on_socket_end(from, "slow"); });
}

void eio_socket::on_end(std::string_view how) {
  const auto keep = shared_from_this();
  over_ = true;
  tell([how](eio_session& to, eio_socket& from) { to.on_socket_end(from, how); });
  session_ = nullptr;
}

} // namespace strowger::http
