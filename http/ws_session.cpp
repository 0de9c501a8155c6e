#include "http/ws_session.hpp"

#include "core/decision.hpp"
#include "http/authenticate.hpp"
#include "http/ice.hpp"
#include "http/subprotocol.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/describe.hpp"
#include "protocol/errors.hpp"
#include "protocol/sse/sse.hpp"

namespace strowger::http {
namespace {

constexpr std::string_view echo_extension = "*43"; // the echo end of the check page

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

ws_session::ws_session(handoff from, any_stream stream,
                       bhttp::request<bhttp::string_body> upgrade) :
    line(std::move(from), "ws"),
    upgrade_(std::move(upgrade)), ws_(std::move(stream)), timer_(from_.on->context()) {
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
  ws_.next_layer().expires_after(from_.shared->opt.write_deadline_ms);
  net::async_write(
      ws_.next_layer(), net::buffer(*bytes), [self = me(), bytes](error_code, std::size_t) {
        error_code ignored;
        self->ws_.next_layer().tcp_layer().socket().shutdown(tcp::socket::shutdown_send, ignored);
      });
}

void ws_session::on_attached(const answer::attached& device) {
  const auto& opt = from_.shared->opt;
  const auto agent =
      from_.who.agent.empty() ? std::string_view{device.extension} : from_.who.agent.value;
  auto ice = ice_servers(opt, from_.request, agent, from_.shared->now());
  // A resumed client goes on from its own position: what it missed follows this message.
  enqueue(native::render_connected(
      how_, native::connected_data(device, std::move(ice), opt.ping_interval_ms),
      device.resumed ? asked_position_ : device.position));
  ws_.next_layer().expires_after(0); // from here the pings watch the line
  ws_.set_option(websocket::stream_base::timeout{std::chrono::seconds{10},
                                                 websocket::stream_base::none(), false});
  ws_.read_message_max(limits::frame_bytes_max);
  ws_.auto_fragment(false);
  ws_.binary(how_ == native::encoding::msgpack);
  ws_.set_option(websocket::stream_base::decorator{[name = subprotocol_](auto& response) {
    if (!name.empty()) response.set(bhttp::field::sec_websocket_protocol, name);
  }});
  ws_.control_callback([this](websocket::frame_type, beast::string_view) { heard(); });
  ws_.async_accept(upgrade_, [self = me()](error_code ec) { self->on_accepted(ec); });
}

void ws_session::on_accepted(error_code ec) {
  if (ec) return finish("lost");
  log::info("WebSocket client connected: " + protocol::rfc3339(from_.shared->now()) +
                " (extension: " + device_->extension + ")",
            {{"device_id", device_->device}, {"peer", from_.request.peer}});
  accepted_ = true;
  heard();
  tick();
  write_next();
  read();
  if (from_.shared->draining) end(errc::hub_not_available);
}

void ws_session::heard() {
  heard_at_ = steady_ms();
  sign_of_life();
}

void ws_session::read() {
  ws_.async_read(buffer_, [self = me()](error_code ec, std::size_t) { self->on_frame(ec); });
}

void ws_session::on_frame(error_code ec) {
  if (ec) {
    const bool clean = ec == websocket::error::closed;
    return finish(clean ? "closed" : "lost");
  }
  heard();
  metrics::add(metrics::counter::messages_received);
  if (ws_.got_binary() != (how_ == native::encoding::msgpack)) {
    end(errc::unsupported_media_type);
  } else if (!closing_) {
    const auto bytes = buffer_.cdata();
    handle({static_cast<const char*>(bytes.data()), bytes.size()});
  }
  buffer_.consume(buffer_.size());
  read(); // also while closing: the peer's close frame must be read
}

void ws_session::handle(std::string_view frame) {
  auto message = native::parse(how_, frame);
  if (const auto* why = std::get_if<failure>(&message.what))
    return enqueue(native::render_refusal(how_, message.id, *why));
  if (in_flight_ >= from_.shared->opt.commands_in_flight_max)
    return enqueue(native::render_refusal(how_, message.id, {errc::busy, {}, 1000}));
  command_id command;
  if (message.given)
    command = *message.given;
  else if (message.id) // the same id on this connection is the same command
    command = command_id{device_->device.value + "/" + connection_id() + "/" +
                         std::to_string(*message.id)};
  run(message.id, {std::move(command), std::move(message.fingerprint)},
      std::get<native::command>(message.what));
}

const std::string& ws_session::connection_id() {
  if (connection_id_.empty()) connection_id_ = from_.shared->opt.new_id();
  return connection_id_;
}

template <class T, class Render>
runtime::done<T> ws_session::answers(const message_id& id, Render render) {
  ++in_flight_;
  return [self = me(), id, render](outcome<T> out) {
    --self->in_flight_;
    if (const auto* why = std::get_if<failure>(&out))
      self->enqueue(native::render_refusal(self->how_, id, *why));
    else
      self->enqueue(native::render_reply(self->how_, id, render(std::get<T>(out))));
  };
}

void ws_session::run(const message_id& id, named_command command, native::command& what) {
  auto& gateway = from_.shared->gateway();
  const auto& device = device_->device;
  const auto nothing = [](const answer::done&) { return protocol::value{}; };
  const auto data = [](const auto& out) { return native::reply_data(out); };
  std::visit(
      overloaded{
          [&](native::ping&) { enqueue(native::render_pong(how_, id, from_.shared->now())); },
          [&](native::heartbeat&) {
            gateway.heartbeat(caller(), device_->session, answers<answer::done>(id, nothing));
          },
          [&](native::logout&) {
            gateway.logout(caller(std::move(command.id), std::move(command.fingerprint)),
                           answers<answer::done>(id, [self = me(), nothing](const answer::done& d) {
                             self->from_.on->post([self] { self->end(errc::ok); });
                             return nothing(d);
                           }));
          },
          [&](native::subscribe_presence&) {
            using rows = std::vector<answer::extension_row>;
            gateway.subscribe_presence(caller(), device, answers<rows>(id, [](const rows& found) {
                                         protocol::value out{protocol::value::object{}};
                                         return out.set("extensions", protocol::to_value(found));
                                       }));
          },
          [&](request::dial& x) {
            gateway.dial(caller(std::move(command.id), std::move(command.fingerprint)), device,
                         std::move(x), answers<answer::dialled>(id, data));
          },
          [&](native::in_call& x) {
            gateway.act(caller(std::move(command.id), std::move(command.fingerprint)), device,
                        x.call, std::move(x.what), answers<answer::call_state>(id, data));
          }},
      what);
}

void ws_session::deliver(const notice::any& what, client_position at) {
  if (!closing_) enqueue(native::render_push(how_, what, at));
}

void ws_session::enqueue(std::string bytes) {
  if (closing_ || finished_) return;
  out_bytes_ += bytes.size();
  out_.push_back(std::move(bytes));
  if (out_bytes_ > from_.shared->opt.socket_queue_bytes_max) {
    metrics::add(metrics::counter::slow_sockets_closed);
    log::warning("Slow WebSocket client closed",
                 {{"device_id", device_->device}, {"queued_bytes", out_bytes_}});
    out_.resize(writing_ ? 1 : 0); // what is on its way must stay in place
    return end(errc::busy);
  }
  if (accepted_) write_next();
}

void ws_session::write_next() {
  if (writing_ || finished_) return;
  if (out_.empty()) {
    if (closing_) send_close();
    return;
  }
  writing_ = true;
  metrics::add(metrics::counter::messages_sent);
  ws_.async_write(net::buffer(out_.front()), [self = me()](error_code ec, std::size_t) {
    self->writing_ = false;
    if (ec) return self->finish("lost");
    self->out_bytes_ -= std::min(self->out_bytes_, self->out_.front().size());
    self->out_.pop_front();
    self->write_next();
  });
}

void ws_session::end(errc why) {
  if (closing_ || finished_) return;
  closing_ = true;
  reason_ = {static_cast<websocket::close_code>(close_code(why)), protocol::row_of(why).code};
  from_.on->post_after(from_.shared->opt.close_deadline_ms, [weak = weak_from_this()] {
    if (auto alive = std::static_pointer_cast<ws_session>(weak.lock())) alive->finish("closed");
  });
  if (accepted_) write_next(); // what waits goes first; then the close frame
}

void ws_session::send_close() {
  if (std::exchange(close_sent_, true)) return;
  ws_.async_close(reason_, [self = me()](error_code) { self->finish("closed"); });
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
  if (pinging_ || closing_) return;
  pinging_ = true;
  pinged_at_ = now;
  ws_.async_ping({}, [self = me()](error_code) { self->pinging_ = false; });
}

void ws_session::finish(std::string reason) {
  if (std::exchange(finished_, true)) return;
  detach(std::move(reason));
  timer_.cancel();
  cut_now();
}

void ws_session::cut_now() {
  finished_ = true;
  ws_.next_layer().cut();
}

void start_websocket(handoff from, any_stream stream, bhttp::request<bhttp::string_body> upgrade) {
  if (from.who.tokenless) from.who.number = from.request.argument("extension");
  std::make_shared<ws_session>(std::move(from), std::move(stream), std::move(upgrade))->start();
}

} // namespace strowger::http
