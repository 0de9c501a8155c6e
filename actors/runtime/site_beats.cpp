// Signs of life of those who have a seat: heartbeats, and devices that come.
#include "actors/runtime/seat_check.hpp"
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms seat_heard_ms = limits::seat_lease_ms / 3; // a heartbeat

} // namespace

// A sign-in speaks for its own session alone; a device of it may be named instead. A device that
// came without a sign-in speaks for the seat that it was given.
void site::heartbeat(const caller& c, const session_id& of, done<answer::done> how) {
  const auto& own = c.who.session;
  if (of == own) return renew_seat(c, own, how);
  if (own.empty())
    return hub_->post(
        [=, this] { renew_seat(c, seat_of_session(hub_->tenant(c.who.tenant), of), how); });
  with_session(c, of, [=, this](errc error, const session::state&, const caller&) {
    if (error != errc::ok) return reply_done(c, how, error);
    renew_seat(c, c.who.session, how);
  });
}

void site::renew_seat(const caller& c, const session_id& id, done<answer::done> how) {
  const auto renew = [=, this] {
    tell_session(
        c, id, [](const subject_id&) { return session::renew{}; },
        [=](errc error) { reply_done(c, how, error); });
  };
  engine_->inspect<session::spec>(
      c.who.tenant, id.value, [=, this](errc error, const session::state& s) {
        const bool open = error == errc::ok && s.exists && s.phase != session::phase::closed;
        if (!open || s.kind != session::session_kind::licensed) return renew();
        // Seats beyond the old lease are not lost before the new one is there.
        const bool away = options_.role == role::slave && !upstream_->agreed();
        const origin from{c.who.tenant, s.agent.value, {}, id.value, 0};
        engine_->send<license::spec>(
            license_of(c.who.tenant).value, license::confirm_seat{s.agent, id, away}, from,
            [=, this](const result<license::spec>& r) {
              const bool late = r.error == errc::ok && too_late(r.reply.until);
              if (r.error == errc::ok && !late) return renew();
              // Somebody else has it: it is not waited for. Calls go on, they hang on no license.
              if (r.error == errc::seat_lost)
                engine_->send<session::spec>(id.value, session::close{"seat_lost"}, from, {});
              reply_done(c, how, late ? errc::master_away : r.error);
            });
      });
}

// What a REST client asks for keeps the seat that its session came with, as a heartbeat does.
void site::keep_seat(const caller& c, const session_id& seat) {
  engine_->inspect<session::spec>(
      c.who.tenant, seat.value, [=, this](errc error, const session::state& s) {
        const bool open = error == errc::ok && s.exists && s.phase != session::phase::closed;
        const bool heard = parts_.time.now() - s.renewed_at < seat_heard_ms && s.lost_at == 0;
        if (!open || heard) return;
        caller owner = c; // an admin's request keeps the client's seat, too
        owner.who.agent = s.agent;
        owner.command = {};
        renew_seat(owner, seat, [](const outcome<answer::done>&) {});
      });
}

// The seats of REST sessions that came without a sign-in: whoever listens or speaks is there.
void site::keep_rest_seats() {
  for (const auto& [tenant, t] : hub_->world().tenants)
    for (const auto& [id, s] : t.sessions) {
      if (s.kind != session::session_kind::rest || s.seat.empty()) continue;
      const auto* seat = t.sessions.get(s.seat);
      if (seat == nullptr || seat->peer_connection != id.value) continue;
      if (hub_->live(tenant, s.device) == nullptr && !t.calls_of.contains(s.device)) continue;
      principal who;
      who.tenant = tenant;
      keep_seat({parts_.lanes.front(), who, {}}, s.seat);
    }
  parts_.publisher->post_after(seat_heard_ms, [this, weak = std::weak_ptr{links_}] {
    if (weak.lock()) keep_rest_seats();
  });
}

// Publisher's thread.
void site::seat_to_come(const caller& c, const agent_id& owner, const session_id& rest,
                        done<session_id> how) {
  const auto goes_on = [=](outcome<answer::done> o) {
    if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
    how(c.who.session);
  };
  if (!c.who.session.empty()) return heartbeat(c, c.who.session, goes_on);
  const auto& t = hub_->tenant(c.who.tenant);
  const auto s = t.agents.peek(owner);
  if (!s || !s->exists || s->gone || !agent::takes_seat(s->typology)) return how(session_id{});
  answer::identity who;
  who.agent = owner;
  who.tenant = c.who.tenant;
  who.extension = s->number.reveal();
  take_seat(c, std::move(who), rest, [=](outcome<answer::identity> o) {
    if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
    how(std::get<answer::identity>(o).session.value_or(session_id{}));
  });
}

} // namespace strowger::runtime
