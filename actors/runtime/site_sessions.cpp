// REST sessions (seed 004): the session keeps the browser's description and candidates; a reactor
// passes them on as soon as its device takes part in a call.
#include "actors/runtime/site.hpp"
#include "core/buggify.hpp"

namespace strowger::runtime {
namespace {

session::candidate to_session(const notice::candidate& c) {
  return {c.candidate, c.mid.value_or(""), static_cast<std::int32_t>(c.line)};
}
// The id is the authority of those who have no other. Who says who he is must be its owner.
errc may_use(const principal& who, const session::state& s) {
  return who.tokenless || who.admin() || who.agent == s.agent ? errc::ok
                                                              : errc::extension_not_owned;
}
call::trickled to_call(const personal<session::candidate>& c) {
  const auto& plain = c.reveal();
  return {c.subject(), call::candidate{plain.candidate, plain.mid, plain.line}};
}

} // namespace

void site::with_session(const caller& c, const session_id& id,
                        std::function<void(errc, const session::state&, const caller& as)> use) {
  engine_->inspect<session::spec>(
      c.who.tenant, id.value,
      [this, c, id, use = std::move(use)](errc error, const session::state& s) {
        if (error == errc::ok && !s.exists) error = errc::session_unknown;
        if (error == errc::ok && s.phase == session::phase::closed) error = errc::session_closed;
        if (error == errc::ok) error = may_use(c.who, s);
        // Command ids of those who give no name are their session's own.
        caller as = c;
        if (c.who.tokenless) as.who.number = s.device.value;
        // Any request keeps the session alive, and the seat that it has. A seat's own session is
        // kept by heartbeats, which ask the license first.
        if (error == errc::ok && s.kind != session::session_kind::licensed) {
          caller unnamed = as;
          unnamed.command = {};
          for (auto times = buggify(point::renewed_twice) ? 2 : 1; times > 0; --times)
            engine_->send<session::spec>(id.value, session::renew{}, origin_of(unnamed, id.value),
                                         {});
          if (!s.seat.empty()) keep_seat(unnamed, s.seat);
        }
        use(error, s, as);
      });
}

// A session that is over is for the aggregate to refuse: a retry must get its first outcome.
void site::tell_session(const caller& c, const session_id& id,
                        std::function<session::command(const subject_id&)> what,
                        std::function<void(errc)> told) {
  with_session(c, id, [=, this](errc error, const session::state& s, const caller& as) {
    if (error != errc::ok && error != errc::session_closed) return told(error);
    engine_->send<session::spec>(id.value, what(subject_id{s.agent.value}), origin_of(as, id.value),
                                 [told](const result<session::spec>& r) { told(r.error); });
  });
}

answer::session_row site::row_of(const tenant_id& tenant, const session_id& id,
                                 const session::state& s) {
  answer::session_row row;
  row.session = id;
  row.peer_connection = s.peer_connection;
  row.state = name_of(s.phase);
  row.created_at = instant{s.created_at};
  row.last_activity = instant{s.last_activity};
  if (s.peer_answer) row.answer = s.peer_answer->reveal();
  const auto& t = hub_->tenant(tenant);
  if (const auto it = t.extensions.find(s.extension); it != t.extensions.end())
    row.extension = it->second.number.reveal();
  return row;
}

struct site::opening {
  caller from;
  done<answer::session_row> how;
  session_id id;
  device_id device;
  session::open open;
  std::string user_agent;
  bool taken = false; // its seat, for this session, just now

