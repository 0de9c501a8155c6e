#include "actors/runtime/hub.hpp"

#include "actors/runtime/decode.hpp"
#include "actors/runtime/fingerprint.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms housekeeping_ms = 1000;
constexpr std::size_t page = 4096;

} // namespace

hub::hub(engine& to, std::shared_ptr<executor> thread) :
    engine_(to), thread_(std::move(thread)), reactors_(to, thread_) {}

void hub::recover() {
  reactors_.recover();
  for (position from = 1;;) {
    const auto records = engine_.services().store.read_log(from, page);
    if (records.empty()) break;
    for (const auto& r : records) apply(r, false);
    from = records.back().at + 1;
  }
}

void hub::start() {
  const context ctx{engine_.services().time.now(), engine_.services().node,
                    engine_.services().node_started_at};
  for (const auto& [id, t] : world_.tenants) {
    for (const auto& [key, s] : t.calls)
      if (const auto at = call::wake_at(s, ctx); at != never)
        engine_.arm({id, call::spec::kind, key.value}, at);
    for (const auto& [key, s] : t.sessions)
      if (const auto at = session::wake_at(s, ctx); at != never)
        engine_.arm({id, session::spec::kind, key.value}, at);
    for (const auto& [key, s] : t.extensions)
      if (const auto at = extension::wake_at(s, ctx); at != never)
        engine_.arm({id, extension::spec::kind, key.value}, at);
  }
  reactors_.start();
  housekeep();
}

void hub::commit(const std::vector<storage::record>& group) {
  for (const auto& r : group) apply(r, true);
}

void hub::apply(const storage::record& r, bool live_now) {
  auto e = decode_record(r, engine_.services().vault);
  if (!e) {
    world_.folded = r.at;
    return;
  }
  std::optional<reactors::session_facts> ending;
  if (const auto* s = std::get_if<session::event>(&e->event);
      s != nullptr && std::holds_alternative<session::closed>(*s)) {
    const auto& sessions = tenant(e->tenant).sessions;
    if (const auto it = sessions.find(session_id{e->stream}); it != sessions.end())
      ending = reactors::session_facts{it->second.extension, it->second.agent, it->second.device,
                                       it->second.kind};
  }
  const auto told = views::fold(world_, *e);
  keep_inboxes(*e);
  if (live_now) log_event(*e, r.tag);
  deliver(e->tenant, e->at, told, live_now);
  reactors_.react(world_, *e, ending, live_now);
  if (!live_now) return;
  lose_unreachable(*e);
  close_revoked(*e);
}

void hub::keep_inboxes(const views::committed& e) {
  const auto* x = std::get_if<extension::event>(&e.event);
  if (x == nullptr) return;
  if (const auto* attached = std::get_if<extension::device_attached>(x))
    inboxes_.try_emplace({e.tenant, attached->device},
                         e.at * messages_per_event_max + messages_per_event_max - 1);
  if (const auto* gone = std::get_if<extension::device_forgotten>(x)) {
    const key k{e.tenant, gone->device};
    inboxes_.erase(k);
    if (const auto it = live_.find(k); it != live_.end()) {
      it->second.sink->close(errc::session_closed);
      live_.erase(it);
    }
  }
}

void hub::deliver(const tenant_id& tenant, position at, const std::vector<views::addressed>& told,
                  bool live_now) {
  std::map<device_id, client_position> index; // one event may make several messages for one device
  for (const auto& message : told) {
    const key k{tenant, message.to};
    const auto number = index[message.to]++;
    const auto place = at * messages_per_event_max + std::min(number, messages_per_event_max - 1);
    auto what = std::make_shared<const notice::any>(message.what);
    if (const auto box = inboxes_.find(k); box != inboxes_.end()) box->second.put(place, what);
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
    if (live(e.tenant, device) != nullptr) continue;
    origin from{e.tenant, "system/publisher", {}, e.stream, e.at};
    engine_.send<call::spec>(e.stream, call::lose_device{device, call::ring_phase::unreached},
                             std::move(from), {});
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
    engine_.send<extension::spec>(it->second.value, extension::forget_device{k.second, "logout"},
                                  {e.tenant, "system/publisher", {}, k.second.value, e.at}, {});
  }
}

