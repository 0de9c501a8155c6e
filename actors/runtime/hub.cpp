#include "actors/runtime/hub.hpp"

#include "actors/runtime/decode.hpp"
#include "actors/runtime/seat_check.hpp"
#include "core/buggify.hpp"
#include "core/planted.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms housekeeping_ms = 1000;
constexpr std::size_t page = 4096;

// Who has lost the seat takes no new call: those that it is rung for go to the others. What it
// speaks in goes on.
void stop_ringing(engine& to, const views::tenant_world& t, const views::committed& e,
                  const reactors::session_facts& ended) {
  const auto* s = t.extensions.get(ended.extension);
  if (s == nullptr || ended.kind != session::session_kind::licensed) return;
  for (const auto& [device, d] : s->devices) {
    const auto calls = t.calls_of.find(device);
    if (d.seat.value != e.stream || calls == t.calls_of.end()) continue;
    for (const auto& id : calls->second)
      if (call::rung_leg(t.calls.at(id), device) != 0)
        to.send<call::spec>(id.value, call::lose_device{device, call::ring_phase::unreached},
                            {e.tenant, "system/publisher", {}, id.value, e.at}, {});
  }
}

} // namespace

hub::hub(engine& to, std::shared_ptr<executor> thread, storage::row_store* rows,
         std::shared_ptr<executor> keeper) :
    engine_(to),
    thread_(std::move(thread)), reactors_(to, thread_), keeper_(std::move(keeper)) {
  if (rows != nullptr)
    picture_ = std::make_unique<picture>(*rows, engine_.services().vault, world_, inboxes_);
  inboxes_.read_by([this](const auto& to, const auto& about, auto after, auto until) {
    return told_before(to, about, after, until);
  });
}

void hub::recover() {
  const auto& store = engine_.services().store;
  const auto restored = picture_ ? picture_->restore(store.durable()) : 0;
  reactors_.recover(restored);
  for (position from = restored + 1;;) {
    const auto records = store.read_log(from, page);
    if (records.empty()) break;
    for (const auto& r : records) apply(r, false);
    from = records.back().at + 1;
    catch_up_rows();
  }
}

void hub::start() {
  const context ctx{engine_.services().time.now(), engine_.services().node,
                    engine_.services().node_started_at};
  for (const auto& [id, t] : world_.tenants) {
    if (planted(bug::deadlines_not_armed)) continue;
    for (const auto& [key, s] : t.calls)
      if (const auto at = call::wake_at(s, ctx); at != never)
        engine_.arm({id, call::spec::kind, key.value}, at);
    for (const auto& [key, s] : t.sessions)
      if (const auto at = session::wake_at(s, ctx); at != never)
        engine_.arm({id, session::spec::kind, key.value}, at);
    for (const auto& [key, s] : t.licenses)
      if (const auto at = license::wake_at(s, ctx); at != never)
        engine_.arm({id, license::spec::kind, key.value}, at);
    std::set<extension_id> with_devices;
    for (const auto& [device, owner] : t.devices) with_devices.insert(owner);
    for (const auto& key : with_devices)
      if (const auto at = extension::wake_at(t.extensions.at(key), ctx); at != never)
        engine_.arm({id, extension::spec::kind, key.value}, at);
  }
  reactors_.start();
  housekeep();
}

void hub::post(std::function<void()> job) {
  const auto needs = engine_.services().store.durable();
  thread_->post([weak = weak_from_this(), needs, job = std::move(job)]() mutable {
    auto self = weak.lock();
    if (!self) return;
    const bool folded = self->world_.folded >= needs || planted(bug::question_overtakes_news);
    if (self->early_.empty() && folded) return job();
    self->early_.push_back({needs, std::move(job)});
  });
}

void hub::commit(const std::vector<storage::record>& group) {
  for (const auto& r : group) apply(r, true);
  metrics::add(metrics::counter::events_committed, {}, group.size());
  metrics::add(metrics::counter::groups_committed);
  metrics::observe(metrics::histogram::group_events, static_cast<double>(group.size()));
  while (!early_.empty() && early_.front().needs <= world_.folded) {
    const auto job = std::move(early_.front().job);
    early_.pop_front();
    job();
  }
  keep_rows(limits::rows_every_events);
}