  void fail(const failure& why) { reply<answer::session_row>(from, how, why); }
};

void site::open_session(const caller& c, request::open_session r, done<answer::session_row> how) {
  using out = answer::session_row;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!options_.webrtc_enabled) return reply<out>(c, how, failure{errc::feature_disabled, {}, 0});
  if (!c.who.tokenless && !c.who.admin() && c.who.number != r.extension)
    return reply<out>(c, how, failure{errc::extension_not_owned, r.extension, 0});
  if (!let_in(arrivals_, c, how)) return;
  hub_->post([=, this] {
    const auto extension = extension_of(c.who.tenant, r.extension);
    const auto* s = views::known_extension(hub_->tenant(c.who.tenant), extension);
    if (s == nullptr) return reply<out>(c, how, failure{errc::extension_unknown, r.extension, 0});
    auto o = std::make_shared<opening>();
    o->from = c;
    o->how = how;
    o->id = session_id{fresh_id(c, "session")};
    o->device = device_id{fresh_id(c, "rest-device") + (c.command.empty() ? "" : "d")};
    o->open = {extension,
               s->owner,
               o->device,
               session::session_kind::rest,
               fresh_id(c, "peer-connection"),
               options_.session_timeout_ms};
    o->user_agent = r.user_agent;
    seat_opening(o);
  });
}

// Whose agent needs a seat gets one, or is refused; a retry goes on with that of its first try.
void site::seat_opening(std::shared_ptr<opening> o) {
  const auto come = [=, this] {
    auto as = o->from;
    as.command = {};
    const auto given = as.who.session;
    seat_to_come(as, o->open.agent, o->id, [=, this](const outcome<session_id>& found) {
      if (const auto* bad = std::get_if<failure>(&found)) return o->fail(*bad);
      o->open.seat = std::get<session_id>(found);
      o->taken = o->open.seat != given;
      open_seated(o);
    });
  };
  if (o->from.command.empty()) return come();
  engine_->inspect<session::spec>(o->from.who.tenant, o->id.value,
                                  [=, this](errc error, const session::state& s) {
                                    if (error != errc::ok) return o->fail({error, {}, 0});
                                    if (!s.exists) return hub_->post(come);
                                    o->open.seat = s.seat;
                                    open_seated(o);
                                  });
}

// The session first: were it lost in between, its timeout cleans up.
void site::open_seated(std::shared_ptr<opening> o) {
  engine_->send<session::spec>(o->id.value, o->open, origin_of(o->from, o->id.value),
                               [=, this](const result<session::spec>& r) {
                                 const bool over =
                                     r.reply.phase == session::phase::closed; // a retry, too late
                                 if (r.error == errc::ok && !over) return attach_opened(o);
                                 if (o->taken) give_back(o->from.who.tenant, o->open.seat);
                                 o->fail({over ? errc::session_closed : r.error, {}, 0});
                               });
}

void site::attach_opened(std::shared_ptr<opening> o) {
  const extension::attach_device attach{o->device,
                                        o->id,
                                        extension::device_kind::rest,
                                        {subject_id{o->open.agent.value}, o->user_agent},
                                        0,
                                        false,
                                        o->open.seat};
  engine_->send<extension::spec>(
      o->open.extension.value, attach, origin_of(o->from, o->id.value),
      [=, this](const result<extension::spec>& r) {
        const bool no_use = r.error == errc::too_many_devices ||
                            r.error == errc::extension_unknown || o->from.command.empty();
        if (r.error != errc::ok && no_use) // a retry would not help; its seat goes with it
          engine_->send<session::spec>(o->id.value, session::close{"refused"},
                                       {o->from.who.tenant, "system/refused", {}, o->id.value, 0},
                                       {});
        if (r.error != errc::ok) return o->fail({r.error, {}, 0});
        with_session(o->from, o->id, [=, this](errc error, const session::state& s, const caller&) {
          // The same request came twice at once: the session has the seat of the other one.
          if (o->taken && s.seat != o->open.seat) give_back(o->from.who.tenant, o->open.seat);
          if (error != errc::ok) return o->fail({error, {}, 0});
          hub_->post([=, this] {
            reply<answer::session_row>(o->from, o->how, row_of(o->from.who.tenant, o->id, s));
          });
        });
      });
}

