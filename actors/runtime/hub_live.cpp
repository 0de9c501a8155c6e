// The volatile table of live connections: joining, leaving, and who is online.
#include "actors/runtime/hub.hpp"
#include "core/buggify.hpp"
#include "core/planted.hpp"

namespace strowger::runtime {
namespace {

constexpr duration_ms absent_after_ms = 5'000; // an attachment is finished much sooner

} // namespace

void hub::join(const tenant_id& tenant_name, const device_id& device, live_device connection,
               std::optional<client_position> seen,
               const std::function<void(const joined&)>& before_messages) {
  const key k{tenant_name, device};
  auto& t = tenant(tenant_name);
  joined out;
  const auto* box = inboxes_.find(k);
  const bool fresh = !seen;
  out.resumed = seen && *seen <= now_position() && box != nullptr && box->complete_after(*seen) &&
                !buggify(point::resumed_from_scratch);
  out.position = out.resumed ? *seen : fresh && box != nullptr ? box->start : now_position();
  // Also for a resumed device: a page that was reloaded has its position, but not its calls.
  if (const auto it = t.calls_of.find(device);
      it != t.calls_of.end() && !planted(bug::lost_on_join))
    for (const auto& id : it->second)
      out.calls.push_back(views::snapshot_for(id, t.calls.at(id), device));
  if (const auto old = live_.find(k); old != live_.end() && old->second.sink != connection.sink)
    old->second.sink->close(errc::session_closed);
  const auto extension = connection.extension;
  const auto sink = connection.sink;
  live_.insert_or_assign(k, std::move(connection));
  watching_.erase(k);
  before_messages(out);
  attach_again(tenant_name, device);
  auto missed_from = out.position;
  if (planted(bug::resume_skips_one)) missed_from += messages_per_event_max;
  if (planted(bug::resume_repeats_one)) --missed_from;
  if (box != nullptr)
    for (const auto& message : inboxes_.messages(k))
      if (message.at > missed_from) sink->push(message.what, message.at);
  if (watcher_) watcher_->joined(tenant_name, device);
  tell_presence(tenant_name, extension);
}

bool hub::leave(const tenant_id& tenant_name, const device_id& device, const device_sink* sink) {
  const auto it = live_.find({tenant_name, device});
  if (it == live_.end() || it->second.sink.get() != sink) return false;
  const auto extension = it->second.extension;
  erase_live(it);
  if (!planted(bug::left_online)) tell_presence(tenant_name, extension);
  return true;
}

void hub::erase_live(lines::iterator it) {
  watching_.erase(it->first);
  live_.erase(it);
}

void hub::watch_presence(const tenant_id& tenant_name, const device_id& device) {
  if (const key k{tenant_name, device}; live_.contains(k)) watching_.insert(k);
}

live_device* hub::live(const tenant_id& tenant_name, const device_id& device) {
  const auto it = live_.find({tenant_name, device});
  return it == live_.end() ? nullptr : &it->second;
}

std::vector<device_id> hub::live_devices(const tenant_id& tenant_name, const extension_id& id,
                                         bool echo) {
  std::vector<device_id> out;
  const auto* s = tenant(tenant_name).extensions.get(id);
  if (s == nullptr) return out;
  for (const auto& [device, state] : s->devices)
    if (state.attached && (state.kind == extension::device_kind::echo) == echo &&
        (live(tenant_name, device) != nullptr || planted(bug::online_from_disk)))
      out.push_back(device);
  return out;
}

// Not a walk over everybody: after a restart everybody comes back, and each one is told of.
void hub::tell_presence(const tenant_id& tenant_name, const extension_id& id) {
  const auto first = watching_.lower_bound({tenant_name, {}});
  if (first == watching_.end() || first->first != tenant_name) return;
  const auto* s = views::known_extension(tenant(tenant_name), id);
  if (s == nullptr) return;
  const auto number = s->number.reveal();
  const auto count = static_cast<std::uint32_t>(live_devices(tenant_name, id).size());
  const auto what = std::make_shared<const notice::any>(
      notice::presence{number, count > 0 ? "online" : "offline", count});
  for (auto it = first; it != watching_.end() && it->first == tenant_name; ++it) {
    const auto& sink = live_.at(*it).sink;
    sink->push(what, 0); // volatile: a client that comes back asks for the whole list
    if (buggify(point::presence_told_twice)) sink->push(what, 0);
  }
}

std::size_t hub::connections() const { return live_.size(); }
std::size_t hub::connections(const tenant_id& tenant_name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(live_, [&](const auto& x) { return x.first.first == tenant_name; }));
}