void hub::apply(const storage::record& r, bool live_now) {
  auto e = decode_record(r, engine_.services().vault);
  if (!e) {
    world_.folded = r.at;
    reactors_.skip(r.at);
    return;
  }
  std::optional<reactors::session_facts> ending;
  if (const auto* s = std::get_if<session::event>(&e->event);
      s != nullptr && std::holds_alternative<session::closed>(*s)) {
    const auto& sessions = tenant(e->tenant).sessions;
    if (const auto it = sessions.find(session_id{e->stream}); it != sessions.end())
      ending = reactors::session_facts{it->second.extension, it->second.agent, it->second.device,
                                       it->second.kind, it->second.seat};
  }
  if (live_now) count_ended(*e);
  const auto told = views::fold(world_, *e);
  keep_inboxes(*e);
  if (live_now) log_event(*e, r.tag);
  if (live_now) tell_watcher(*e);
  deliver(*e, told, live_now);
  reactors_.react(world_, *e, ending, live_now);
  if (!live_now) return;
  lose_unreachable(*e);
  if (ending) stop_ringing(engine_, tenant(e->tenant), *e, *ending);
  close_revoked(*e);
  keep_attached(*e);
  tell_of_new_extension(*e);
  if (license_changed && std::holds_alternative<license::event>(e->event)) license_changed(*e);
}

// Before the fold: afterwards the call is history.
void hub::count_ended(const views::committed& e) {
  const auto* c = std::get_if<call::event>(&e.event);
  const auto* over = c == nullptr ? nullptr : std::get_if<call::ended>(c);
  if (over == nullptr) return;
  const auto& calls = tenant(e.tenant).calls;
  const auto it = calls.find(call_id{e.stream});
  const bool talked = it != calls.end() && it->second.answered_at != 0;
  const bool named = over->why == call::cause::busy || over->why == call::cause::no_answer ||
                     over->why == call::cause::rejected || over->why == call::cause::cancelled;
  metrics::add(metrics::counter::calls_ended, talked  ? "answered"
                                              : named ? name_of(over->why)
                                                      : std::string_view{"failed"});
}

// Who watches presence holds the whole list: a row that comes later must come to them.
void hub::tell_of_new_extension(const views::committed& e) {
  const auto* x = std::get_if<extension::event>(&e.event);
  if (x == nullptr || !std::holds_alternative<extension::created>(*x)) return;
  tell_presence(e.tenant, extension_id{e.stream});
}

void hub::keep_inboxes(const views::committed& e) {
  const auto* x = std::get_if<extension::event>(&e.event);
  if (x == nullptr) return;
  if (const auto* attached = std::get_if<extension::device_attached>(x))
    inboxes_.known({e.tenant, attached->device}, e.at);
  if (const auto* gone = std::get_if<extension::device_forgotten>(x)) {
    const key k{e.tenant, gone->device};
    inboxes_.forget(k, e.at);
    if (watcher_) watcher_->forgotten(e.tenant, gone->device);
    if (const auto it = live_.find(k); it != live_.end()) {
      it->second.sink->close(errc::session_closed);
      const auto extension = it->second.extension;
      erase_live(it);
      tell_presence(e.tenant, extension);
    }
  }
}

void hub::deliver(const views::committed& e, const std::vector<views::addressed>& told,
                  bool live_now) {
  places of_event{e.at};
  for (const auto& message : told) {
    const key k{e.tenant, message.to};
    const auto place = of_event.next(message.to);
    auto given = message.what;
    if (auto* answered = std::get_if<notice::call_answered>(&given); answered && watcher_)
      watcher_->answered(e.tenant, message.to, *answered);
    auto what = std::make_shared<const notice::any>(std::move(given));
    inboxes_.put(k, call_id{e.stream}, place, what);
    if (!live_now) continue;
    if (const auto it = live_.find(k); it != live_.end()) it->second.sink->push(what, place);
  }
}

