#include "http/device_line.hpp"

#include "core/decision.hpp"
#include "observe/metrics.hpp"
#include "protocol/describe.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http {

// What the door says to this connection: weak, because the door may keep it for longer.
class line_mouth final : public device_mouth {
public:
  line_mouth(std::weak_ptr<line> to, std::shared_ptr<lane> on) :
      to_(std::move(to)), lane_(std::move(on)) {}

  void say(std::string name, protocol::value data) override {
    lane_->post([to = to_, name = std::move(name), data = std::move(data)]() mutable {
      if (const auto alive = std::static_pointer_cast<device_line>(to.lock()))
        alive->push(name, std::move(data), 0);
    });
  }

private:
  const std::weak_ptr<line> to_;
  const std::shared_ptr<lane> lane_;
};

void device_line::arrived() {
  if (door() == nullptr) return;
  mouth_ = std::make_shared<line_mouth>(weak_from_this(), from_.on);
  door()->device_here(caller(), *device_, mouth_);
}

void device_line::on_detached() {
  if (const auto mouth = std::exchange(mouth_, nullptr))
    door()->device_gone(from_.who.tenant, device_->device, mouth.get(), left_);
}

void device_line::deliver(const notice::any& what, client_position at) {
  auto data = native::data_of(what);
  const auto name = native::name_of(what);
  if (door() != nullptr) door()->decorate(from_.who.tenant, *device_, name, data);
  push(name, std::move(data), at);
}

void device_line::take(native::message message) {
  if (const auto* why = std::get_if<failure>(&message.what)) return refuse(message.id, *why);
  // Calls that may not wait longer than they do must not keep those from ending that are there.
  const bool starts =
      std::holds_alternative<request::dial>(std::get<native::command>(message.what));
  const auto most = from_.shared->opt.commands_in_flight_max * (starts ? 1 : 2);
  if (in_flight_ >= most) {
    metrics::add(metrics::counter::overload_refusals);
    return refuse(message.id, {errc::busy, {}, 1000});
  }
  command_id command;
  if (message.given)
    command = *message.given;
  else if (message.id) // the same id on this connection is the same command
    command = command_id{device_->device.value + "/" + connection_id() + "/" +
                         std::to_string(*message.id)};
  auto fingerprint = std::move(message.fingerprint);
  run(message, {std::move(command), std::move(fingerprint)});
}

const std::string& device_line::connection_id() {
  if (connection_id_.empty()) connection_id_ = from_.shared->opt.new_id();
  return connection_id_;
}

template <class T, class Render>
runtime::done<T> device_line::answers(const ticket& to, Render render) {
  ++in_flight_;
  return [self = me(), to, render](outcome<T> out) {
    --self->in_flight_;
    if (const auto* why = std::get_if<failure>(&out)) {
      if (why->why == errc::busy) metrics::add(metrics::counter::overload_refusals);
      return self->refuse(to, *why);
    }
    self->reply(to, render(std::get<T>(out)));
  };
}

// What media has set aside for this call goes with it, or is let go.
template <class T, class Render>
runtime::done<T> device_line::with_media_after(const std::shared_ptr<device_line>& self,
                                               const ticket& to, const media_door::set_aside& aside,
                                               Render render) {
  const auto tell =
      self->answers<protocol::value>(to, [](const protocol::value& ack) { return ack; });
  return [self, aside, render, tell](outcome<T> out) {
    const auto* why = std::get_if<failure>(&out);
    protocol::value ack{protocol::value::object{}};
    call_id call;
    if (why == nullptr) {
      const auto& done = std::get<T>(out);
      call = done.call;
      ack = render(done);
    }
    if (auto* door = self->door())
      door->after_call_command(self->caller(), *self->device_, aside, call, ack);
    if (why != nullptr) return tell(*why);
    tell(std::move(ack));
  };
}

