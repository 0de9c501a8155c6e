#include "http/eio_session.hpp"

#include "http/eio_table.hpp"
#include "http/exchange.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/json.hpp"

namespace strowger::http {
namespace {

using socketio::engine_kind;
using socketio::engine_packet;

constexpr duration_ms release_every_ms = 100; // polls that come while a probe is under way
constexpr duration_ms leaving_ms = 250;       // the last poll may come beside the goodbye
constexpr duration_ms early_ms = 5;           // that a client's clock may be ahead
constexpr std::uint16_t closed_code = 1000, going_away_code = 1001, malformed_code = 1002,
                        upgraded_code = 1008;

engine_packet control(engine_kind kind) { return {kind, false, {}}; }

http_response eio_packet(engine_kind kind) {
  return eio_text(socketio::render_engine_packet(kind));
}

} // namespace

http_response eio_text(std::string body) {
  http_response out;
  out.content_type = "text/plain; charset=UTF-8";
  out.body = std::move(body);
  return out;
}

http_response eio_refusal(socketio::engine_refusal why, std::string_view path) {
  const bool forbidden = why == socketio::engine_refusal::forbidden;
  auto out =
      problem_response({forbidden ? errc::origin_refused : errc::malformed_message, {}, 0}, path);
  auto tree = protocol::parse_json(out.body);
  auto& body = std::get<protocol::value>(tree);
  std::erase_if(*body.as_object(), [](const auto& m) { return m.name == "code"; });
  body.set("code", static_cast<int>(why)).set("message", socketio::text_of(why));
  out.body = protocol::write_json(body);
  return out;
}

eio_session::eio_session(std::shared_ptr<state> shared, std::shared_ptr<lane> on,
                         http_request first) :
    shared_(std::move(shared)),
    lane_(std::move(on)), sid_(shared_->opt.new_id()), request_(std::move(first)),
    heartbeat_(lane_->context()) {
  request_.body = {};
  // What its application may ask for, for as long as it lives; a cookie never acts here.
  std::erase_if(request_.fields, [](const auto& field) {
    return field.first != "host" && field.first != "user-agent" && field.first != "origin" &&
           field.first != "authorization";
  });
}

eio_session::~eio_session() { shared_->connections.remove(this); }

void eio_session::open() {
  shared_->connections.add(this, std::weak_ptr<connection>{weak_from_this()});
  app_ = shared_->opt.engine.app(shared_from_this());
  beat(steady_ms());
  if (shared_->draining) drain(); // it began while this session was made
}

void eio_session::open_by_poll(const responder& answer) {
  const auto& how = shared_->opt.engine;
  answer(eio_text(socketio::render_open(
      {sid_, true, how.ping_interval_ms, how.ping_timeout_ms, how.payload_bytes_max})));
  open();
}

void eio_session::known() { shared_->engine.known(sid_); }

void eio_session::open_by_socket(std::shared_ptr<eio_socket> socket) {
  if (socket->over()) return vanish(); // before anybody listened
  const auto& how = shared_->opt.engine;
  socket_ = std::move(socket);
  socket_->deliver({engine_kind::open, false,
                    socketio::render_open({sid_, false, how.ping_interval_ms, how.ping_timeout_ms,
                                           how.payload_bytes_max})
                        .substr(1)});
  if (phase_ == phase::open) open(); // else the line broke at once
}

void eio_session::send_text(std::string message) {
  send({engine_kind::message, false, std::move(message)});
}

void eio_session::send_binary(std::string message) {
  send({engine_kind::message, true, std::move(message)});
}

void eio_session::send(engine_packet what) {
  if (phase_ != phase::open) return;
  if (socket_) return socket_->deliver(std::move(what));
  out_bytes_ += socketio::payload_size(what);
  if (out_bytes_ > shared_->opt.socket_queue_bytes_max) {
    metrics::add(metrics::counter::slow_sockets_closed);
    log::warning("Slow Socket.IO client closed", {{"queued_bytes", out_bytes_}});
    out_.clear();
    return end("slow");
  }
  out_.push_back(std::move(what));
  flush();
}

void eio_session::flush() {
  if (corked_ || !poll_ || out_.empty()) return;
  std::string payload;
  payload.reserve(out_bytes_);
  for (const auto& each : out_) append_to_payload(payload, each);
  out_.clear();
  out_bytes_ = 0;
  answer_poll(eio_text(std::move(payload)));
  ping_left();
}

void eio_session::answer_poll(http_response response) {
  poll_of_ = nullptr;
  if (const auto answer = std::exchange(poll_, nullptr)) answer(std::move(response));
}

// Timers may be late, where there is much to do; a poll must not find what should be over.
void eio_session::end_when_silent() {
  if (phase_ == phase::open && steady_ms() + early_ms >= silent_at_) end("ping timeout");
}

void eio_session::poll(const void* who, responder answer) {
  const auto keep = shared_from_this();
  end_when_silent();
  if (phase_ == phase::left) {
    answer(eio_packet(engine_kind::noop));
    return vanish();
  }
  const auto bad = [&] {
    answer(eio_refusal(socketio::engine_refusal::bad_request, request_.path));
  };
  if (phase_ == phase::ended || socket_) return bad();
  if (poll_) { // one at a time: the protocol's rule
    overlap();
    return bad();
  }
  poll_ = std::move(answer);
  poll_of_ = who;
  if (phase_ == phase::closing) return end("closed by the server");
  flush();
  if (poll_ && probing_ && probed_) release_polls();
}

void eio_session::poll_gone(const void* who) {
  if (poll_of_ != who || !poll_) return;
  poll_ = nullptr; // nobody would hear an answer
  poll_of_ = nullptr;
  end("lost");
}

void eio_session::overlap() {
  if (phase_ == phase::open || phase_ == phase::closing) end("overlap");
}

void eio_session::take(std::string_view body, const responder& answer) {
  const auto keep = shared_from_this();
  const auto refuse = [&] {
    answer(eio_refusal(socketio::engine_refusal::bad_request, request_.path));
  };
  if ((phase_ != phase::open && phase_ != phase::closing) || socket_) return refuse();
  const auto packets = socketio::read_payload(body);
  if (!packets) {
    end("parse error");
    return refuse();
  }
  heard();
  corked_ = true; // the answers to several packets go together
  bool malformed = false;
  for (const auto& each : *packets) {
    malformed = !handle(each);
    if (malformed || phase_ == phase::ended || phase_ == phase::left) break;
  }
  corked_ = false;
  if (malformed) {
    end("parse error");
    return refuse();
  }
  answer(eio_text("ok"));
  if (phase_ == phase::open) flush();
}

bool eio_session::handle(const engine_packet& what) {
  const auto app = app_; // which may end the session
  switch (what.kind) {
  case engine_kind::message:
    if (phase_ != phase::open) return true;
    return what.binary ? app->on_binary(what.data) : app->on_text(what.data);
  case engine_kind::pong:
    heard_pong();
    return true;
  case engine_kind::close:
    leave();
    return true;
  case engine_kind::upgrade:
  case engine_kind::noop:
    return true;
  case engine_kind::open:
  case engine_kind::ping: // the server's, in this revision
    break;
  }
  return false;
}

void eio_session::heard() {
  if (app_ && phase_ == phase::open) app_->on_heard();
}

void eio_session::on_socket_text(eio_socket& from, std::string_view text) {
  const auto keep = shared_from_this();
  if (&from == probing_.get()) return on_probe_text(text);
  if (&from != socket_.get() || phase_ == phase::ended) return;
  heard();
  const auto packet = socketio::read_engine_packet(text);
  if (!packet || !handle(*packet)) {
    if (socket_) socket_->close_with(malformed_code);
    end("parse error");
  }
}

void eio_session::on_socket_binary(eio_socket& from, std::string_view bytes) {
  const auto keep = shared_from_this();
  if (&from == probing_.get()) return probing_->close_with(malformed_code);
  if (&from != socket_.get() || phase_ != phase::open) return;
  heard();
  if (const auto app = app_; app->on_binary(bytes)) return;
  if (socket_) socket_->close_with(malformed_code);
  end("parse error");
}

void eio_session::on_socket_end(eio_socket& from, std::string_view how) {
  if (&from == probing_.get()) {
    probing_ = nullptr; // long-polling goes on
    probed_ = false;
  }
  if (&from == socket_.get()) end(how);
}

// A socket that comes while there is one, or another is on its way, is accepted and closed: so do
// the stock servers, and a client's first one stays what it is.
void eio_session::probe(std::shared_ptr<eio_socket> socket) {
  if (socket->over()) return; // on its lane, before it came here: nobody would say so again
  if (phase_ != phase::open || socket_ || probing_) return socket->close_with(upgraded_code);
  probing_ = std::move(socket);
  const auto patience = shared_->opt.engine.upgrade_timeout_ms;
  lane_->post_after(patience, [weak = weak_from_this(), which = probing_.get()] {
    const auto alive = weak.lock();
    if (!alive || alive->probing_.get() != which) return;
    alive->probed_ = false;
    std::exchange(alive->probing_, nullptr)->close_with(upgraded_code);
  });
}

void eio_session::on_probe_text(std::string_view text) {
  const auto packet = socketio::read_engine_packet(text);
  if (packet && packet->kind == engine_kind::ping && packet->data == "probe") {
    probing_->deliver({engine_kind::pong, false, "probe"});
    if (!probing_) return; // the line broke at once
    if (std::exchange(probed_, true)) return;
    return answer_poll(eio_packet(engine_kind::noop)); // so that the client's polling comes to rest
  }
  if (packet && packet->kind == engine_kind::upgrade && probed_) return upgrade();
  probing_->close_with(malformed_code);
}

// A client's polls have come to rest before it says so: one that waits now was late.
void eio_session::upgrade() {
  answer_poll(eio_refusal(socketio::engine_refusal::bad_request, request_.path));
  socket_ = std::move(probing_);
  probed_ = false;
  out_bytes_ = 0;
  const auto to = socket_; // which may end under what it is given
  for (auto& each : std::exchange(out_, {})) {
    if (socket_ != to) return;
    to->deliver(std::move(each));
  }
  ping_left();
  if (phase_ == phase::closing) end("closed by the server");
}

// Not at once: a client that polls on would do nothing else.
void eio_session::release_polls() {
  lane_->post_after(release_every_ms, [weak = weak_from_this()] {
    const auto alive = weak.lock();
    if (alive && alive->probed_) alive->answer_poll(eio_packet(engine_kind::noop));
  });
}

// The next ping is due one interval after the last one left: what a polling client needs to answer
// does not slow the beat.
void eio_session::beat(std::int64_t since) {
  const auto& how = shared_->opt.engine;
  const auto now = steady_ms();
  const auto due = std::max(now, since + how.ping_interval_ms);
  awaits_pong_ = ping_waits_ = false;
  silent_at_ = due + how.ping_timeout_ms;
  heartbeat_.expires_after(std::chrono::milliseconds{due - now});
  heartbeat_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto alive = weak.lock();
    if (!ec && alive && alive->phase_ == phase::open) alive->ping();
  });
}

