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
    if (m != it->second.members.end() && m->second.up && m->second.lost.contains(towards))
      waiting.push_back(name);
  }
  if (waiting.size() == 1) bind(id, waiting.front());
}

bool switchboard::has(const owner& who, const transport_id& id) const {
  const auto it = transports_.find(id);
  return it != transports_.end() && it->second.owner == who;
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
  const bool another = std::ranges::any_of(c->transports, [&](const transport_id& other) {
    const auto& t = transports_.at(other);
    return t.owner == who && t.towards == towards && t.connected && !t.silent;
  });
  if (!another) m->second.lost.insert(towards);
  if (!m->second.up) return;
  if (!another && m->second.dead_at == never) m->second.dead_at = since + limits::dead_leg_ms;
  out.push_back(effect::tell{who, notice::webrtc_transport_lost{
                                      *name, id.value, how == loss::silent ? "silent" : "closed"}});
  settle({who.tenant, *name}, *c, out);
}

// ---- binding

void switchboard::set_aside(const owner& who, std::string_view command,
                            const std::optional<call_id>& name) {
  auto& d = devices_[who];
  std::vector<transport_id> chosen;
  for (const auto towards : {way::from_client, way::to_client}) {
    const transport_id* newest = nullptr;
    for (const auto& id : d.transports) {
      const auto& t = transports_.at(id);
      if (t.towards != towards || t.call || t.aside) continue;
      if (!newest || t.number > transports_.at(*newest).number) newest = &id;
    }
    if (newest) chosen.push_back(*newest);
  }
  for (const auto& id : chosen) transports_.at(id).aside = true;
  if (name) {
    if (const auto c = calls_.find({who.tenant, *name}); c != calls_.end()) {
      if (const auto m = c->second.members.find(who.device); m != c->second.members.end())
        m->second.answering = !m->second.up;
      for (const auto& id : chosen) bind(id, *name);
    }
  }
  d.aside[std::string{command}].push_back({name, std::move(chosen)});
}

bool switchboard::anything_aside(const owner& who) const {
  const auto it = devices_.find(who);
  if (it == devices_.end()) return false;
  for (const auto& [command, waiting] : it->second.aside)
    if (!waiting.empty() && !waiting.back().transports.empty()) return true;
  return false;
}

std::optional<switchboard::audible> switchboard::settled(const owner& who, std::string_view command,
                                                         const call_id& name, time_ms now,
                                                         effects& out) {
  auto& d = devices_[who];
  const auto queue = d.aside.find(command);
  if (queue == d.aside.end() || queue->second.empty()) return std::nullopt;
  const auto chosen = std::move(queue->second.front());
  queue->second.pop_front();
  if (queue->second.empty()) d.aside.erase(queue);
  for (const auto& id : chosen.transports)
    if (const auto it = transports_.find(id); it != transports_.end()) it->second.aside = false;
  if (name.empty()) {
    if (chosen.call)
      if (const auto c = calls_.find({who.tenant, *chosen.call}); c != calls_.end())
        if (const auto m = c->second.members.find(who.device); m != c->second.members.end())
          m->second.answering = false;
    for (const auto& id : chosen.transports) close(id, out);
    return std::nullopt;
  }
  const call_key key{who.tenant, name};
  auto& c = calls_[key]; // its first news may be on its way
  if (c.members.empty()) c.members[who.device];
  d.calls.insert(name);
  for (const auto& id : chosen.transports) bind(id, name);
  auto& m = c.members[who.device];
  if (command == "call:answer") {
    m.answering = false;
    m.won = !m.up;
  }
  if (m.up && !m.lost.empty() && m.dead_at == never) m.dead_at = now + limits::dead_leg_ms;
  const auto hears = m.up || m.won ? audio_for(c, who) : std::nullopt;
  settle(key, c, out);
  return hears;
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
  return {transports_.size(), producers_.size(), consumers_.size(), calls_.size()};
}

} // namespace strowger::media