void device_line::with_media(const native::message& message,
                             std::function<void(const media_door::set_aside&)> go) {
  if (door() == nullptr) return go({});
  ++in_flight_;
  door()->before_call_command(caller(), *device_, message.type, message.data,
                              [self = me(), to = message.id,
                               go = std::move(go)](const outcome<media_door::set_aside>& aside) {
                                --self->in_flight_;
                                if (const auto* why = std::get_if<failure>(&aside))
                                  return self->refuse(to, *why);
                                go(std::get<media_door::set_aside>(aside));
                              });
}

// The seat is confirmed as by a heartbeat; then the terms are told.
void device_line::authenticate_license(const ticket& to) {
  const auto who = caller();
  const auto session = who.who.session.empty() ? device_->session : who.who.session;
  const auto tell = answers<answer::current_license>(to, [session](const auto& what) {
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

void device_line::dial(const native::message& message, named_command command, request::dial what) {
  with_media(message, [self = me(), to = message.id,
                       who = caller(std::move(command.id), std::move(command.fingerprint)),
                       what = std::move(what)](const media_door::set_aside& aside) mutable {
    what.relayed = aside.relayed;
    const auto tell =
        with_media_after<answer::dialled>(self, to, aside, [self](const answer::dialled& out) {
          self->dialled(out.call);
          return native::reply_data(out);
        });
    self->from_.shared->gateway().dial(who, self->device_->device, what, tell);
  });
}

void device_line::act(const native::message& message, named_command command, native::in_call what) {
  const auto render = [](const answer::call_state& out) { return native::reply_data(out); };
  const auto who = caller(std::move(command.id), std::move(command.fingerprint));
  if (!std::holds_alternative<request::answer>(what.what))
    return from_.shared->gateway().act(who, device_->device, what.call, std::move(what.what),
                                       answers<answer::call_state>(message.id, render));
  with_media(message, [self = me(), to = message.id, who, render,
                       call = what.call](const media_door::set_aside& aside) {
    self->from_.shared->gateway().act(
        who, self->device_->device, call, request::answer{},
        with_media_after<answer::call_state>(self, to, aside, render));
  });
}

void device_line::ask_media(native::message& message, named_command command) {
  if (door() == nullptr) return refuse(message.id, {errc::media_unavailable, {}, 0});
  if (!door()->knows(message.type))
    return refuse(message.id, {errc::unknown_message, message.type, 0});
  door()->ask(caller(std::move(command.id), std::move(command.fingerprint)), *device_, message.type,
              std::move(message.data),
              answers<protocol::value>(message.id, [](const protocol::value& ack) { return ack; }));
}

void device_line::run(native::message& message, named_command command) {
  auto& gateway = from_.shared->gateway();
  const auto& to = message.id;
  const auto nothing = [](const answer::done&) { return protocol::value{}; };
  std::visit(
      overloaded{
          [&](native::ping&) { reply_pong(to); },
          [&](native::heartbeat&) {
            gateway.heartbeat(caller(), device_->session, answers<answer::done>(to, nothing));
          },
          [&](native::authenticate_license&) { authenticate_license(to); },
          [&](native::logout&) {
            gateway.logout(caller(std::move(command.id), std::move(command.fingerprint)),
                           answers<answer::done>(to, [self = me(), nothing](const answer::done& d) {
                             self->left();
                             self->from_.on->post([self] { self->end(errc::ok); });
                             return nothing(d);
                           }));
          },
          [&](native::subscribe_presence&) {
            using rows = std::vector<answer::extension_row>;
            gateway.subscribe_presence(caller(), device_->device,
                                       answers<rows>(to, [](const rows& found) {
                                         protocol::value out{protocol::value::object{}};
                                         return out.set("extensions", protocol::to_value(found));
                                       }));
          },
          [&](native::media&) { ask_media(message, std::move(command)); },
          [&](request::dial& x) { dial(message, std::move(command), std::move(x)); },
          [&](native::in_call& x) { act(message, std::move(command), std::move(x)); }},
      std::get<native::command>(message.what));
}

} // namespace strowger::http
