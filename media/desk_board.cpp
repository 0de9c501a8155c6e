// Transports: whose they are and which call they belong to.
#include "media/desk_board.hpp"

#include "core/limits.hpp"

#include <algorithm>

namespace strowger::media {

std::optional<failure> switchboard::may_create(const owner& who,
                                               const std::optional<call_id>& named) const {
  const auto it = devices_.find(who);
  if (it != devices_.end() && it->second.transports.size() >= limits::transports_per_device_max)
    return failure{errc::too_many_transports, {}, 0};
  if (!named) return std::nullopt;
  const auto c = calls_.find({who.tenant, *named});
  if (c == calls_.end() || !talks(c->second, who.device))
    return failure{errc::not_in_call, "callId", 0};
  return std::nullopt;
}

void switchboard::created(const owner& who, const transport_id& id, way towards,
                          const std::optional<call_id>& named, time_ms now) {
  transport t;
  t.owner = who;
  t.towards = towards;
  t.created_at = now;
  t.number = ++numbers_;
  transports_.insert_or_assign(id, std::move(t));
  auto& d = devices_[who];
  d.transports.insert(id);
  if (named) return bind(id, *named);
  std::vector<call_id> waiting; // calls that miss such a transport
  for (const auto& name : d.calls) {
    const auto it = calls_.find({who.tenant, name});
    if (it == calls_.end()) continue;
    const auto m = it->second.members.find(who.device);
    const auto missed = [&](way each) { return serves(towards, each); };
    if (m != it->second.members.end() && m->second.up &&
        std::ranges::any_of(m->second.lost, missed))
      waiting.push_back(name);
  }
  if (waiting.size() == 1) bind(id, waiting.front());
}

bool switchboard::has(const owner& who, const transport_id& id) const {
  const auto it = transports_.find(id);
  return it != transports_.end() && it->second.owner == who;
}

std::optional<std::pair<owner, call_id>> switchboard::place_of(const transport_id& id) const {
  const auto it = transports_.find(id);
  if (it == transports_.end() || !it->second.call) return {};
  return std::pair{it->second.owner, *it->second.call};
}

void switchboard::connected(const transport_id& id) {
  const auto it = transports_.find(id);
  if (it == transports_.end()) return;
  it->second.connected = true;
  if (auto* c = call_of(it->second)) check_alive(*c, it->second.owner);
}

void switchboard::heard(const transport_id& id) {
  const auto it = transports_.find(id);
  if (it == transports_.end()) return;
  it->second.silent = false;
  if (auto* c = call_of(it->second)) check_alive(*c, it->second.owner);
}

void switchboard::lost(const transport_id& id, loss how, time_ms since, effects& out) {
  const auto it = transports_.find(id);
  if (it == transports_.end()) return;
  const auto who = it->second.owner;
  const auto towards = it->second.towards;
  const auto name = it->second.call;
  auto* c = call_of(it->second);
  if (how == loss::silent) it->second.silent = true;
  if (how == loss::closed) forget(id);
  if (!c) return;
  const auto m = c->members.find(who.device);
  if (m == c->members.end()) return;
  bool another = true;
  for (const auto each : {way::from_client, way::to_client}) {
    const auto carries = [&](const transport_id& other) {
      const auto& t = transports_.at(other);
      return t.owner == who && serves(t.towards, each) && t.connected && !t.silent;
    };
    if (!serves(towards, each) || std::ranges::any_of(c->transports, carries)) continue;
    m->second.lost.insert(each);
    another = false;
  }
  if (!m->second.up) return;
  if (!another && m->second.dead_at == never) m->second.dead_at = since + limits::dead_leg_ms;
  out.push_back(effect::tell{who, notice::webrtc_transport_lost{
                                      *name, id.value, how == loss::silent ? "silent" : "closed"}});
  settle({who.tenant, *name}, *c, out);
}

// ---- binding

switchboard::ticket switchboard::set_aside(const owner& who, bool answering,
                                           const std::optional<call_id>& name) {
  auto& d = devices_[who];
  std::vector<transport_id> chosen;
  for (const auto towards : {way::from_client, way::to_client}) {
    const transport_id* newest = nullptr;
    for (const auto& id : d.transports) {
      const auto& t = transports_.at(id);
      if (!serves(t.towards, towards) || t.call || t.aside) continue;
      if (!newest || t.number > transports_.at(*newest).number) newest = &id;
    }
    if (newest && std::ranges::find(chosen, *newest) == chosen.end()) chosen.push_back(*newest);
  }
  for (const auto& id : chosen) transports_.at(id).aside = true;
  if (name) {
    if (const auto c = calls_.find({who.tenant, *name}); c != calls_.end()) {
      if (const auto m = c->second.members.find(who.device); m != c->second.members.end())
        m->second.answering = !m->second.up;
      for (const auto& id : chosen) bind(id, *name);
    }
  }
  const auto number = ++numbers_;
  d.aside.emplace(number, aside{answering, name, std::move(chosen)});
  return number;
}

bool switchboard::anything_aside(const owner& who, ticket number) const {
  const auto d = devices_.find(who);
  if (d == devices_.end()) return false;
  const auto found = d->second.aside.find(number);
  return found != d->second.aside.end() && !found->second.transports.empty();
}

std::optional<switchboard::audible> switchboard::settled(const owner& who, ticket number,
                                                         const call_id& name, time_ms now,
                                                         effects& out) {
  const auto d = devices_.find(who);
  if (d == devices_.end()) return std::nullopt;
  const auto taken = d->second.aside.extract(number);
  if (!taken) return std::nullopt;
  const auto& chosen = taken.mapped();
  for (const auto& id : chosen.transports)
    if (const auto it = transports_.find(id); it != transports_.end()) it->second.aside = false;
  if (name.empty()) {
    refused(who, chosen, out);
    return std::nullopt;
  }
  const call_key key{who.tenant, name};
  auto& c = calls_[key]; // its first news may be on its way
  if (c.members.empty()) c.members[who.device];
  d->second.calls.insert(name);
  for (const auto& id : chosen.transports) bind(id, name);
  auto& m = c.members[who.device];
  if (chosen.answering) {
    m.answering = false;
    m.won = !m.up;
  }
  if (m.up && !m.lost.empty() && m.dead_at == never) m.dead_at = now + limits::dead_leg_ms;
  const bool names = chosen.answering && (m.up || m.won);
  const auto hears = names ? audio_for(c, who) : std::nullopt;
  settle(key, c, out);
  return hears;
}

void switchboard::refused(const owner& who, const aside& chosen, effects& out) {
  if (chosen.call)
    if (const auto c = calls_.find({who.tenant, *chosen.call}); c != calls_.end())
      if (const auto m = c->second.members.find(who.device); m != c->second.members.end())
        m->second.answering = false;
  for (const auto& id : chosen.transports) close(id, out);
  forget_idle(who);
}

void switchboard::confirm(const owner& who, const call_id& name, effects& out) {
  const auto it = calls_.find({who.tenant, name});
  if (it == calls_.end() || !it->second.view.parties.empty()) return;
  call_changed(it->first, call_view{.over = true}, false, 0, out);
}

void switchboard::bind(const transport_id& id, const call_id& name) {
  const auto it = transports_.find(id);
  if (it == transports_.end() || it->second.call) return;
  it->second.call = name;
  auto& c = calls_[{it->second.owner.tenant, name}];
  c.transports.insert(id);
  if (it->second.connected) check_alive(c, it->second.owner);
}

void switchboard::close(const transport_id& id, effects& out) {
  if (!transports_.contains(id)) return;
  forget(id);
  out.push_back(effect::close_transport{id});
}

void switchboard::forget(const transport_id& id) {
  const auto it = transports_.find(id);
  if (it == transports_.end()) return;
  const auto producers = it->second.producers;
  const auto consumers = it->second.consumers;
  for (const auto& each : producers) forget(each);
  for (const auto& each : consumers) forget(each);
  if (auto* c = call_of(it->second)) c->transports.erase(id);
  const auto who = it->second.owner;
  if (const auto d = devices_.find(who); d != devices_.end()) d->second.transports.erase(id);
  transports_.erase(id);
  forget_idle(who);
}

void switchboard::forget_idle(const owner& who) {
  const auto d = devices_.find(who);
  if (d != devices_.end() && d->second.transports.empty() && d->second.calls.empty() &&
      d->second.aside.empty())
    devices_.erase(d);
}

// Who hears it hears nothing until there is another.
void switchboard::forget(const producer_id& id) {
  const auto it = producers_.find(id);
  if (it == producers_.end()) return;
  for (const auto& x : hearing(id)) consumers_.at(x).source = {};
  transports_.at(it->second.on).producers.erase(id);
  producers_.erase(it);
}

std::vector<consumer_id> switchboard::hearing(const producer_id& id) const {
  std::vector<consumer_id> out;
  const auto& t = transports_.at(producers_.at(id).on);
  if (!t.call) return out;
  const auto c = calls_.find({t.owner.tenant, *t.call});
  if (c == calls_.end()) return out;
  for (const auto& other : c->second.transports)
    for (const auto& x : transports_.at(other).consumers)
      if (consumers_.at(x).source == id) out.push_back(x);
  return out;
}

void switchboard::forget(const consumer_id& id) {
  const auto it = consumers_.find(id);
  if (it == consumers_.end()) return;
  transports_.at(it->second.on).consumers.erase(id);
  consumers_.erase(it);
}

switchboard::counts switchboard::count() const {
  return {transports_.size(), producers_.size(), consumers_.size(), calls_.size(), devices_.size()};
}

} // namespace strowger::media
