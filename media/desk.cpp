// The desk among calls: what the log says, what the relay tells, and what follows.
#include "media/desk.hpp"

#include "core/decision.hpp"
#include "observe/log.hpp"

namespace strowger::media {

desk::desk(site_port site, std::function<time_ms()> steady) :
    site_(std::move(site)), steady_(std::move(steady)) {}

void desk::start(relay& carrier, const hold_music& music, recorder* to, lane on) {
  std::lock_guard lock{mutex_};
  relay_ = &carrier;
  recorder_ = to;
  on_ = std::move(on);
  sound_->start(carrier, to, music, on_,
                [weak = weak_from_this()](std::uint8_t codec, const producer_id& player) {
                  const auto self = weak.lock();
                  if (!self) return;
                  std::lock_guard again{self->mutex_};
                  self->board_.add_music(codec, player);
                });
}

void desk::stop() {
  std::lock_guard lock{mutex_};
  relay_ = nullptr;
  recorder_ = nullptr;
  sound_->stop();
}

// It is silent until the relay has it on the music: a refusal must not let it hear the other.
void desk::play(const effect::play& what) {
  relay_->switch_source(on_, what.id, what.music,
                        [weak = weak_from_this(), what](const result<nothing>& done) {
                          const auto self = weak.lock();
                          if (!self || !done) return;
                          std::lock_guard lock{self->mutex_};
                          effects out;
                          self->board_.playing(what.id, what.music, out);
                          self->run(out);
                        });
}

void desk::end_lost_recordings() {
  if (site_.ready && !site_.ready()) return;
  for (const auto& each : std::exchange(lost_recordings_, {}))
    if (site_.recording_lost)
      site_.recording_lost(each.call.tenant, each.call.call, each.recording);
  if (auto* const to = std::exchange(recorder_, nullptr)) to->mend_all();
}

relay* desk::carrier() const {
  std::lock_guard lock{mutex_};
  return relay_;
}

void desk::run(const effects& what) {
  const auto act = overloaded{
      [&](const effect::close_transport& e) { relay_->close_transport({}, e.id, {}); },
      [&](const effect::close_consumer& e) { relay_->close_consumer({}, e.id, {}); },
      [&](const effect::pause_producer& e) { relay_->pause_producer({}, e.id, e.on, {}); },
      [&](const effect::pause_consumer& e) { relay_->pause_consumer({}, e.id, e.on, {}); },
      [&](const effect::switch_source& e) { relay_->switch_source({}, e.id, e.to, {}); },
      [&](const effect::play& e) { play(e); },
      [&](const effect::record& e) { sound_->record(e); },
      [&](const effect::lost_recording& e) { lost_recordings_.push_back(e); },
      [&](const effect::tell& e) { site_.tell(e.to.tenant, e.to.device, e.what); },
      [&](const effect::end_leg& e) {
        log::info("Media of a leg is dead",
                  {{"call_id", e.call.value}, {"device_id", e.who.device.value}});
        site_.media_lost(e.who.tenant, e.who.device, e.call);
      }};
  for (const auto& each : what)
    if (relay_ || std::holds_alternative<effect::tell>(each) ||
        std::holds_alternative<effect::end_leg>(each) ||
        std::holds_alternative<effect::lost_recording>(each))
      std::visit(act, each);
}

void desk::hear(const event& what) {
  std::lock_guard lock{mutex_};
  effects out;
  const auto now = steady_();
  std::visit(
      overloaded{[&](const happened::transport_connected&) { board_.connected(what.transport); },
                 [&](const happened::transport_closed&) {
                   board_.lost(what.transport, loss::closed, now, out);
                 },
                 [&](const happened::transport_silent& x) {
                   board_.lost(what.transport, loss::silent, now - x.since, out);
                 },
                 [&](const happened::transport_heard&) { board_.heard(what.transport); },
                 [&](const happened::producer_closed& x) { board_.closed(x.producer, false, out); },
                 [&](const happened::consumer_closed& x) { board_.closed(x.consumer, true, out); },
                 [&](const happened::quality& x) { hear_quality(what.transport, x, now, out); },
                 [](const auto&) {}},
      what.what);
  run(out);
}

void desk::hear_quality(const transport_id& on, const happened::quality& what, time_ms now,
                        effects& out) {
  const auto place = board_.place_of(on);
  if (!place) return;
  const auto& [who, call] = *place;
  if (auto news = quality_.report({who.tenant, call}, who.device, what, now))
    out.push_back(effect::tell{who, std::move(*news)});
}

void desk::tick() {
  std::lock_guard lock{mutex_};
  effects out;
  board_.tick(steady_(), out);
  quality_.tell_metrics();
  run(out);
  end_lost_recordings();
}

desk::set_aside desk::before_call(const tenant_id& tenant, const device_id& device,
                                  std::string_view name, const protocol::value& data) {
  const bool answering = name == "call:answer";
  std::optional<call_id> call;
  if (const auto* given = data.find("callId"); answering && given && given->as_text())
    call = call_id{*given->as_text()};
  const owner who{tenant, device};
  std::lock_guard lock{mutex_};
  const auto ticket = board_.set_aside(who, answering, call);
  return {ticket, board_.anything_aside(who, ticket)};
}

void desk::after_call(const tenant_id& tenant, const device_id& device, switchboard::ticket ticket,
                      const call_id& call, protocol::value& ack) {
  {
    std::lock_guard lock{mutex_};
    effects out;
    const auto hears = board_.settled({tenant, device}, ticket, call, steady_(), out);
    run(out);
    if (hears) ack.set("producerId", hears->id.value).set("kind", wire::name_of(hears->kind));
  }
  if (call.empty()) return;
  site_.after_news([self = shared_from_this(), tenant, device, call] {
    std::lock_guard lock{self->mutex_};
    effects out;
    self->board_.confirm({tenant, device}, call, out);
    self->run(out);
  });
}

void desk::call_changed(const tenant_id& tenant, const call_id& call, const call_view& view,
                        bool restored) {
  std::lock_guard lock{mutex_};
  effects out;
  board_.call_changed({tenant, call}, view, restored, steady_(), out);
  run(out);
  for (const auto& [device, how] : quality_.changed({tenant, call}, view)) // who has left
    if (site_.note_quality) site_.note_quality(tenant, device, call, how);
}

void desk::answered(const tenant_id& tenant, const device_id& to, notice::call_answered& what) {
  std::lock_guard lock{mutex_};
  effects out;
  if (const auto hears = board_.answered({tenant, to}, what.call, out))
    what.producer = hears->id.value;
  run(out);
}

void desk::joined(const tenant_id& tenant, const device_id& device) {
  std::lock_guard lock{mutex_};
  effects out;
  board_.joined({tenant, device}, steady_(), out);
  run(out);
}

void desk::forgotten(const tenant_id& tenant, const device_id& device) {
  std::lock_guard lock{mutex_};
  effects out;
  board_.forgotten({tenant, device}, out);
  run(out);
}

switchboard::counts desk::count() const {
  std::lock_guard lock{mutex_};
  return board_.count();
}

} // namespace strowger::media
