// Calls: dial, act, transfer, and calls placed by REST.
#include "actors/runtime/seat_check.hpp"
#include "actors/runtime/site.hpp"
#include "core/buggify.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

std::string role_of(const call::reply& r) {
  return r.bridge == 0 ? "" : r.offers ? "offer" : "answer";
}

call::candidate to_domain(const notice::candidate& c) {
  return {c.candidate, c.mid.value_or(""), static_cast<std::int32_t>(c.line)};
}

// What a device does, as the call's command. `transfer` needs facts and goes its own way.
struct to_command {
  const device_id& device;
  const subject_id& subject;
  const agent_id& agent;

  call::command operator()(const request::answer&) const { return call::answer{device}; }
  call::command operator()(const request::reject&) const { return call::decline{device}; }
  call::command operator()(const request::hang_up&) const { return call::hang_up{device}; }
  call::command operator()(const request::hold&) const { return call::hold{device}; }
  call::command operator()(const request::unhold&) const { return call::unhold{device}; }
  call::command operator()(const request::mute& x) const { return call::mute{device, x.on}; }
  call::command operator()(const request::dtmf& x) const {
    return call::send_dtmf{device, x.tone, x.duration};
  }
  call::command operator()(const request::cancel_transfer&) const {
    return call::cancel_transfer{device};
  }
  call::command operator()(const request::offer& x) const {
    return call::send_offer{device, x.bridge, {subject, x.sdp}};
  }
  call::command operator()(const request::sdp_answer& x) const {
    return call::send_answer{device, x.bridge, {subject, x.sdp}};
  }
  call::command operator()(const request::trickle& x) const {
    return call::send_candidate{device, x.bridge, {subject, to_domain(x.what)}};
  }
  call::command operator()(const request::record& x) const {
    return call::record{device, agent, false, x.what, x.consent};
  }
  call::command operator()(const request::transfer&) const { return call::tick{}; } // not reached
};

} // namespace

void site::dial(const caller& c, const device_id& device, request::dial r,
                done<answer::dialled> how) {
  place(c, device, std::move(r), {}, {}, std::move(how));
}

void site::place(const caller& c, const device_id& device, request::dial r,
                 std::optional<call::description> offer, std::vector<call::trickled> candidates,
                 done<answer::dialled> how) {
  if (!ready_ || buggify(point::door_is_shut))
    return reply<answer::dialled>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!let_in(calls_, c, how)) return;
  hub_->post([=, this]() mutable {
    auto to = find_target(c.who.tenant, r.target, device);
    auto& t = hub_->tenant(c.who.tenant);
    if (seat_is_over(t, c.who, device)) to.why = {errc::session_closed, {}, 0};
    const auto busy_line = t.calls_of.find(device);
    if (busy_line != t.calls_of.end() && busy_line->second.size() >= limits::calls_per_device_max)
      to.why = {errc::too_many_calls, {}, 0};
    if (!t.devices.contains(device)) to.why = {errc::device_unknown, {}, 0};
    place_found(c, device, r, std::move(to), std::move(offer), std::move(candidates),
                std::move(how));
  });
}

void site::place_found(const caller& c, const device_id& device, const request::dial& r, target to,
                       std::optional<call::description> offer,
                       std::vector<call::trickled> candidates, done<answer::dialled> how) {
  const call_id id{"call-" + fresh_id(c, "call")};
  if (to.why.why != errc::ok) {
    if (c.command.empty()) return reply<answer::dialled>(c, how, to.why);
    return placed_before(c, id, to.why, std::move(how));
  }
  const auto own = hub_->tenant(c.who.tenant).devices.at(device);
  const auto caller_party = party_of(c.who.tenant, own);
  log::info("[CALL] User " + caller_party.name.reveal() + " (ext: " + caller_party.number.reveal() +
                ") initiating call to " + r.target,
            {{"call_id", id.value}});
  log::info("[CALL] Target user found: " + to.party.name.reveal() + " (ext: " + r.target +
                ", status: online)",
            {{"call_id", id.value}});
  const auto notified = static_cast<std::uint32_t>(to.rung.size());
  call::place command{caller_party, device,     to.party, to.rung,
                      to.busy,      to.ring_ms, r.video,  r.relayed ? "relay" : "webrtc",
                      r.campaign,   r.lead,     offer,    candidates};
  engine_->send<call::spec>(
      id.value, std::move(command), origin_of(c, id.value),
      [c, id, how, notified](const result<call::spec>& done_now) {
        if (done_now.error != errc::ok)
          return reply<answer::dialled>(c, how, failure{done_now.error, {}, 0});
        reply<answer::dialled>(c, how, answer::dialled{id, notified});
      });
}

