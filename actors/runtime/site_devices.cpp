// Devices: a live connection becomes a device of an extension, leaves, and comes back.
#include "actors/runtime/seat_check.hpp"
#include "actors/runtime/site.hpp"
#include "core/buggify.hpp"
#include "core/planted.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {

struct site::attachment {
  caller from;
  std::shared_ptr<device_sink> sink;
  done<answer::attached> how;
  std::string number;
  extension_id extension;
  agent_id owner;
  device_id device;
  session_id session;
  extension::device_kind kind{};
  std::string user_agent;
  bool resume = false;
  session_id seat;                     // that it comes with
  bool taken = false;                  // for this device, just now
  bool stream = false;                 // of a REST session's device
  std::optional<client_position> seen; // set: the client says what it has handled

  void fail(errc why, const std::string& detail = {}) {
    reply<answer::attached>(from, how, failure{why, detail, 0});
  }
};

void site::attach(const caller& c, request::attach r, std::shared_ptr<device_sink> sink,
                  done<answer::attached> how) {
  auto a = std::make_shared<attachment>();
  a->from = c;
  a->sink = std::move(sink);
  a->how = std::move(how);
  if (r.extension == "*43") { // the echo end belongs to the caller's own extension
    r.echo = true;
    r.extension = c.who.number;
  }
  a->number = r.extension;
  a->user_agent = r.user_agent;
  a->kind = r.echo       ? extension::device_kind::echo
            : r.socketio ? extension::device_kind::socketio
                         : extension::device_kind::websocket;
  if (!ready_) return a->fail(errc::hub_not_available);
  if (!c.who.tokenless && !c.who.admin() && c.who.number != r.extension)
    return a->fail(errc::extension_not_owned, r.extension);
  if (!let_in(arrivals_, c, a->how)) return;
  if (r.resume && parse_resume(c.who.tenant, r.extension, *r.resume, a->device, a->session)) {
    a->resume = true;
    a->seen = r.position;
  }
  hub_->post([this, a, wanted_resume = r.resume.has_value()] {
    const auto& t = hub_->tenant(a->from.who.tenant);
    a->extension = extension_of(a->from.who.tenant, a->number);
    const auto* s = views::known_extension(t, a->extension);
    if (s == nullptr) return a->fail(errc::extension_unknown, a->number);
    a->owner = s->owner;
    if (a->resume && !t.devices.contains(a->device)) a->resume = false; // forgotten meanwhile
    if (!a->resume && seat_is_over(t, a->from.who)) return a->fail(errc::session_closed);
    // A client that wanted to resume and cannot is told so, with a snapshot.
    if (wanted_resume && !a->resume) a->seen = 0;
    bring_seat(a);
  });
}

// Whose agent needs a seat comes with one, or is refused; who resumes goes on with its calls
// whatever becomes of the seat. Publisher's thread.
void site::bring_seat(std::shared_ptr<attachment> a) {
  if (a->kind == extension::device_kind::echo) return attach_device(a);
  const auto& t = hub_->tenant(a->from.who.tenant);
  auto as = a->from;
  as.command = {};
  const auto before = a->resume ? seat_of(t, a->device) : session_id{};
  if (a->resume && as.who.session.empty()) {
    if (before.empty()) return attach_device(a); // it needed none
    if (t.sessions.contains(before)) as.who.session = before;
  }
  seat_to_come(as, a->owner, {}, [=, this, given = as.who.session](outcome<session_id> o) {
    if (const auto* bad = std::get_if<failure>(&o)) {
      if (!a->resume) return reply<answer::attached>(a->from, a->how, *bad);
      a->seat = given.empty() ? before : given;
    } else {
      a->seat = std::get<session_id>(o);
      a->taken = a->seat != given;
    }
    attach_device(a);
  });
}

void site::attach_device(std::shared_ptr<attachment> a) {
  if (!a->resume) {
    a->device = device_id{parts_.ids.random()};
    a->session = session_id{parts_.ids.random()};
  }
  extension::attach_device command{a->device,
                                   a->session,
                                   a->kind,
                                   {subject_id{a->owner.value}, a->user_agent},
                                   options_.device_grace_ms,
                                   a->resume,
                                   a->seat};
  auto from = origin_of(a->from, a->device.value);
  from.command = {};
  if (buggify(point::attachment_sent_twice))
    engine_->send<extension::spec>(a->extension.value, command, from, {});
  engine_->send<extension::spec>(a->extension.value, std::move(command), std::move(from),
                                 [this, a](const result<extension::spec>& r) {
                                   if (r.error == errc::device_unknown &&
                                       a->resume) { // its grace ended just now
                                     a->resume = false;
                                     return hub_->post([this, a] { bring_seat(a); });
                                   }
                                   if (r.error != errc::ok) {
                                     give_back(*a);
                                     return a->fail(r.error);
                                   }
                                   if (a->resume) return join(a);
                                   open_attached(a);
                                 });
}

void site::give_back(const attachment& a) {
  if (a.taken) give_back(a.from.who.tenant, a.seat);
}
void site::give_back(const tenant_id& tenant, const session_id& seat) {
  engine_->send<session::spec>(seat.value, session::close{"refused"},
                               {tenant, "system/refused", {}, seat.value, 0}, {});
}

