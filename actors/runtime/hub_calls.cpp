// The calls as the media relay needs to know them.
#include "actors/runtime/hub.hpp"
#include "actors/runtime/site.hpp"

namespace strowger::runtime {
namespace {

// Whom a rung leg will talk to, when it answers.
call::leg_number expected_peer(const call::state& s, call::leg_number number) {
  if (!s.transfer || s.transfer->to != number) return 1; // its answer opens the first bridge
  const auto& t = *s.transfer;
  const bool joins = t.kind == call::transfer_kind::blind || t.released;
  return joins ? t.stayed : t.by;
}

device_id device_of(const call::state& s, call::leg_number number) {
  const auto it = s.legs.find(number);
  return it == s.legs.end() ? device_id{} : it->second.device;
}

call_view view_of(const call::state& s) {
  call_view out;
  out.answered = s.phase == call::phase::answered;
  out.over = s.phase == call::phase::ended;
  out.relayed = s.method == call::relayed_method;
  if (out.over) return out;
  out.recording = s.recording ? s.recording->number : 0;
  out.recording_paused = s.recording && s.recording->paused;
  for (const auto& [number, l] : s.legs) {
    if (l.phase == call::leg_phase::left) continue;
    if (l.phase == call::leg_phase::ringing) {
      const auto peer = device_of(s, expected_peer(s, number));
      for (const auto& [device, phase] : l.rung)
        if (phase == call::ring_phase::ringing)
          out.parties.push_back({device, peer, false, false, false, number});
      continue;
    }
    out.parties.push_back({l.device, device_of(s, call::peer_of(s, number)),
                           l.phase == call::leg_phase::up, call::on_hold(s, number), l.mutes,
                           number, call::on_hold(s, number) && !l.holds});
  }
  return out;
}

} // namespace

void hub::watch_calls(std::shared_ptr<call_watcher> watcher) {
  watcher_ = std::move(watcher);
  for (const auto& [name, t] : world_.tenants)
    for (const auto& [id, s] : t.calls) watcher_->call_changed(name, id, view_of(s), true);
}

void hub::tell_watcher(const views::committed& e) {
  if (!watcher_ || !std::holds_alternative<call::event>(e.event)) return;
  const call_id id{e.stream};
  const auto* s = tenant(e.tenant).calls.get(id);
  watcher_->call_changed(e.tenant, id, s == nullptr ? call_view{.over = true} : view_of(*s), false);
}

void site::watch_calls(std::shared_ptr<call_watcher> watcher) {
  hub_->post([this, watcher = std::move(watcher)] { hub_->watch_calls(watcher); });
}

void site::tell(const tenant_id& tenant, const device_id& device, notice::any what) {
  auto shared = std::make_shared<const notice::any>(std::move(what));
  hub_->post([this, tenant, device, shared] {
    if (const auto* line = hub_->live(tenant, device)) line->sink->push(shared, 0);
  });
}

void site::after_news(std::function<void()> job) { hub_->post(std::move(job)); }

void site::note_quality(const tenant_id& tenant, const device_id& device, const call_id& call,
                        const call_quality& q) {
  engine_->send<call::spec>(call.value,
                            call::note_quality{device, q.mos_x100, q.jitter_us, q.loss_permyriad,
                                               q.rtt_us, q.packets},
                            {tenant, "system/media", {}, device.value, 0}, {});
}

void site::media_lost(const tenant_id& tenant, const device_id& device, const call_id& call) {
  engine_->send<call::spec>(call.value, call::lose_device{device, call::ring_phase::lost},
                            {tenant, "system/media", {}, device.value, 0}, {});
}

} // namespace strowger::runtime
