// What a device says on its WebSocket, and the answers it gets.
#include "core/decision.hpp"
#include "http/ws_session.hpp"
#include "observe/metrics.hpp"
#include "protocol/describe.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http {

void ws_session::handle(std::string_view frame) {
  auto message = native::parse(how_, frame);
  if (const auto* why = std::get_if<failure>(&message.what)) return refuse(message.id, *why);
  // Calls that may not wait longer than they do must not keep those from ending that are there.
  const bool starts =
      std::holds_alternative<request::dial>(std::get<native::command>(message.what));
  const auto most = from_.shared->opt.commands_in_flight_max * (starts ? 1 : 2);
  if (in_flight_ >= most) return refuse(message.id, {errc::busy, {}, 1000});
  command_id command;
  if (message.given)
    command = *message.given;
  else if (message.id) // the same id on this connection is the same command
    command = command_id{device_->device.value + "/" + connection_id() + "/" +
                         std::to_string(*message.id)};
  run(message.id, {std::move(command), std::move(message.fingerprint)},
      std::get<native::command>(message.what));
}

void ws_session::refuse(const message_id& id, const failure& why) {
  if (why.why == errc::busy) metrics::add(metrics::counter::overload_refusals);
  enqueue(native::render_refusal(how_, id, why));
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
      self->refuse(id, *why);
    else
      self->enqueue(native::render_reply(self->how_, id, render(std::get<T>(out))));
  };
}

// The seat is confirmed as by a heartbeat; then the terms are told.
void ws_session::authenticate_license(const message_id& id) {
  const auto who = caller();
  const auto session = who.who.session.empty() ? device_->session : who.who.session;
  const auto tell = answers<answer::current_license>(id, [session](const auto& what) {
    auto out = protocol::rest::render_current(what);
    return out.set("session_id", session.value)
        .set("heartbeat_interval_s", limits::seat_lease_ms / 3000);
  });
  from_.shared->gateway().heartbeat(who, device_->session,
                                    [self = me(), who, tell](outcome<answer::done> out) {
                                      if (const auto* why = std::get_if<failure>(&out))
                                        return tell(*why);
                                      self->from_.shared->gateway().current_license(who, tell);
                                    });
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
          [&](native::authenticate_license&) { authenticate_license(id); },
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

} // namespace strowger::http