void site::open_attached(std::shared_ptr<attachment> a) {
  session::open command{a->extension, a->owner, a->device, session::session_kind::websocket,
                        {},           0,        a->seat};
  auto from = origin_of(a->from, a->device.value);
  from.command = {};
  engine_->send<session::spec>(
      a->session.value, std::move(command), std::move(from),
      [this, a](const result<session::spec>& r) {
        if (r.error == errc::ok) return join(a);
        // Nobody will come back to this device.
        engine_->send<extension::spec>(
            a->extension.value, extension::forget_device{a->device, "refused", a->session},
            {a->from.who.tenant, "system/refused", {}, a->device.value, 0}, {});
        give_back(*a);
        a->fail(r.error);
      });
}

void site::join(std::shared_ptr<attachment> a) {
  if (buggify(point::join_is_late))
    return parts_.publisher->post_after(300, [this, a] { join(a); });
  hub_->post([this, a] {
    // Forgotten between its attachment and now (a logout): nobody may stay on the line as a device
    // that no longer exists.
    if (!hub_->tenant(a->from.who.tenant).devices.contains(a->device) &&
        !planted(bug::forgotten_device_joins)) {
      if (!a->resume) {
        give_back(*a);
        return a->fail(errc::session_closed);
      }
      a->resume = false;
      a->seen = 0;
      return bring_seat(a);
    }
    const auto now = parts_.time.now();
    live_device connection{a->sink, a->extension, now, now, a->from.who.jti};
    hub_->join(
        a->from.who.tenant, a->device, std::move(connection), a->seen, [&](const hub::joined& j) {
          log::info("Client registered: " + a->device.value + " (extension: " + a->number + ")");
          reply<answer::attached>(
              a->from, a->how,
              answer::attached{a->number, a->device, a->session,
                               resume_token(a->from.who.tenant, a->number, a->device, a->session),
                               j.position, j.resumed, j.calls});
        });
    if (a->stream) // after the news of the loss of the one before
      engine_->send<session::spec>(
          a->session.value, session::keep_line{},
          {a->from.who.tenant, "system/connection", {}, a->device.value, 0}, {});
  });
}

void site::attach(const caller& c, request::attach_session r, std::shared_ptr<device_sink> sink,
                  done<answer::attached> how) {
  auto a = std::make_shared<attachment>();
  a->from = c;
  a->sink = std::move(sink);
  a->how = std::move(how);
  a->session = r.session;
  a->seen = r.position;
  a->stream = true;
  if (!ready_) return a->fail(errc::hub_not_available);
  if (arrivals_->at.full()) return a->fail(errc::busy);
  with_session(c, r.session, [this, a](errc error, const session::state& s, const caller&) {
    if (error != errc::ok) return a->fail(error);
    a->device = s.device;
    a->extension = s.extension;
    hub_->post([this, a] {
      const auto& t = hub_->tenant(a->from.who.tenant);
      const auto it = t.extensions.find(a->extension);
      if (it == t.extensions.end()) return a->fail(errc::extension_unknown);
      a->number = it->second.number.reveal();
      join(a);
    });
  });
}

void site::detach(const tenant_id& tenant, const device_id& device, const device_sink* sink,
                  std::string reason) {
  hub_->post([=, this] {
    const auto* connection = hub_->live(tenant, device);
    const auto extension = connection != nullptr ? connection->extension : extension_id{};
    if (!hub_->leave(tenant, device, sink)) return;
    const auto& t = hub_->tenant(tenant);
    const auto* of = t.extensions.get(extension);
    log::info("Client unregistered: " + device.value +
                  " (extension: " + (of != nullptr ? of->number.reveal() : std::string{}) + ")",
              {{"reason", reason}});
    const auto it = t.devices.find(device);
    if (it == t.devices.end()) return;
    const auto& s = t.extensions.at(it->second);
    // A REST session's device stays: only its event channel went.
    if (const auto d = s.devices.find(device);
        d != s.devices.end() && d->second.kind == extension::device_kind::rest) {
      if (!d->second.seat.empty())
        engine_->send<session::spec>(d->second.session.value, session::lose_line{},
                                     {tenant, "system/connection", {}, device.value, 0}, {});
      return;
    }
    const extension::detach_device lost{device, reason, node_};
    const origin from{tenant, "system/connection", {}, device.value, 0};
    if (buggify(point::detachment_sent_twice))
      engine_->send<extension::spec>(it->second.value, lost, from, {});
    engine_->send<extension::spec>(it->second.value, lost, from, {});
  });
}

void site::seen(const tenant_id& tenant, const device_id& device) {
  hub_->post([=, this] {
    if (auto* connection = hub_->live(tenant, device)) connection->seen_at = parts_.time.now();
  });
}

void site::subscribe_presence(const caller& c, const device_id& device,
                              done<std::vector<answer::extension_row>> how) {
  hub_->post([=, this] {
    hub_->watch_presence(c.who.tenant, device);
    reply<std::vector<answer::extension_row>>(c, how, hub_->rows_of(c.who.tenant, false));
  });
}

} // namespace strowger::runtime