void eio_session::ping() {
  awaits_pong_ = true;
  ping_waits_ = !socket_;
  wait_for_pong();
  send(control(engine_kind::ping));
}

// The client's time to answer begins when it was asked.
void eio_session::ping_left() {
  if (std::exchange(ping_waits_, false) && phase_ == phase::open) wait_for_pong();
}

void eio_session::wait_for_pong() {
  const auto patience = shared_->opt.engine.ping_timeout_ms;
  pinged_at_ = steady_ms();
  silent_at_ = pinged_at_ + patience;
  heartbeat_.expires_after(std::chrono::milliseconds{patience});
  heartbeat_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto alive = weak.lock();
    if (!ec && alive && alive->phase_ == phase::open) alive->end("ping timeout");
  });
}

void eio_session::heard_pong() {
  if (awaits_pong_ && !ping_waits_ && phase_ == phase::open) beat(pinged_at_);
}

// By this side, cleanly. A polling client that does not poll just now is told when it does.
void eio_session::close() {
  if (phase_ != phase::open) return;
  if (socket_ || poll_) return end("closed by the server");
  phase_ = phase::closing;
  lane_->post_after(shared_->opt.close_deadline_ms, [weak = weak_from_this()] {
    const auto alive = weak.lock();
    if (alive && alive->phase_ == phase::closing) alive->end("closed by the server");
  });
}

