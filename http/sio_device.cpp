#include "http/sio_device.hpp"

#include "http/eio_session.hpp"
#include "http/ice.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "protocol/describe.hpp"
#include "protocol/errors.hpp"
#include "protocol/timestamp.hpp"

#include <algorithm>

namespace strowger::http {
namespace {

constexpr std::string_view main_namespace = "/";
constexpr std::size_t name_bytes_max = 64;

// A refusal that time may heal is none for a stock client: it comes back by itself when its
// transport closes, and never after CONNECT_ERROR.
bool passes_by_itself(errc why) { return protocol::row_of(why).status >= 500; }

protocol::value connect_error(const failure& why) {
  protocol::value out{protocol::value::object{}};
  return out.set("message", protocol::text_of(why)).set("data", protocol::refusal(why));
}

// Which calls of its own a device still has, as far as its events tell.
void follow(std::set<call_id>& calls, const notice::any& what) {
  std::visit(
      [&](const auto& x) {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, notice::call_incoming>) calls.insert(x.call);
        if constexpr (std::is_same_v<type, notice::call_ringing>) calls.insert(x.call);
        if constexpr (std::is_same_v<type, notice::call_cancelled> ||
                      std::is_same_v<type, notice::call_ended> ||
                      std::is_same_v<type, notice::call_failed>)
          calls.erase(x.call);
      },
      what);
}

} // namespace

sio_device::sio_device(handoff from, std::shared_ptr<sio_connection> to, sio_identity who) :
    device_line(std::move(from), "socketio"), to_(std::move(to)), identity_(std::move(who)) {}

void sio_device::start() { attach(identity_.wanted); }

void sio_device::on_refused(const failure& why) {
  gone_ = true;
  if (passes_by_itself(why.why)) return to_->close();
  to_->refuse(std::string{main_namespace}, connect_error(why));
}

// The same token may come with a device that missed something: then the client must not take its
// state for recovered, and gets another pid.
std::string sio_device::pid_of(const answer::attached& device) const {
  if (device.resumed) return identity_.pid;
  if (!identity_.pid.starts_with(device.resume_token)) return device.resume_token;
  return device.resume_token + "~" + from_.shared->opt.new_id();
}

protocol::value sio_device::hello(const answer::attached& device) const {
  const auto& opt = from_.shared->opt;
  const auto agent =
      from_.who.agent.empty() ? std::string_view{device.extension} : from_.who.agent.value;
  auto out =
      native::connected_data(device, ice_servers(opt, from_.request, agent, from_.shared->now()),
                             opt.engine.ping_interval_ms);
  out.set("agentId", from_.who.agent.value).set("tenantId", from_.who.tenant.value);
  if (!identity_.user_id.empty()) out.set("userId", identity_.user_id);
  return out;
}

void sio_device::on_attached(const answer::attached& device) {
  if (gone_) return detach("lost"); // while the gateway was at work
  // Like /ws: a resumed client goes on from its own position, what it missed follows.
  const auto at = device.resumed ? identity_.wanted.position : device.position;
  to_->accept(std::string{main_namespace}, device.device.value, pid_of(device));
  push("connected", hello(device), at);
  log::info("Socket.IO client connected: " + protocol::rfc3339(from_.shared->now()) +
                " (extension: " + device.extension + ")",
            {{"device_id", device.device}, {"peer", from_.request.peer}});
  for (const auto& call : device.calls) calls_.insert(call.call);
  from_.request = {};
  identity_ = {};
  device_->resume_token = {};
  device_->calls = {};
  if (gone_) return;
  arrived();
  if (from_.shared->draining) end(errc::hub_not_available);
}

void sio_device::on_event(socketio::packet event) {
  if (gone_ || !device_) return;
  metrics::add(metrics::counter::messages_received);
  auto items = std::move(std::get<protocol::value::array>(event.data.data));
  const auto* name = items.front().as_text();
  native::message message;
  if (name == nullptr || name->size() > name_bytes_max)
    message.what = failure{errc::unknown_message, {}, 0};
  else
    message =
        native::read_message(*name, items.size() > 1 ? std::move(items[1]) : protocol::value{});
  message.id = event.id;
  take(std::move(message));
}

void sio_device::deliver(const notice::any& what, client_position at) {
  follow(calls_, what);
  device_line::deliver(what, at);
}

void sio_device::push(std::string_view name, protocol::value data, client_position at) {
  if (gone_) return;
  metrics::add(metrics::counter::messages_sent);
  to_->send(socketio::push(main_namespace, name, std::move(data),
                           at == 0 ? std::string{} : std::to_string(at)));
}

void sio_device::reply(const ticket& to, protocol::value data) {
  if (gone_ || !to) return;
  protocol::value full{protocol::value::object{}};
  full.set("success", true);
  if (auto* members = data.as_object())
    for (auto& m : *members)
      if (m.name != "success") full.set(m.name, std::move(m.content));
  ack(to, std::move(full));
}

void sio_device::ack(const ticket& to, protocol::value data) {
  metrics::add(metrics::counter::messages_sent);
  to_->ack(std::string{main_namespace}, *to, {std::move(data)});
}

// Who asked for no acknowledgement hears of it as of any later fault.
void sio_device::refuse(const ticket& to, const failure& why) {
  if (gone_) return;
  if (!to) return tell_error(why);
  ack(to, protocol::refusal(why));
}

void sio_device::reply_pong(const ticket& to) {
  protocol::value data{protocol::value::object{}};
  data.set("time", protocol::rfc3339(from_.shared->now()));
  if (to) return reply(to, std::move(data));
  push("pong", std::move(data), 0);
}

void sio_device::tell_error(const failure& why) {
  protocol::value data{protocol::value::object{}}, details{protocol::value::object{}};
  if (!why.detail.empty()) details.set("detail", why.detail);
  if (why.retry_after_ms > 0) details.set("retry_after_ms", why.retry_after_ms);
  data.set("code", protocol::row_of(why.why).code)
      .set("message", protocol::text_of(why))
      .set("details", std::move(details));
  push("error", std::move(data), 0);
}

// What heals by itself closes the transport, and the client comes back and recovers; who has to
// stay away is told so first (a stock client does not come back after DISCONNECT).
void sio_device::end(errc why) {
  if (gone_) return;
  const bool returns = passes_by_itself(why);
  if (device_ && !returns) {
    if (why != errc::ok && why != errc::session_closed) tell_error({why, {}, 0});
    to_->disconnect(std::string{main_namespace});
  }
  gone_ = true;
  detach("closed");
  to_->close();
}

void sio_device::cut_now() {
  gone_ = true;
  to_->close();
}

void sio_device::on_goodbye() {
  if (!device_) {
    gone_ = true;
    return;
  }
  left();
  for (const auto& call : calls_)
    from_.shared->gateway().act(caller(), device_->device, call, request::hang_up{},
                                [](const outcome<answer::call_state>&) {});
  gone_ = true;
  detach("left");
}

void sio_device::on_lost(std::string_view why) {
  gone_ = true;
  detach(std::string{why});
}

} // namespace strowger::http
