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

} // namespace

ws_session::ws_session(handoff from, any_stream stream) :
    device_line(std::move(from), "ws"),
    ws_wire(std::move(stream), *from_.on, from_.shared->opt, limits::frame_bytes_max) {
  heard_at_ = pinged_at_ = steady_ms();
}

std::shared_ptr<ws_wire> ws_session::wire() {
  return std::static_pointer_cast<ws_session>(shared_from_this());
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
  ws_wire::refuse(refusal_bytes(why, from_.request, from_.shared->opt));
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
  welcome(device);
  enqueue(hello);
  from_.request = {}; // what the line needs no more
  subprotocol_ = {};
  device_->resume_token = {};
  device_->calls = {};
  if (finished()) return;
  arrived();
  read();
  closing_continues(); // ended while the gateway was at work
  if (from_.shared->draining) end(errc::hub_not_available);
}

void ws_session::welcome(const answer::attached& device) {
  log::info("WebSocket client connected: " + protocol::rfc3339(from_.shared->now()) +
                " (extension: " + device.extension + ")",
            {{"device_id", device.device}, {"peer", from_.request.peer}});
  accept(from_.request.header("sec-websocket-key"), subprotocol_);
  on_heard();
  tick();
}

void ws_session::on_heard() {
  heard_at_ = steady_ms();
  sign_of_life();
}

void ws_session::on_data(const ws_message& what) {
  metrics::add(metrics::counter::messages_received);
  if ((what.what == ws_opcode::binary) != (how_ == native::encoding::msgpack))
    return end(errc::unsupported_media_type);
  take(native::parse(how_, what.payload));
}

void ws_session::reply(const ticket& to, protocol::value data) {
  enqueue(native::render_reply(how_, to, std::move(data)));
}

void ws_session::refuse(const ticket& to, const failure& why) {
  enqueue(native::render_refusal(how_, to, why));
}

void ws_session::reply_pong(const ticket& to) {
  enqueue(native::render_pong(how_, to, from_.shared->now()));
}

void ws_session::push(std::string_view name, protocol::value data, client_position at) {
  if (!closing()) enqueue(native::render_push(how_, name, std::move(data), at));
}

void ws_session::enqueue(std::string_view message) {
  const auto what = how_ == native::encoding::msgpack ? ws_opcode::binary : ws_opcode::text;
  if (send(what, message)) metrics::add(metrics::counter::messages_sent);
}

void ws_session::on_overflow() {
  metrics::add(metrics::counter::slow_sockets_closed);
  log::warning("Slow WebSocket client closed",
               {{"device_id", device_->device}, {"queued_bytes", queued_bytes()}});
  drop_queue();
  end(errc::busy);
}

void ws_session::end(errc why) { close(close_code(why), protocol::row_of(why).code); }

void ws_session::on_end(std::string_view how) { detach(std::string{how}); }

// Every quarter of the ping interval, so that silence is noticed before silence_ms is over.
void ws_session::tick() {
  const auto& opt = from_.shared->opt;
  const auto step = std::max<duration_ms>(1, opt.ping_interval_ms / 4);
  timer_.expires_after(std::chrono::milliseconds{step});
  timer_.async_wait([weak = weak_from_this(), step](error_code ec) {
    auto alive = std::static_pointer_cast<ws_session>(weak.lock());
    if (ec || !alive || alive->finished()) return;
    const auto now = steady_ms();
    const auto& opt = alive->from_.shared->opt;
    if (now - alive->heard_at_ >= opt.silence_ms - step) return alive->finish("silent");
    if (now - alive->pinged_at_ >= opt.ping_interval_ms - step / 2) alive->ping(now);
    alive->tick();
  });
}

void ws_session::ping(std::int64_t now) {
  if (!idle() || closing()) return; // a line that takes nothing needs no more of it
  pinged_at_ = now;
  send(ws_opcode::ping, {});
}

void start_websocket(handoff from, any_stream stream) {
  if (from.who.tokenless) from.who.number = from.request.argument("extension");
  std::make_shared<ws_session>(std::move(from), std::move(stream))->start();
}

} // namespace strowger::http