// A retry whose first try was placed gets that outcome, whatever the world looks like now. A tick
// has nothing to do, but its shell knows whether this command id was there, and for what.
void site::placed_before(const caller& c, const call_id& id, const failure& why,
                         done<answer::dialled> how) {
  const auto refuse = [c, how](errc error) {
    reply<answer::dialled>(c, how, failure{error, {}, 0});
  };
  engine_->send<call::spec>(
      id.value, call::tick{}, origin_of(c, id.value), [=, this](const result<call::spec>& seen) {
        // Whether the first try was written is not known: that must not read as a refusal.
        if (seen.error != errc::ok) return refuse(seen.error);
        if (seen.reply.phase == call::phase::none) return reply<answer::dialled>(c, how, why);
        engine_->inspect<call::spec>(c.who.tenant, id.value, [=](errc error, const call::state& s) {
          if (error != errc::ok) return refuse(error);
          const auto rung = static_cast<std::uint32_t>(s.legs.at(2).rung.size());
          reply<answer::dialled>(c, how, answer::dialled{id, rung});
        });
      });
}

void site::send_call(const caller& c, const call_id& id, call::command command,
                     done<answer::call_state> how) {
  engine_->send<call::spec>(
      id.value, std::move(command), origin_of(c, id.value),
      [c, id, how = std::move(how)](const result<call::spec>& r) {
        if (r.error != errc::ok) return reply<answer::call_state>(c, how, failure{r.error, {}, 0});
        reply<answer::call_state>(c, how, answer::call_state{id, r.reply.bridge, role_of(r.reply)});
      });
}

void site::act(const caller& c, const device_id& device, const call_id& id,
               request::call_action action, done<answer::call_state> how) {
  if (const auto* move = std::get_if<request::transfer>(&action))
    return transfer(c, device, id, *move, std::move(how));
  const auto subject = subject_of(c);
  send_call(c, id, std::visit(to_command{device, subject, c.who.agent}, action), std::move(how));
}

void site::transfer(const caller& c, const device_id& device, const call_id& id,
                    const request::transfer& r, done<answer::call_state> how) {
  hub_->post([=, this]() mutable {
    auto to = find_target(c.who.tenant, r.target, device);
    const auto& t = hub_->tenant(c.who.tenant);
    if (const auto it = t.calls.find(id); it != t.calls.end())
      for (const auto& [number, l] : it->second.legs)
        if (l.phase != call::leg_phase::left && l.phase != call::leg_phase::ringing &&
            l.who.extension == to.party.extension && to.why.why == errc::ok)
          to.why = {errc::target_busy, r.target, 0}; // it talks in this very call
    if (to.why.why != errc::ok) to.rung.clear();
    if (to.why.why != errc::ok && c.command.empty())
      return reply<answer::call_state>(c, how, to.why);
    send_call(c, id,
              call::start_transfer{device,
                                   r.warm ? call::transfer_kind::warm : call::transfer_kind::blind,
                                   to.party, to.rung, to.busy, to.ring_ms},
              [c, how, why = to.why](outcome<answer::call_state> o) {
                // Without facts the command could only have been a repeat. An unknown outcome
                // stays unknown.
                const auto* failed = std::get_if<failure>(&o);
                const bool refused = failed != nullptr && failed->why != errc::outcome_unknown &&
                                     failed->why != errc::busy &&
                                     failed->why != errc::storage_failed;
                how(refused && why.why != errc::ok ? why : std::move(o));
              });
  });
}