// The end, whoever wanted it. A socket sends what waits and its close frame by itself.
void eio_session::end(std::string_view why) {
  if (phase_ == phase::ended) return;
  const auto keep = shared_from_this();
  phase_ = phase::ended;
  heartbeat_.cancel();
  corked_ = false;
  if (poll_) {
    std::string payload;
    for (const auto& each : out_) append_to_payload(payload, each);
    append_to_payload(payload, control(engine_kind::close));
    answer_poll(eio_text(std::move(payload)));
  }
  out_.clear();
  const auto code = shared_->draining ? going_away_code : closed_code;
  if (const auto socket = std::exchange(socket_, nullptr)) socket->close_with(code);
  if (const auto socket = std::exchange(probing_, nullptr)) socket->close_with(code);
  if (!std::exchange(told_, true) && app_) app_->on_close(why);
  app_ = nullptr;
  vanish();
}

// The client said goodbye. Its poll may be on another line, and a little later.
void eio_session::leave() {
  if (socket_) return end("closed by the client");
  const bool waits = poll_ != nullptr;
  answer_poll(eio_packet(engine_kind::noop));
  if (waits) return end("closed by the client");
  phase_ = phase::left;
  heartbeat_.cancel();
  if (!std::exchange(told_, true) && app_) app_->on_close("closed by the client");
  lane_->post_after(leaving_ms, [weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->end("closed by the client");
  });
}

void eio_session::vanish() {
  phase_ = phase::ended;
  shared_->engine.remove(sid_); // a drain still waits until its socket lets go of it
}

void eio_session::drain() {
  lane_->post([self = shared_from_this()] { self->close(); });
}

void eio_session::cut() {
  lane_->post([self = shared_from_this()] { self->end("cut"); });
}

} // namespace strowger::http