std::set<extension_id> hub::live_extensions(const tenant_id& tenant_name) const {
  std::set<extension_id> out;
  for (const auto& [k, connection] : live_)
    if (k.first == tenant_name) out.insert(connection.extension);
  return out;
}

std::size_t hub::devices_online(const tenant_id& tenant_name) {
  std::size_t out = 0;
  for (const auto& id : live_extensions(tenant_name)) out += live_devices(tenant_name, id).size();
  return out;
}

std::vector<answer::extension_row> hub::rows_of(const tenant_id& tenant_name, bool only_online) {
  std::vector<answer::extension_row> out;
  const auto take = [&](const extension_id& id, const extension::state& s) {
    if (!s.exists || s.number.erased()) return;
    auto row = row_of(tenant_name, id, s);
    if (!only_online || row.client_count > 0) out.push_back(std::move(row));
  };
  const auto& extensions = tenant(tenant_name).extensions;
  if (only_online) {
    for (const auto& id : live_extensions(tenant_name))
      if (const auto* s = extensions.get(id)) take(id, *s);
  } else {
    extensions.each(take);
  }
  std::ranges::sort(out, {}, &answer::extension_row::extension);
  return out;
}

answer::extension_row hub::row_of(const tenant_id& tenant_name, const extension_id& id) {
  return row_of(tenant_name, id, tenant(tenant_name).extensions.at(id));
}

answer::extension_row hub::row_of(const tenant_id& tenant_name, const extension_id& id,
                                  const extension::state& s) {
  const auto& t = tenant(tenant_name);
  answer::extension_row row;
  row.extension = s.number.reveal();
  row.username = views::username_of(t, s.owner);
  for (const auto& [device, state] : s.devices) {
    const auto* connection = live(tenant_name, device);
    if (!state.attached || connection == nullptr || state.kind == extension::device_kind::echo)
      continue;
    row.devices.push_back({device, std::string{name_of(state.kind)}, state.user_agent.reveal(),
                           instant{connection->connected_at}, instant{connection->seen_at}});
    row.ws_connected = row.ws_connected || state.kind == extension::device_kind::websocket ||
                       state.kind == extension::device_kind::socketio;
  }
  row.client_count = static_cast<std::uint32_t>(row.devices.size());
  row.status = row.client_count > 0 ? "online" : "offline";
  if (s.devices.empty()) return row;
  const auto calls = views::calls_of_extension(t, id);
  row.calls.assign(calls.begin(), calls.end());
  return row;
}

// A connection that comes back while the loss of the one before is still on its way would end up
// live and detached: out of reach, and forgotten when the grace ends. Whoever is live is attached.
void hub::attach_again(const tenant_id& tenant_name, const device_id& device) {
  const auto& t = tenant(tenant_name);
  const auto it = t.devices.find(device);
  if (it == t.devices.end() || live(tenant_name, device) == nullptr) return;
  const auto& d = t.extensions.at(it->second).devices.at(device);
  if (d.attached && !buggify(point::attached_once_more)) return;
  engine_.send<extension::spec>(
      it->second.value,
      extension::attach_device{device, d.session, d.kind, d.user_agent, d.grace_ms, true, d.seat},
      {tenant_name, "system/publisher", {}, device.value, 0}, {});
}

void hub::keep_attached(const views::committed& e) {
  const auto* x = std::get_if<extension::event>(&e.event);
  if (x == nullptr) return;
  const device_id* device = nullptr;
  if (const auto* a = std::get_if<extension::device_attached>(x)) device = &a->device;
  if (const auto* d = std::get_if<extension::device_detached>(x)) device = &d->device;
  if (device == nullptr) return;
  const auto* connection = live(e.tenant, *device);
  if (connection == nullptr) return;
  attach_again(e.tenant, *device);
  tell_presence(e.tenant, connection->extension);
}

// Both ways, because what was sent the first time may have been refused by a full queue.
// A device that is attached by this start of the node and has no connection: its attachment was
// not finished, or the news of its loss did not get through. It is told lost (again).
void hub::compare_attached() {
  for (const auto& [k, connection] : live_) attach_again(k.first, k.second);
  const auto& services = engine_.services();
  const auto now = services.time.now();
  for (const auto& [name, t] : world_.tenants)
    for (const auto& [device, owner] : t.devices) {
      const auto& d = t.extensions.at(owner).devices.at(device);
      if (!d.attached || d.node != services.node || d.kind == extension::device_kind::rest)
        continue;
      if (now - d.since < absent_after_ms || live(name, device) != nullptr) continue;
      engine_.send<extension::spec>(owner.value,
                                    extension::detach_device{device, "absent", services.node},
                                    {name, "system/publisher", {}, device.value, 0}, {});
    }
}

} // namespace strowger::runtime