// A rung device without a connection cannot be reached: the call is told, so that it need not ring
// to the end when nobody is left.
void hub::lose_unreachable(const views::committed& e) {
  const auto* c = std::get_if<call::event>(&e.event);
  if (c == nullptr) return;
  const std::vector<device_id>* rung = nullptr;
  if (const auto* placed = std::get_if<call::placed>(c)) rung = &placed->rung;
  if (const auto* moved = std::get_if<call::transfer_started>(c)) rung = &moved->rung;
  if (rung == nullptr) return;
  for (const auto& device : *rung) {
    if (live(e.tenant, device) != nullptr && !seat_is_over(tenant(e.tenant), device)) continue;
    origin from{e.tenant, "system/publisher", {}, e.stream, e.at};
    const call::lose_device lost{device, call::ring_phase::unreached};
    if (buggify(point::lost_device_told_twice)) engine_.send<call::spec>(e.stream, lost, from, {});
    engine_.send<call::spec>(e.stream, lost, std::move(from), {});
  }
}

// A revoked token's connections end at once and their devices are not waited for.
void hub::close_revoked(const views::committed& e) {
  const auto* a = std::get_if<agent::event>(&e.event);
  const auto* revoked = a == nullptr ? nullptr : std::get_if<agent::token_revoked>(a);
  if (revoked == nullptr) return;
  for (const auto& [k, connection] : live_) {
    if (k.first != e.tenant || connection.jti != revoked->jti) continue;
    const auto it = tenant(e.tenant).devices.find(k.second);
    if (it == tenant(e.tenant).devices.end()) continue;
    const extension::forget_device out{k.second, "logout"};
    const origin from{e.tenant, "system/publisher", {}, k.second.value, e.at};
    if (buggify(point::revoked_closed_twice))
      engine_.send<extension::spec>(it->second.value, out, from, {});
    engine_.send<extension::spec>(it->second.value, out, from, {});
  }
}

// A live call or an open event channel renews a REST session; the session writes only when half of
// its timeout is gone.
void hub::renew_sessions() {
  for (const auto& [id, t] : world_.tenants)
    for (const auto& [name, s] : t.sessions) {
      if (s.timeout_ms == 0 || s.kind != session::session_kind::rest) continue;
      if (live(id, s.device) == nullptr && !t.calls_of.contains(s.device)) continue;
      const auto now = engine_.services().time.now();
      if (now - s.renewed_at < s.timeout_ms / 2) continue;
      engine_.send<session::spec>(name.value, session::renew{},
                                  {id, "system/publisher", {}, name.value, 0}, {});
    }
}

void hub::show_gauges() const {
  using metrics::gauge;
  std::size_t sessions = 0, calls = 0, used = 0, seats = 0;
  for (const auto& [name, t] : world_.tenants) {
    sessions += t.sessions.size();
    calls += t.calls.size();
    for (const auto& [id, s] : t.licenses) {
      used += s.held.size();
      seats += s.webrtc_max_users;
    }
  }
  const auto show = [](gauge which, std::size_t n) {
    metrics::set(which, static_cast<std::int64_t>(n));
  };
  show(gauge::devices_live, live_.size());
  show(gauge::sessions_live, sessions);
  show(gauge::calls_live, calls);
  show(gauge::seats_used, used);
  show(gauge::seats_max, seats);
  show(gauge::journal_position, world_.folded);
  const auto durable = engine_.services().store.durable();
  show(gauge::publisher_lag, durable > world_.folded ? durable - world_.folded : 0);
  show(gauge::log_lines_dropped, log::dropped());
}

void hub::housekeep() {
  renew_sessions();
  compare_attached();
  reactors_.save();
  keep_rows(1);
  show_gauges();
  auto next = housekeeping_ms;
  if (buggify(point::housekeeping_is_late)) next += 2 * housekeeping_ms;
  if (buggify(point::housekeeping_is_early)) next /= 10;
  thread_->post_after(next, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->housekeep();
  });
}

void hub::log_event(const views::committed& e, std::string_view tag) const {
  if (!std::holds_alternative<call::event>(e.event)) return;
  log::info(
      std::string{tag},
      {{"call_id", e.stream}, {"tenant", e.tenant.value}, {"position", std::to_string(e.at)}});
}

} // namespace strowger::runtime
