// Recordings: asked for by REST, ended and filed by who records, shown to who was in the call.
#include "actors/runtime/site.hpp"

#include <algorithm>

namespace strowger::runtime {
namespace {

constexpr std::string_view recorder = "system/recorder";

answer::recordings shown(const call_id& id, const call::state& s) {
  answer::recordings out;
  out.call = id;
  out.recording = s.recordings;
  out.state = s.recording        ? s.recording->paused ? "paused" : "recording"
              : s.recordings > 0 ? "stopped"
                                 : "none";
  if (s.recording) out.consent = name_of(s.recording->consent);
  for (const auto& f : s.files)
    out.files.push_back({f.recording, f.leg, f.file, f.sha256, f.bytes, f.length});
  return out;
}

bool was_party(const call::state& s, const agent_id& who) {
  return !who.empty() && std::ranges::any_of(s.legs, [&](const auto& entry) {
    return entry.second.who.agent == who && !entry.second.device.empty();
  });
}

} // namespace

void site::party_may(const caller& c, const call_id& id,
                     std::function<void(errc, const call::state&)> go) {
  engine_->inspect<call::spec>(c.who.tenant, id.value,
                               [who = c.who, go = std::move(go)](errc error, const call::state& s) {
                                 const bool theirs = who.admin() || was_party(s, who.agent);
                                 if (error == errc::ok && (s.phase == call::phase::none || !theirs))
                                   error = errc::call_unknown;
                                 go(error, s);
                               });
}

void site::recordings(const caller& c, const call_id& id, done<answer::recordings> how) {
  party_may(c, id, [c, id, how](errc error, const call::state& s) {
    if (error != errc::ok) return reply<answer::recordings>(c, how, failure{error, {}, 0});
    reply<answer::recordings>(c, how, shown(id, s));
  });
}

void site::record(const caller& c, const call_id& id, request::record r,
                  done<answer::recordings> how) {
  if (!ready_) return reply<answer::recordings>(c, how, failure{errc::hub_not_available, {}, 1000});
  party_may(c, id, [=, this](errc error, const call::state&) {
    if (error != errc::ok) return reply<answer::recordings>(c, how, failure{error, {}, 0});
    engine_->send<call::spec>(
        id.value, call::record{{}, c.who.agent, c.who.admin(), r.what, r.consent},
        origin_of(c, id.value), [=, this](const result<call::spec>& done_now) {
          if (done_now.error != errc::ok)
            return reply<answer::recordings>(c, how, failure{done_now.error, {}, 0});
          recordings(c, id, how);
        });
  });
}

void site::recording_ended(const tenant_id& tenant, const call_id& id, std::uint32_t recording,
                           recording_end why) {
  engine_->send<call::spec>(id.value, call::end_recording{recording, why},
                            {tenant, std::string{recorder}, {}, id.value, 0}, {});
}

void site::recording_filed(const tenant_id& tenant, const call_id& id, answer::recorded_file what,
                           std::function<void(errc)> done) {
  engine_->send<call::spec>(
      id.value,
      call::file_recording{what.recording, what.leg, what.file, what.bytes, what.duration_ms,
                           what.sha256},
      {tenant, std::string{recorder}, {}, id.value, 0},
      [done = std::move(done)](const result<call::spec>& r) { done(r.error); });
}

} // namespace strowger::runtime
