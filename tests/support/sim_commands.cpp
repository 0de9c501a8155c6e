// The commands of a simulated client, and what their answers are held against.
#include "core/buggify.hpp"
#include "tests/support/sim_client.hpp"

namespace strowger::sim {
namespace {

// The same for the aggregate, when asking for what is already so is answered with success.
std::optional<call::command> as_command(const device_id& device, const subject_id& subject,
                                        const request::call_action& what) {
  using out = std::optional<call::command>;
  return std::visit(
      overloaded{[&](const request::answer&) -> out { return call::answer{device}; },
                 [&](const request::reject&) -> out { return call::decline{device}; },
                 [&](const request::hang_up&) -> out { return call::hang_up{device}; },
                 [&](const request::hold&) -> out { return call::hold{device}; },
                 [&](const request::unhold&) -> out { return call::unhold{device}; },
                 [&](const request::mute& x) -> out {
                   return call::mute{device, x.on};
                 },
                 [&](const request::dtmf&) -> out { return {}; },
                 [&](const request::transfer&) -> out { return {}; },
                 [&](const request::record& x) -> out {
                   return call::record{device, agent_id{}, false, x.what, x.consent};
                 },
                 [&](const request::cancel_transfer&) -> out { return {}; },
                 [&](const request::offer& x) -> out {
                   return call::send_offer{device, x.bridge, {subject, x.sdp}};
                 },
                 [&](const request::sdp_answer& x) -> out {
                   return call::send_answer{device, x.bridge, {subject, x.sdp}};
                 },
                 [&](const request::trickle& x) -> out {
                   return call::send_candidate{device,
                                               x.bridge,
                                               {subject,
                                                {x.what.candidate, x.what.mid.value_or(""),
                                                 static_cast<std::int32_t>(x.what.line)}}};
                 }},
      what);
}

errc why_of(const auto& outcome) {
  const auto* bad = std::get_if<failure>(&outcome);
  return bad == nullptr ? errc::ok : bad->why;
}

} // namespace

std::string sim_client::dial(const std::string& target) {
  outgoing what{fresh_command(), {}, request::dial{target, {}, {}, false}, 0};
  world_.threads.note({name_, "dials", target});
  pending_[what.id] = sent_[what.id] = what;
  send(what);
  return what.id;
}

std::string sim_client::act(const call_id& on, request::call_action action) {
  outgoing what{fresh_command(), on, std::move(action), world_.audit.version_of(who_.tenant, on)};
  world_.threads.note(
      {name_, "does", std::to_string(std::get<request::call_action>(what.what).index())});
  if (std::holds_alternative<request::answer>(std::get<request::call_action>(what.what)))
    world_.audit.races.asked(who_.tenant, on, command_name(what.id), device_);
  pending_[what.id] = sent_[what.id] = what;
  send(what);
  return what.id;
}

std::string sim_client::say(enum session_words::kind kind, std::string text) {
  outgoing what{fresh_command(), {}, session_words{kind, std::move(text), session_}, 0};
  world_.threads.note({name_, "says", std::to_string(static_cast<int>(kind))});
  pending_[what.id] = sent_[what.id] = what;
  send(what);
  return what.id;
}

void sim_client::repeat(const std::string& command) {
  if (const auto it = sent_.find(command); it != sent_.end()) send(it->second);
}

void sim_client::resend_pending() {
  const auto all = pending_;
  for (const auto& [id, what] : all) send(what);
}

void sim_client::send(const outgoing& what) {
  if (!connected_) return;
  const auto deliver = [this, link = link_, what] { command_on_server(link, what); };
  link_->to_server(deliver);
  if (buggify(point::command_arrives_twice)) link_->to_server(deliver);
  if (buggify(point::closed_by_the_network)) vanish();
}

void sim_client::command_on_server(const std::shared_ptr<sim_connection>& link,
                                   const outgoing& what) {
  if (const auto* words = std::get_if<session_words>(&what.what))
    return words_on_server(link, what.id, *words);
  auto& site = world_.site();
  const auto from = caller_on(link->lane(), what.id);
  const bool had_effect = world_.audit.has_call_command(who_.tenant, command_name(what.id));
  const auto dialled = [=, this, by = device_](outcome<answer::dialled> o) {
    const auto* good = std::get_if<answer::dialled>(&o);
    settle_call(what, by, link, had_effect, good ? good->call : call_id{}, why_of(o));
  };
  const auto acted = [=, this, by = device_](outcome<answer::call_state> o) {
    settle_call(what, by, link, had_effect, what.call, why_of(o));
  };
  const bool rest = kind_ == client_kind::rest;
  if (const auto* d = std::get_if<request::dial>(&what.what)) {
    if (rest) return site.session_dial(from, session_, *d, dialled);
    return site.dial(from, device_, *d, dialled);
  }
  const auto& action = std::get<request::call_action>(what.what);
  if (rest) return site.session_act(from, session_, what.call, action, acted);
  site.act(from, device_, what.call, action, acted);
}

void sim_client::settle_call(const outgoing& what, const device_id& by,
                             const std::shared_ptr<sim_connection>& link, bool had_effect,
                             const call_id& call, errc why) {
  const auto* action = std::get_if<request::call_action>(&what.what);
  const auto asked =
      action == nullptr ? std::nullopt : as_command(by, subject_id{who_.agent.value}, *action);
  if (why == errc::ok) {
    world_.audit.acknowledged(who_.tenant, call, command_name(what.id), asked ? &*asked : nullptr,
                              what.since);
  } else {
    world_.audit.refused(command_name(what.id), why, had_effect);
    if (asked)
      world_.audit.refused_justly(who_.tenant, call, command_name(what.id), *asked, what.since,
                                  why);
  }
  world_.audit.races.told(who_.tenant, call, command_name(what.id), by, why);
  world_.threads.note({name_, why == errc::ok ? "ok" : "refused", what.id,
                       std::to_string(static_cast<unsigned>(why))});
  if (buggify(point::answer_is_lost)) return link->close(errc::session_closed);
  link->reply([id = what.id, why](sim_client& c) { c.on_reply(id, why); });
}

void sim_client::words_on_server(const std::shared_ptr<sim_connection>& link,
                                 const std::string& command, const session_words& words) {
  auto& site = world_.site();
  const auto from = caller_on(link->lane(), command);
  const auto name = command_name(command);
  const bool had_effect = world_.audit.has_words(who_.tenant, words.session, name);
  const auto settled = [=, this, by = device_](errc why) {
    const bool answers = words.kind == session_words::kind::answer; // its call may still say no
    if (why == errc::ok)
      world_.audit.heard(who_.tenant, words.session, name, by, answers ? words.text : "");
    else if (!answers)
      world_.audit.refused(name, why, had_effect);
    world_.threads.note({name_, why == errc::ok ? "is heard" : "is not heard", command});
    link->reply([command, why](sim_client& c) { c.on_reply(command, why); });
  };
  const auto done = [settled](outcome<answer::done> o) { settled(why_of(o)); };
  const auto row = [settled](outcome<answer::session_row> o) { settled(why_of(o)); };
  switch (words.kind) {
  case session_words::kind::offer:
    return site.session_offer(from, words.session, words.text, row);
  case session_words::kind::answer:
    return site.session_answer(from, words.session, words.text, done);
  case session_words::kind::candidate:
    return site.session_candidate(from, words.session, {words.text, "0", 0}, done);
  }
}

void sim_client::subscribe() {
  if (!connected_ || kind_ != client_kind::websocket) return;
  link_->to_server([this, link = link_, device = device_] {
    world_.site().subscribe_presence(
        caller_on(link->lane(), {}), device, [link](outcome<std::vector<answer::extension_row>> o) {
          const auto* rows = std::get_if<std::vector<answer::extension_row>>(&o);
          if (rows == nullptr) return;
          link->reply([rows = *rows](sim_client& c) {
            c.subscribed_ = true;
            c.presence_.clear();
            for (const auto& r : rows) c.presence_[r.extension] = r.client_count;
          });
        });
  });
}

void sim_client::log_out() {
  if (!connected_ || kind_ != client_kind::websocket) return;
  world_.threads.note({name_, "logs out"});
  const auto old = caller_on(link_->lane(), {});
  who_.jti = "token of " + name_ + std::to_string(++sign_ins_);
  link_->to_server([this, link = link_, old] {
    world_.site().logout(old, [this, link, old](outcome<answer::done> o) {
      if (std::holds_alternative<answer::done>(o))
        world_.audit.revoked(old.who.tenant, old.who.jti);
    });
  });
}

void sim_client::heartbeat() {
  if (session_.empty() || !connected_) return;
  link_->to_server([this, link = link_, session = session_] {
    world_.site().heartbeat(caller_on(link->lane(), {}), session,
                            [this, session, sent = world_.threads.now()](outcome<answer::done> o) {
                              if (std::holds_alternative<answer::done>(o))
                                world_.audit.renewed(who_.tenant, session, sent);
                            });
  });
}

void sim_client::close_session() {
  if (kind_ != client_kind::rest || session_.empty() || !connected_) return;
  world_.threads.note({name_, "closes its session"});
  link_->to_server([this, link = link_, session = session_] {
    world_.site().close_session(caller_on(link->lane(), {}), session, [](outcome<answer::done>) {});
  });
}

} // namespace strowger::sim
