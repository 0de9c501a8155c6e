#include "actors/reactors/reactors.hpp"

#include "core/planted.hpp"

#include <algorithm>

namespace strowger::reactors {

namespace {

using commands = std::vector<derived>;

constexpr std::string_view forgotten = "device_forgotten";
constexpr std::string_view unheard = "line_lost";
constexpr std::string_view back = "line_back";
constexpr std::string_view closed = "session_closed";
constexpr std::string_view own_seat = "seat_of_session";
constexpr std::string_view answered = "call_answer";
constexpr std::string_view kept = "session_words";

// Nobody is behind this device any more: its calls must not wait for it.
void lose_calls(commands& out, std::string_view reactor, const device_id& device,
                const facts& known) {
  for (const auto& id : known.calls_of(device))
    out.push_back({reactor, call::spec::kind, id.value, call::command{call::lose_device{device}}});
}

// That somebody of this extension who came with the seat is there. A REST client is, until the
// stream that it listened on is lost.
bool heard_at(const extension_id& where, const session_id& seat, const device_id& but,
              const facts& known) {
  const auto* s = known.known_extension(where);
  if (s == nullptr) return false;
  return std::ranges::any_of(s->devices, [&](const auto& entry) {
    const auto& [id, d] = entry;
    if (id == but || d.seat != seat || !d.attached) return false;
    if (d.kind != extension::device_kind::rest) return true;
    const auto* rest = known.open_session(d.session);
    return rest != nullptr && rest->lost_at == 0;
  });
}

// A REST session that came without a sign-in: its seat lasts as long as itself.
bool has_own_seat(const session_id& id, const session_id& seat, const facts& known) {
  const auto* s = known.open_session(seat);
  return s != nullptr && s->peer_connection == id.value;
}

// The seat of whoever was there: its session ends unless its client is heard by another way, or
// has another device there.
commands lose_line(const session_id& seat, const device_id& device, const extension_id& where,
                   const facts& known) {
  if (seat.empty() || heard_at(where, seat, device, known)) return {};
  const auto holder = known.session(seat);
  if (holder && holder->extension != where && heard_at(holder->extension, seat, device, known))
    return {};
  return {{unheard, session::spec::kind, seat.value, session::command{session::lose_line{}}}};
}

commands keep_line(const session_id& seat) {
  if (seat.empty()) return {};
  return {{back, session::spec::kind, seat.value, session::command{session::keep_line{}}}};
}

commands on(const extension::device_forgotten& x, const extension_id& where, const facts& known) {
  commands out;
  lose_calls(out, forgotten, x.device, known);
  if (!x.session.empty())
    out.push_back({forgotten, session::spec::kind, x.session.value,
                   session::command{session::close{x.reason}}});
  if (x.reason != "logout") {
    for (auto& one : lose_line(x.seat, x.device, where, known)) out.push_back(std::move(one));
  } else if (!x.seat.empty()) {
    out.push_back(
        {forgotten, session::spec::kind, x.seat.value, session::command{session::close{x.reason}}});
  }
  return out;
}

// A REST client's event stream is its line.
commands on_lost_line(const std::string& id, const facts& known) {
  const auto it = known.session(session_id{id});
  if (!it || has_own_seat(session_id{id}, it->seat, known)) return {};
  return lose_line(it->seat, it->device, it->extension, known);
}

commands on_renewed(const std::string& id, const facts& known) {
  const auto it = known.session(session_id{id});
  return it ? keep_line(it->seat) : commands{};
}

// A device may have signed in anew: then its calls are those of its new session.
bool speaks_for(const std::string& session, const device_id& device, const facts& known) {
  const auto current = known.session_of_device(device);
  return !current || current->value == session;
}

commands on(const std::string& id, const session::closed& x, const tenant_id& tenant,
            const facts& known) {
  const auto it = known.session(session_id{id});
  if (!it) return {};
  commands out;
  const auto& device = it->device; // none: a licensed login alone
  if (!device.empty())
    out.push_back({closed, extension::spec::kind, it->extension.value,
                   extension::command{extension::forget_device{device, x.reason, session_id{id}}}});
  if (it->kind == session::session_kind::licensed && !planted(bug::closed_keeps_seat))
    out.push_back({closed, license::spec::kind, known.license_of(tenant).value,
                   license::command{license::release_seat{it->agent, session_id{id}}}});
  if (has_own_seat(session_id{id}, it->seat, known))
    out.push_back({own_seat, session::spec::kind, it->seat.value,
                   session::command{session::close{"ended"}}}); // not by itself
  if (!device.empty() && speaks_for(id, device, known)) lose_calls(out, closed, device, known);
  return out;
}

// The device on the other side of this bridge; empty when there is none.
device_id listener(const call::state& s, call::leg_number from, call::bridge_number bridge) {
  const auto b = s.bridges.find(bridge);
  if (b == s.bridges.end()) return {};
  const auto other = s.legs.find(b->second.a == from ? b->second.b : b->second.a);
  return other == s.legs.end() ? device_id{} : other->second.device;
}

// A REST client polls its session for the answer that others get as a push.
commands on(const std::string& id, const call::answer_sent& x, const facts& known) {
  const auto* s = known.call(call_id{id});
  if (!s) return {};
  const auto device = listener(*s, x.leg, x.bridge);
  if (device.empty()) return {};
  const auto session = known.session_of_device(device);
  if (!session) return {};
  const auto it = known.session(*session);
  if (!it || it->kind != session::session_kind::rest) return {};
  return {{answered, session::spec::kind, session->value,
           session::command{session::note_peer_answer{x.sdp}}}};
}

// What a REST client says goes into its session; from there its call gets it, whichever came
// first: what is said in a call here, what was said before when it is placed or answered.
struct speaker {
  const session::state* session = nullptr; // open, REST; null: somebody else
  device_id device;
};
speaker speaker_with(const device_id& device, const facts& known) {
  const auto id = known.session_of_device(device);
  const auto* s = id ? known.open_session(*id) : nullptr;
  if (s == nullptr || s->kind != session::session_kind::rest) return {};
  return {s, device};
}

bool speaks_in(const call_id& id, const device_id& device, const facts& known) {
  const auto* s = known.call(id);
  return s != nullptr && call::leg_of(*s, device) != 0;
}

commands tell_call(const call_id& id, call::send_kept words) {
  if (!words.offer && !words.answer && words.candidates.empty()) return {};
  return {{kept, call::spec::kind, id.value, call::command{std::move(words)}}};
}

call::trickled for_call(const personal<session::candidate>& c) {
  const auto& plain = c.reveal();
  return {c.subject(), call::candidate{plain.candidate, plain.mid, plain.line}};
}

std::vector<call::trickled> candidates_of(const session::state& s) {
  std::vector<call::trickled> out;
  for (const auto& one : s.candidates) out.push_back(for_call(one));
  return out;
}

// Said now. A description is for the latest call that the session's device speaks in; a candidate
// is for each of them.
commands said(const std::string& session, const facts& known, call::send_kept words) {
  const auto* s = known.open_session(session_id{session});
  if (s == nullptr || s->kind != session::session_kind::rest) return {};
  words.device = s->device;
  auto calls = known.calls_of(s->device);
  std::erase_if(calls, [&](const auto& id) { return !speaks_in(id, s->device, known); });
  std::ranges::sort(calls, {}, [&](const auto& id) { return known.call(id)->placed_at; });
  if (words.candidates.empty() && calls.size() > 1) calls.erase(calls.begin(), calls.end() - 1);
  commands out;
  for (const auto& id : calls)
    for (auto& one : tell_call(id, words)) out.push_back(std::move(one));
  return out;
}

commands on(const std::string& id, const session::answer_set& x, const facts& known) {
  if (x.call.empty()) return said(id, known, {{}, {}, x.sdp, {}});
  const auto* s = known.open_session(session_id{id});
  if (s == nullptr || !speaks_in(x.call, s->device, known)) return {}; // not yet: see `answered`
  return tell_call(x.call, {s->device, {}, x.sdp, {}});
}

commands on(const std::string& id, const call::placed& x, const facts& known) {
  const auto by = speaker_with(x.caller_device, known);
  if (by.session == nullptr || !speaks_in(call_id{id}, by.device, known)) return {};
  return tell_call(call_id{id}, {by.device, by.session->offer, {}, candidates_of(*by.session)});
}

commands on(const std::string& id, const call::answered& x, const facts& known) {
  const auto by = speaker_with(x.device, known);
  if (by.session == nullptr) return {};
  const bool with_it = by.session->answers.value == id;
  return tell_call(
      call_id{id},
      {by.device, {}, with_it ? by.session->answer : std::nullopt, candidates_of(*by.session)});
}

} // namespace

std::vector<derived> react(const tenant_id&, const std::string& stream, const extension::event& e,
                           const facts& known) {
  const extension_id where{stream};
  return std::visit(
      overloaded{[&](const extension::device_forgotten& x) { return on(x, where, known); },
                 [](const extension::created&) { return commands{}; },
                 [](const extension::assigned&) { return commands{}; },
                 [](const extension::released&) { return commands{}; },
                 [](const extension::policy_set&) { return commands{}; },
                 [](const extension::device_attached& x) { return keep_line(x.seat); },
                 [&](const extension::device_detached& x) {
                   return lose_line(x.seat, x.device, where, known);
                 }},
      e);
}

std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const session::event& e, const facts& known) {
  return std::visit(
      overloaded{[&](const session::closed& x) { return on(stream, x, tenant, known); },
                 [](const session::opened&) { return commands{}; },
                 [&](const session::answer_set& x) { return on(stream, x, known); },
                 [&](const session::offer_set& x) {
                   return said(stream, known, {{}, x.sdp, {}, {}});
                 },
                 [&](const session::candidate_added& x) {
                   return said(stream, known, {{}, {}, {}, {for_call(x.candidate)}});
                 },
                 [](const session::peer_answered&) { return commands{}; },
                 [&](const session::line_lost&) { return on_lost_line(stream, known); },
                 [&](const session::renewed&) { return on_renewed(stream, known); }},
      e);
}