void site::session_get(const caller& c, const session_id& id, done<answer::session_row> how) {
  using out = answer::session_row;
  with_session(c, id, [=, this](errc error, const session::state& s, const caller&) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    hub_->post([=, this] { reply<out>(c, how, row_of(c.who.tenant, id, s)); });
  });
}

// What a client says is kept by its session; a reactor brings it to the call (reactors.cpp).
void site::session_offer(const caller& c, const session_id& id, std::string sdp,
                         done<answer::session_row> how) {
  tell_session(
      c, id,
      [=](const subject_id& of) {
        return session::set_offer{{of, sdp}};
      },
      [=, this](errc error) {
        if (error != errc::ok) return reply<answer::session_row>(c, how, failure{error, {}, 0});
        session_get(c, id, how);
      });
}

// On a session that rings, an answer answers the call. The session notes first which call that is:
// a retry must not answer another one.
void site::session_answer(const caller& c, const session_id& id, std::string sdp,
                          done<answer::done> how) {
  using out = answer::done;
  with_session(c, id, [=, this](errc error, const session::state& s, const caller& as) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    hub_->post([=, this, device = s.device, subject = subject_id{s.agent.value}] {
      const auto ringing = call_of(c.who.tenant, device, true);
      engine_->send<session::spec>(
          id.value, session::set_answer{{subject, sdp}, ringing.value_or(call_id{})},
          origin_of(as, id.value), [=, this](const result<session::spec>& r) {
            if (r.error != errc::ok) return reply<out>(c, how, failure{r.error, {}, 0});
            if (r.reply.answers.empty()) return reply<out>(c, how, out{});
            send_call(as, r.reply.answers, call::answer{device},
                      [=](outcome<answer::call_state> o) {
                        if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
                        how(out{});
                      });
          });
    });
  });
}

void site::session_candidate(const caller& c, const session_id& id, notice::candidate what,
                             done<answer::done> how) {
  tell_session(
      c, id,
      [plain = to_session(what)](const subject_id& of) {
        return session::add_candidate{{of, plain}};
      },
      [=](errc error) { reply_done(c, how, error); });
}

void site::session_dial(const caller& c, const session_id& id, request::dial r,
                        done<answer::dialled> how) {
  with_session(c, id, [=, this](errc error, const session::state& s, const caller& as) {
    if (error != errc::ok) return reply<answer::dialled>(c, how, failure{error, {}, 0});
    std::vector<call::trickled> candidates;
    for (const auto& one : s.candidates) candidates.push_back(to_call(one));
    place(as, s.device, r, s.offer, std::move(candidates), how);
  });
}

void site::session_act(const caller& c, const session_id& id, std::optional<call_id> call,
                       request::call_action action, done<answer::call_state> how) {
  using out = answer::call_state;
  with_session(c, id, [=, this](errc error, const session::state& s, const caller& as) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    hub_->post([=, this, device = s.device] {
      const auto which = call ? call : call_of(c.who.tenant, device, false);
      if (which) return act(as, device, *which, action, how);
      // Nothing to hang up is as good as hung up.
      if (std::holds_alternative<request::hang_up>(action)) return reply<out>(c, how, out{});
      reply<out>(c, how, failure{errc::call_unknown, {}, 0});
    });
  });
}

void site::sessions(const caller& c, done<std::vector<answer::session_row>> how) {
  hub_->post([=, this] {
    std::vector<answer::session_row> rows;
    for (const auto& [id, s] : hub_->tenant(c.who.tenant).sessions)
      if (s.kind == session::session_kind::rest && (c.who.admin() || s.agent == c.who.agent))
        rows.push_back(row_of(c.who.tenant, id, s));
    std::ranges::sort(rows, {}, &answer::session_row::session);
    reply<std::vector<answer::session_row>>(c, how, std::move(rows));
  });
}

void site::close_session(const caller& c, const session_id& id, done<answer::done> how) {
  tell_session(
      c, id, [](const subject_id&) { return session::remove{}; },
      [=](errc error) { reply_done(c, how, error); });
}

} // namespace strowger::runtime