void hub::join(const tenant_id& tenant_name, const device_id& device, live_device connection,
               std::optional<client_position> seen,
               const std::function<void(const joined&)>& before_messages) {
  const key k{tenant_name, device};
  auto& t = tenant(tenant_name);
  joined out;
  const auto box = inboxes_.find(k);
  const bool fresh = !seen;
  out.resumed = seen && box != inboxes_.end() && box->second.complete_after(*seen);
  out.position = out.resumed                      ? *seen
                 : fresh && box != inboxes_.end() ? box->second.start()
                                                  : now_position();
  if (!out.resumed)
    if (const auto it = t.calls_of.find(device); it != t.calls_of.end())
      for (const auto& id : it->second)
        out.calls.push_back(views::snapshot_for(id, t.calls.at(id), device));
  if (const auto old = live_.find(k); old != live_.end() && old->second.sink != connection.sink)
    old->second.sink->close(errc::session_closed);
  const auto number = connection.number;
  const auto sink = connection.sink;
  live_.insert_or_assign(k, std::move(connection));
  before_messages(out);
  if (box != inboxes_.end())
    for (const auto& message : box->second.messages())
      if (message.at > out.position) sink->push(message.what, message.at);
  tell_presence(tenant_name, number);
}

bool hub::leave(const tenant_id& tenant_name, const device_id& device, const device_sink* sink) {
  const auto it = live_.find({tenant_name, device});
  if (it == live_.end() || it->second.sink.get() != sink) return false;
  const auto number = it->second.number;
  live_.erase(it);
  tell_presence(tenant_name, number);
  return true;
}

live_device* hub::live(const tenant_id& tenant_name, const device_id& device) {
  const auto it = live_.find({tenant_name, device});
  return it == live_.end() ? nullptr : &it->second;
}

std::vector<device_id> hub::live_devices(const tenant_id& tenant_name, const extension_id& id,
                                         bool echo) {
  std::vector<device_id> out;
  const auto& extensions = tenant(tenant_name).extensions;
  const auto it = extensions.find(id);
  if (it == extensions.end()) return out;
  for (const auto& [device, state] : it->second.devices)
    if (state.attached && (state.kind == extension::device_kind::echo) == echo &&
        live(tenant_name, device) != nullptr)
      out.push_back(device);
  return out;
}

void hub::tell_presence(const tenant_id& tenant_name, const std::string& number) {
  const auto& t = tenant(tenant_name);
  const auto it = t.numbers.find(number);
  if (it == t.numbers.end()) return;
  const auto count = static_cast<std::uint32_t>(live_devices(tenant_name, it->second).size());
  const auto what = std::make_shared<const notice::any>(
      notice::presence{number, count > 0 ? "online" : "offline", count});
  for (auto& [k, connection] : live_)
    if (k.first == tenant_name && connection.wants_presence)
      connection.sink->push(what, 0); // volatile: a client that comes back asks for the whole list
}

std::size_t hub::connections() const { return live_.size(); }
std::size_t hub::connections(const tenant_id& tenant_name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(live_, [&](const auto& x) { return x.first.first == tenant_name; }));
}

answer::extension_row hub::row_of(const tenant_id& tenant_name, const extension_id& id) {
  const auto& t = tenant(tenant_name);
  const auto& s = t.extensions.at(id);
  answer::extension_row row;
  row.extension = s.number.reveal();
  row.username = views::username_of(t, s.owner);
  for (const auto& [device, state] : s.devices) {
    const auto* connection = live(tenant_name, device);
    if (!state.attached || connection == nullptr || state.kind == extension::device_kind::echo)
      continue;
    row.devices.push_back({device, std::string{name_of(state.kind)}, state.user_agent.reveal(),
                           instant{connection->connected_at}, instant{connection->seen_at}});
    row.ws_connected = row.ws_connected || state.kind == extension::device_kind::websocket;
  }
  row.client_count = static_cast<std::uint32_t>(row.devices.size());
  row.status = row.client_count > 0 ? "online" : "offline";
  const auto calls = views::calls_of_extension(t, id);
  row.calls.assign(calls.begin(), calls.end());
  return row;
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

void hub::housekeep() {
  renew_sessions();
  reactors_.save();
  thread_->post_after(housekeeping_ms, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->housekeep();
  });
}

void hub::save_digest() {
  reactors_.save();
  engine_.services().store.put_view(world_view, world_.folded, digest_of(world_));
}

void hub::log_event(const views::committed& e, std::string_view tag) const {
  if (!std::holds_alternative<call::event>(e.event)) return;
  log::info(
      std::string{tag},
      {{"call_id", e.stream}, {"tenant", e.tenant.value}, {"position", std::to_string(e.at)}});
}

} // namespace strowger::runtime