void site::initiate(const caller& c, request::initiate r, done<answer::dialled> how) {
  if (!ready_) return reply<answer::dialled>(c, how, failure{errc::hub_not_available, {}, 1000});
  if (!let_in(calls_, c, how)) return;
  hub_->post([=, this] {
    device_id from;
    time_ms latest = -1;
    const auto own = extension_of(c.who.tenant, r.who.number);
    for (const auto& d : hub_->live_devices(c.who.tenant, own)) {
      const auto seen_at = hub_->live(c.who.tenant, d)->seen_at;
      if (r.device ? *r.device == d : seen_at > latest) {
        from = d;
        latest = seen_at;
      }
    }
    auto to = find_target(c.who.tenant, r.target, from);
    if (to.why.why == errc::ok && from.empty())
      to.why = {r.device ? errc::device_unknown : errc::no_calling_device, r.who.number, 0};
    if (seat_is_over(hub_->tenant(c.who.tenant), c.who, from))
      to.why = {errc::session_closed, {}, 0};
    const auto rung = to.rung;
    place_found(c, from, {r.target, {}, {}, false}, std::move(to), {}, {},
                [=, this](outcome<answer::dialled> o) {
                  if (std::holds_alternative<failure>(o)) return how(std::move(o));
                  // The publisher has seen the call by then, and has told it whom it cannot reach.
                  hub_->post([=, this] {
                    const bool reached =
                        rung.empty() || std::ranges::any_of(rung, [&](const auto& device) {
                          return hub_->live(c.who.tenant, device) != nullptr;
                        });
                    if (reached) return reply<answer::dialled>(c, how, o);
                    reply<answer::dialled>(c, how, failure{errc::invitation_failed, {}, 0});
                  });
                });
  });
}

void site::explain_call(const caller& c, std::string from, std::string to,
                        done<answer::explanation> how) {
  hub_->post([=, this] {
    auto& t = hub_->tenant(c.who.tenant);
    auto say = [&](bool works, std::string sentence) {
      reply<answer::explanation>(c, how, answer::explanation{works, std::move(sentence)});
    };
    if (!options_.webrtc_enabled)
      return say(false, "Browser calling is switched off: set features.webrtc.enabled to true.");
    const auto from_id = extension_of(c.who.tenant, from), to_id = extension_of(c.who.tenant, to);
    const auto* a = views::known_extension(t, from_id);
    if (a == nullptr)
      return say(false, "Extension " + from + " does not exist: register an agent with it first.");
    const auto* b = views::known_extension(t, to_id);
    if (b == nullptr)
      return say(false, "Extension " + to + " does not exist: register an agent with it first.");
    if (from == to) return say(false, "An extension cannot call itself: choose another target.");
    if (hub_->live_devices(c.who.tenant, from_id).empty())
      return say(false, "Extension " + from +
                            " has no live device to call from: sign in on the "
                            "softphone page or open an event channel.");
    if (b->devices.empty())
      return say(false, "Nobody is signed in at extension " + to + ": sign in there first.");
    if (hub_->live_devices(c.who.tenant, to_id).empty())
      return say(false, "Extension " + to +
                            " is signed in but its connection is lost: check its "
                            "network; it is waited for until its grace time ends.");
    if (b->when_busy == extension::busy_policy::busy &&
        !views::calls_of_extension(t, to_id).empty())
      return say(false, "Extension " + to +
                            " is in a call and refuses a second one: wait, or set "
                            "its busy policy to call_waiting.");
    say(true, "A call from " + from + " to " + to + " would ring.");
  });
}

} // namespace strowger::runtime