std::vector<derived> react(const tenant_id&, const std::string& stream, const call::event& e,
                           const facts& known) {
  return std::visit(overloaded{[&](const call::answer_sent& x) { return on(stream, x, known); },
                               [&](const call::placed& x) { return on(stream, x, known); },
                               [&](const call::answered& x) { return on(stream, x, known); },
                               [](const call::device_stopped&) { return commands{}; },
                               [](const call::held&) { return commands{}; },
                               [](const call::resumed&) { return commands{}; },
                               [](const call::muted&) { return commands{}; },
                               [](const call::dtmf_sent&) { return commands{}; },
                               [](const call::offer_sent&) { return commands{}; },
                               [](const call::candidate_sent&) { return commands{}; },
                               [](const call::transfer_started&) { return commands{}; },
                               [](const call::transferred&) { return commands{}; },
                               [](const call::transferor_released&) { return commands{}; },
                               [](const call::transfer_failed&) { return commands{}; },
                               [](const call::ended&) { return commands{}; },
                               [](const call::recording_started&) { return commands{}; },
                               [](const call::recording_paused&) { return commands{}; },
                               [](const call::recording_resumed&) { return commands{}; },
                               [](const call::recording_stopped&) { return commands{}; },
                               [](const call::recording_filed&) { return commands{}; },
                               [](const call::quality_noted&) { return commands{}; }},
                    e);
}

std::vector<derived> react(const tenant_id&, const std::string&, const agent::event&,
                           const facts&) {
  return {};
}

std::vector<derived> react(const tenant_id&, const std::string&, const license::event&,
                           const facts&) {
  return {};
}

std::vector<derived> react(const tenant_id&, const std::string&, const slave::event&,
                           const facts&) {
  return {};
}

} // namespace strowger::reactors
