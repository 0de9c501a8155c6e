// Signs of life of those who have a seat: heartbeats, and devices that come.
#include "actors/runtime/seat_check.hpp"
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {

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

// Publisher's thread.
void site::seat_to_come(const caller& c, const agent_id& owner, done<session_id> how) {
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
  take_seat(c, std::move(who), [=](outcome<answer::identity> o) {
    if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
    how(std::get<answer::identity>(o).session.value_or(session_id{}));
  });
}

} // namespace strowger::runtime
