// REST sessions (seed 004): the session keeps the browser's description and candidates, and passes
// them on as soon as its device takes part in a call.
#include "actors/runtime/site.hpp"

namespace strowger::runtime {
namespace {

session::candidate to_session(const notice::candidate& c) {
  return {c.candidate, c.mid.value_or(""), static_cast<std::int32_t>(c.line)};
}
call::trickled to_call(const personal<session::candidate>& c) {
  const auto& plain = c.reveal();
  return {c.subject(), call::candidate{plain.candidate, plain.mid, plain.line}};
}

} // namespace

void site::with_session(const caller& c, const session_id& id,
                        std::function<void(errc, const session::state&)> use) {
  engine_->inspect<session::spec>(c.who.tenant, id.value,
                                  [use = std::move(use)](errc error, const session::state& s) {
                                    if (error == errc::ok && !s.exists)
                                      error = errc::session_unknown;
                                    if (error == errc::ok && s.phase == session::phase::closed)
                                      error = errc::session_closed;
                                    use(error, s);
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

void site::open_session(const caller& c, request::open_session r, done<answer::session_row> how) {
  using out = answer::session_row;
  if (!ready_) return reply<out>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!options_.webrtc_enabled) return reply<out>(c, how, failure{errc::feature_disabled, {}, 0});
  if (!c.who.tokenless && !c.who.admin() && c.who.number != r.extension)
    return reply<out>(c, how, failure{errc::extension_not_owned, r.extension, 0});
  hub_->post([=, this] {
    auto& t = hub_->tenant(c.who.tenant);
    const auto* s = views::extension_by_number(t, r.extension);
    if (s == nullptr) return reply<out>(c, how, failure{errc::extension_unknown, r.extension, 0});
    const auto extension = t.numbers.at(r.extension);
    const session_id id{fresh_id(c, "session")};
    const device_id device{fresh_id(c, "rest-device") + (c.command.empty() ? "" : "d")};
    session::open command{extension,
                          s->owner,
                          device,
                          session::session_kind::rest,
                          fresh_id(c, "peer-connection"),
                          options_.session_timeout_ms};
    extension::attach_device attach{
        device, id,   extension::device_kind::rest, {subject_id{s->owner.value}, r.user_agent},
        0,      false};
    // The session first: were it lost in between, its timeout cleans up.
    engine_->send<session::spec>(
        id.value, std::move(command), origin_of(c, id.value),
        [=, this](const result<session::spec>& opened) {
          if (opened.error != errc::ok) return reply<out>(c, how, failure{opened.error, {}, 0});
          engine_->send<extension::spec>(
              extension.value, attach, origin_of(c, id.value),
              [=, this](const result<extension::spec>& attached) {
                if (attached.error != errc::ok)
                  return reply<out>(c, how, failure{attached.error, {}, 0});
                session_get(c, id, how);
              });
        });
  });
}

void site::session_get(const caller& c, const session_id& id, done<answer::session_row> how) {
  using out = answer::session_row;
  with_session(c, id, [=, this](errc error, const session::state& s) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    hub_->post([=, this] { reply<out>(c, how, row_of(c.who.tenant, id, s)); });
  });
}

void site::session_offer(const caller& c, const session_id& id, std::string sdp,
                         done<answer::session_row> how) {
  using out = answer::session_row;
  const auto subject = subject_of(c);
  engine_->send<session::spec>(id.value, session::set_offer{{subject, sdp}}, origin_of(c, id.value),
                               [=, this](const result<session::spec>& r) {
                                 if (r.error != errc::ok)
                                   return reply<out>(c, how, failure{r.error, {}, 0});
                                 hub_->post([=, this] {
                                   const auto call = call_of(c.who.tenant, r.reply.device, false);
                                   if (!call) return session_get(c, id, how);
                                   send_call(c, *call,
                                             call::send_offer{r.reply.device, 0, {subject, sdp}},
                                             [=, this](outcome<answer::call_state> o) {
                                               if (const auto* bad = std::get_if<failure>(&o))
                                                 return how(*bad);
                                               session_get(c, id, how);
                                             });
                                 });
                               });
}

// On a session that rings, an answer answers the call: the call decides first, the session records.
void site::session_answer(const caller& c, const session_id& id, std::string sdp,
                          done<answer::done> how) {
  using out = answer::done;
  const auto subject = subject_of(c);
  auto record = [=, this] {
    engine_->send<session::spec>(id.value, session::set_answer{{subject, sdp}},
                                 origin_of(c, id.value), [=](const result<session::spec>& r) {
                                   if (r.error != errc::ok)
                                     return reply<out>(c, how, failure{r.error, {}, 0});
                                   reply<out>(c, how, out{});
                                 });
  };
  // What the session kept while its device rang belongs to the caller now, after the answer.
  auto pass_candidates = [=, this](const call_id& call, const device_id& device,
                                   const std::vector<call::trickled>& kept) {
    if (kept.empty()) return record();
    auto left = std::make_shared<std::atomic<std::size_t>>(kept.size());
    auto from = origin_of(c, call.value);
    from.command = {};
    for (const auto& one : kept)
      engine_->send<call::spec>(call.value, call::send_candidate{device, 0, one}, from,
                                [left, record](const result<call::spec>&) {
                                  if (--*left == 0) record();
                                });
  };
  auto pass_on = [=, this](const call_id& call, const device_id& device,
                           const std::vector<call::trickled>& kept) {
    send_call(c, call, call::send_answer{device, 0, {subject, sdp}},
              [=](outcome<answer::call_state> o) {
                const auto* bad = std::get_if<failure>(&o);
                // A call without an offer yet: the answer is kept in the session.
                if (bad != nullptr && bad->why != errc::no_peer_yet) return how(*bad);
                pass_candidates(call, device, kept);
              });
  };
  with_session(c, id, [=, this](errc error, const session::state& s) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    std::vector<call::trickled> kept;
    for (const auto& one : s.candidates) kept.push_back(to_call(one));
    hub_->post([=, this, device = s.device] {
      const auto ringing = call_of(c.who.tenant, device, true);
      const auto current = ringing ? ringing : call_of(c.who.tenant, device, false);
      if (!current) return record();
      if (!ringing) return pass_on(*current, device, {});
      auto first = c;
      if (!first.command.empty()) first.command = command_id{c.command.value + "/answer"};
      send_call(first, *ringing, call::answer{device}, [=](outcome<answer::call_state> o) {
        if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
        pass_on(*ringing, device, kept);
      });
    });
  });
}

void site::session_candidate(const caller& c, const session_id& id, notice::candidate what,
                             done<answer::done> how) {
  using out = answer::done;
  const auto subject = subject_of(c);
  const auto plain = to_session(what);
  engine_->send<session::spec>(
      id.value, session::add_candidate{{subject, plain}}, origin_of(c, id.value),
      [=, this](const result<session::spec>& r) {
        if (r.error != errc::ok) return reply<out>(c, how, failure{r.error, {}, 0});
        hub_->post([=, this] {
          const auto call = call_of(c.who.tenant, r.reply.device, false);
          if (!call || call_of(c.who.tenant, r.reply.device, true) == call)
            return reply<out>(c, how, out{}); // kept in the session until it has answered
          send_call(c, *call,
                    call::send_candidate{
                        r.reply.device, 0, {subject, {plain.candidate, plain.mid, plain.line}}},
                    [=](outcome<answer::call_state> o) {
                      if (const auto* bad = std::get_if<failure>(&o)) return how(*bad);
                      how(out{});
                    });
        });
      });
}

void site::session_dial(const caller& c, const session_id& id, request::dial r,
                        done<answer::dialled> how) {
  with_session(c, id, [=, this](errc error, const session::state& s) {
    if (error != errc::ok) return reply<answer::dialled>(c, how, failure{error, {}, 0});
    std::vector<call::trickled> candidates;
    for (const auto& one : s.candidates) candidates.push_back(to_call(one));
    place(c, s.device, r, s.offer, std::move(candidates), how);
  });
}

void site::session_act(const caller& c, const session_id& id, std::optional<call_id> call,
                       request::call_action action, done<answer::call_state> how) {
  using out = answer::call_state;
  with_session(c, id, [=, this](errc error, const session::state& s) {
    if (error != errc::ok) return reply<out>(c, how, failure{error, {}, 0});
    hub_->post([=, this, device = s.device] {
      const auto which = call ? call : call_of(c.who.tenant, device, false);
      if (which) return act(c, device, *which, action, how);
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
    reply<std::vector<answer::session_row>>(c, how, std::move(rows));
  });
}

void site::close_session(const caller& c, const session_id& id, done<answer::done> how) {
  engine_->send<session::spec>(id.value, session::close{"deleted"}, origin_of(c, id.value),
                               [=](const result<session::spec>& r) {
                                 if (r.error != errc::ok)
                                   return reply<answer::done>(c, how, failure{r.error, {}, 0});
                                 reply<answer::done>(c, how, answer::done{});
                               });
}

void site::heartbeat(const caller& c, const session_id& of, done<answer::done> how) {
  // A socket of a licensed sign-in speaks for the session that holds the seat.
  const auto id = c.who.session.empty() ? of : c.who.session;
  engine_->send<session::spec>(id.value, session::renew{}, origin_of(c, id.value),
                               [=](const result<session::spec>& r) {
                                 if (r.error != errc::ok)
                                   return reply<answer::done>(c, how, failure{r.error, {}, 0});
                                 reply<answer::done>(c, how, answer::done{});
                               });
}

} // namespace strowger::runtime
