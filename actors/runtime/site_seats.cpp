// Seats: taken by a sign-in, kept by heartbeats, and who holds which.
#include "actors/runtime/site_roles.hpp"

namespace strowger::runtime {
namespace {

constexpr int asks_for_a_seat = 3; // others may have to give some back first
constexpr int unanswered = -1;     // the master does not answer: as if it were away
constexpr duration_ms others_give_back_ms = 300;

bool out_of_seats(errc why) { return why == errc::user_limit_reached || why == errc::master_away; }

} // namespace

// The session first: it ends by itself when nobody renews it, and with it the seat.
void site::take_seat(const caller& c, answer::identity who, const session_id& rest,
                     done<answer::identity> how) {
  using out = answer::identity;
  const session_id id{parts_.ids.random()};
  const auto extension = extension_of(who.tenant, who.extension);
  const origin from{who.tenant, who.agent.value, {}, id.value, 0};
  const auto lease = rest.empty() ? limits::seat_lease_ms
                                  : std::max(options_.session_timeout_ms, limits::seat_lease_ms);
  session::open command{extension,  who.agent, {}, session::session_kind::licensed,
                        rest.value, lease,     {}, rest.empty() ? options_.device_grace_ms : 0};
  engine_->send<session::spec>(id.value, std::move(command), from,
                               [=, this](const result<session::spec>& opened) {
                                 if (opened.error != errc::ok)
                                   return reply<out>(c, how, failure{opened.error, {}, 0});
                                 const bool may_ask = options_.role != role::standalone;
                                 take_seat_for(c, who, id, may_ask ? asks_for_a_seat : 0, how);
                               });
}

void site::take_seat_for(const caller& c, answer::identity who, const session_id& id, int asks,
                         done<answer::identity> how) {
  using out = answer::identity;
  const origin from{who.tenant, who.agent.value, {}, id.value, 0};
  engine_->send<license::spec>(
      license_of(who.tenant).value,
      license::take_seat{who.agent, id, !master_near() || asks == unanswered}, from,
      [=, this](const result<license::spec>& taken) mutable {
        if (out_of_seats(taken.error) && asks > 0 && master_near())
          return ask_for_seat(c, who, id, asks, how);
        auto why = taken.error;
        if (why == errc::ok && too_late(taken.reply.until)) why = errc::master_away;
        if (why == errc::license_unknown) why = errc::feature_not_licensed; // not even that
        if (why != errc::ok) return refuse_seat(c, who, id, why, how);
        who.session = id;
        who.license = answer::license_info{taken.reply.plan, taken.reply.max_users,
                                           taken.reply.webrtc_max_users, taken.reply.used};
        reply<out>(c, how, who);
      });
}

// The session's end says why: its receipt is there before the answer is.
void site::refuse_seat(const caller& c, const answer::identity& who, const session_id& id, errc why,
                       done<answer::identity> how) {
  const auto code = license::code_of(why);
  engine_->send<session::spec>(id.value, session::close{"refused", code},
                               {who.tenant, who.agent.value, {}, id.value, 0},
                               [=](const result<session::spec>& r) {
                                 failure out{why, {}, why == errc::master_away ? 1000 : 0};
                                 if (r.error == errc::ok && !code.empty()) {
                                   out.receipt = "/api/sessions/" + id.value + "/receipt";
                                   if (who.tenant != tenant_id{"default"})
                                     out.receipt += "?tenant=" + who.tenant.value;
                                 }
                                 reply<answer::identity>(c, how, std::move(out));
                               });
}

void site::ask_for_seat(const caller& c, answer::identity who, const session_id& id, int asks,
                        done<answer::identity> how) {
  if (options_.role == role::master) { // slaves may have seats that nobody uses
    hub_->post([=, this] { links_->recall(license_of(who.tenant), {}); });
    return parts_.publisher->post_after(others_give_back_ms,
                                        [=, this] { take_seat_for(c, who, id, asks - 1, how); });
  }
  upstream_->more_seats([=, this](errc why) {
    const auto left = why == errc::ok ? asks - 1 : why == errc::master_away ? unanswered : 0;
    const auto again = [=, this] { take_seat_for(c, who, id, left, how); };
    if (asks == asks_for_a_seat) return again();
    parts_.publisher->post_after(others_give_back_ms, again);
  });
}

bool site::master_near() const { return options_.role != role::slave || upstream_->near(); }

// A lease that has ended meanwhile: the seat may be somebody else's by now.
bool site::too_late(time_ms until) const { return until != never && parts_.time.now() >= until; }

void site::license_seats(const caller& c, const license_id& id, done<answer::license_seats> how) {
  using out = answer::license_seats;
  hub_->post([=, this] {
    const auto& t = hub_->tenant(c.who.tenant);
    const auto* s = known_license(c.who.tenant, id);
    if (s == nullptr) return reply<out>(c, how, failure{errc::license_unknown, id.value, 0});
    out rows;
    rows.webrtc_max_users = s->webrtc_max_users;
    add_seats_here(t, *s, rows);
    for (const auto& [slave, theirs] : t.slaves)
      if (theirs.license == id) links_->add_slave(*s, slave, theirs, rows);
    rows.active_sessions = static_cast<std::uint32_t>(rows.sessions.size());
    std::ranges::sort(rows.sessions, {}, [](const auto& row) {
      return std::pair{row.created_at.at, row.session.value};
    });
    std::ranges::sort(rows.slaves, {}, &answer::slave_row::slave);
    std::ranges::sort(rows.debts, {}, [](const auto& row) { return row.at.at; });
    reply<out>(c, how, std::move(rows));
  });
}

void site::add_seats_here(const views::tenant_world& t, const license::state& s,
                          answer::license_seats& to) {
  for (const auto& [holder, mine] : s.held)
    for (const auto& session : mine.sessions) {
      answer::seat_row row;
      row.session = session;
      row.agent = holder;
      if (const auto who = t.agents.peek(holder)) {
        row.username = who->username.reveal();
        row.extension = who->number.reveal();
      }
      row.created_at = instant{mine.since};
      if (const auto* open = t.sessions.get(session); open != nullptr) {
        row.created_at = instant{open->created_at};
        row.last_heartbeat = instant{open->last_activity};
      }
      if (const auto* at = t.seat_at.get(session); at != nullptr) row.proof = *at;
      row.overdrawn = mine.overdrawn;
      to.sessions.push_back(std::move(row));
    }
}

} // namespace strowger::runtime
