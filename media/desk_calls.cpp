// Calls: who hears whom. Whatever changed, everything follows from the call's parties as they are.
#include "core/limits.hpp"
#include "media/desk_board.hpp"

#include <algorithm>

namespace strowger::media {
namespace {

constexpr duration_ms ask_again_ms = 5'000; // to end a leg, should the first time be lost

} // namespace

const call_party* switchboard::party(const call& c, const device_id& device) const {
  const auto it = std::ranges::find(c.view.parties, device, &call_party::device);
  return it == c.view.parties.end() ? nullptr : &*it;
}

// It and its peer have both answered. An accepted answer counts before it is news.
bool switchboard::talks(const call& c, const device_id& device) const {
  const auto* mine = party(c, device);
  const auto m = c.members.find(device);
  if (!mine || m == c.members.end()) return false;
  if (m->second.won) return true;
  return m->second.up;
}

switchboard::call* switchboard::call_of(const transport& t) {
  if (!t.call) return nullptr;
  const auto it = calls_.find({t.owner.tenant, *t.call});
  return it == calls_.end() ? nullptr : &it->second;
}

std::uint8_t switchboard::codec_of(const producer& p) const {
  for (const auto& c : p.rtp.codecs)
    if (const auto* ours = wire::router_codec(c)) return ours->payload_type;
  return 0;
}

// In the order in which they were made.
std::vector<producer_id> switchboard::sent_by(const call& c, const owner& who) const {
  std::vector<std::pair<std::uint64_t, producer_id>> found;
  for (const auto& id : c.transports)
    if (const auto& t = transports_.at(id); t.owner == who)
      for (const auto& p : t.producers) found.emplace_back(t.number, p);
  std::ranges::sort(found);
  std::vector<producer_id> out;
  for (auto& [number, id] : found) out.push_back(std::move(id));
  return out;
}

std::vector<consumer_id> switchboard::heard_by(const call& c, const owner& who) const {
  std::vector<consumer_id> out;
  for (const auto& id : c.transports)
    if (const auto& t = transports_.at(id); t.owner == who)
      out.insert(out.end(), t.consumers.begin(), t.consumers.end());
  return out;
}

// The sound that this device's answer, or the news of an answer, names.
std::optional<switchboard::audible> switchboard::audio_for(call& c, const owner& who) {
  const auto* mine = party(c, who.device);
  if (!mine || mine->peer.empty()) return std::nullopt;
  for (const auto& id : sent_by(c, {who.tenant, mine->peer})) {
    const auto kind = producers_.at(id).kind;
    if (kind != wire::media_kind::audio) continue;
    c.members[who.device].announced.insert(id);
    return audible{id, kind};
  }
  return std::nullopt;
}

void switchboard::call_changed(const call_key& named, const call_view& view, bool restored,
                               time_ms now, effects& out) {
  if (restored && !view.relayed) return;
  const auto key = named; // `named` may be of what is forgotten here
  auto& c = calls_[key];
  c.view = view;
  if (restored && view.recording != 0) {
    c.lost_recording = view.recording;
    out.push_back(effect::lost_recording{key, view.recording});
  }
  if (!view.over) settle(key, c, out); // first who stays gets a new source, then others are closed
  std::set<device_id> here;
  for (const auto& p : view.parties) {
    here.insert(p.device);
    auto& m = c.members[p.device];
    devices_[{key.tenant, p.device}].calls.insert(key.call);
    if (!p.up || m.up) continue;
    m.up = true;
    m.greeting = !m.answering && !m.won && !restored;
    m.won = false;
    if (restored) m.lost = {way::from_client, way::to_client};
    m.restored = restored;
    if (!restored && !m.lost.empty()) m.dead_at = now + limits::dead_leg_ms;
  }
  const auto bound = c.transports;
  for (const auto& id : bound)
    if (!here.contains(transports_.at(id).owner.device)) close(id, out);
  for (auto it = c.members.begin(); it != c.members.end();) {
    if (here.contains(it->first)) {
      ++it;
      continue;
    }
    const owner who{key.tenant, it->first};
    if (const auto d = devices_.find(who); d != devices_.end()) d->second.calls.erase(key.call);
    forget_idle(who);
    it = c.members.erase(it);
  }
  if (view.over) {
    record(key, c, out);
    calls_.erase(key);
  } else {
    settle(key, c, out);
  }
}

void switchboard::settle(const call_key& key, call& c, effects& out) {
  for (const auto& p : c.view.parties) mute(c, p, key.tenant, out);
  for (const auto& p : c.view.parties)
    if (talks(c, p.device)) connect(c, {key.tenant, p.device}, p.peer, out);
  for (const auto& p : c.view.parties) {
    const owner who{key.tenant, p.device};
    for (const auto& id : heard_by(c, who)) let_flow(c, who, consumers_.at(id), id, out);
    announce(key, c, who, out);
  }
  record(key, c, out);
}

// What this device consumes is to come from its peer, whoever that is by now.
void switchboard::connect(call& c, const owner& who, const device_id& peer, effects& out) {
  const auto available = peer.empty() ? std::vector<producer_id>{} : sent_by(c, {who.tenant, peer});
  const auto mine = heard_by(c, who);
  std::set<producer_id> taken;
  for (const auto& id : mine)
    if (std::ranges::find(available, consumers_.at(id).source) != available.end())
      taken.insert(consumers_.at(id).source);
  for (const auto& id : mine) {
    auto& x = consumers_.at(id);
    if (taken.contains(x.source)) continue;
    bool other_codec = false;
    for (const auto& candidate : available) {
      const auto& p = producers_.at(candidate);
      if (taken.contains(candidate) || p.kind != x.kind) continue;
      other_codec = !x.takes(codec_of(p));
      if (other_codec) continue;
      if (x.music.empty()) { // else later, when it is no longer held
        if (std::exchange(x.flows, false)) out.push_back(effect::pause_consumer{id, true});
        out.push_back(effect::switch_source{id, candidate});
      }
      x.source = candidate;
      taken.insert(candidate);
      c.members[who.device].announced.insert(candidate);
      break;
    }
    if (!other_codec || x.stays) continue; // else it is of no use any more; what there is is announced
    out.push_back(effect::close_consumer{id});
    closed(id, true, out);
  }
}

void switchboard::let_flow(const call& c, const owner& who, consumer& x, const consumer_id& id,
                           effects& out) {
  const auto* mine = party(c, who.device);
  const auto p = producers_.find(x.source);
  const auto* theirs = mine && p != producers_.end() && p->second.owner.device == mine->peer
                           ? party(c, mine->peer)
                           : nullptr;
  const bool here = mine && talks(c, who.device);
  choose_sound(here && mine->waits && x.kind == wire::media_kind::audio, x, id, out);
  const bool talking = theirs && here && !mine->on_hold && !theirs->on_hold;
  const bool flows = !x.paused && (x.music.empty() ? talking : x.plays);
  if (std::exchange(x.flows, flows) != flows) out.push_back(effect::pause_consumer{id, !flows});
}

void switchboard::mute(const call& c, const call_party& p, const tenant_id& tenant, effects& out) {
  for (const auto& id : sent_by(c, {tenant, p.device})) {
    auto& x = producers_.at(id);
    const bool on = x.paused || (p.muted && x.kind == wire::media_kind::audio);
    if (std::exchange(x.told, on) != on) out.push_back(effect::pause_producer{id, on});
  }
}

void switchboard::announce(const call_key& key, call& c, const owner& who, effects& out) {
  const auto m = c.members.find(who.device);
  const auto* mine = party(c, who.device);
  if (m == c.members.end() || !mine || mine->peer.empty() || !talks(c, who.device)) return;
  if (m->second.greeting || m->second.answering) return;
  for (const auto& id : sent_by(c, {who.tenant, mine->peer}))
    if (m->second.announced.insert(id).second)
      out.push_back(effect::tell{
          who, notice::webrtc_new_producer{key.call, id.value,
                                           std::string{wire::name_of(producers_.at(id).kind)}}});
}

std::optional<switchboard::audible> switchboard::answered(const owner& who, const call_id& name,
                                                          effects& out) {
  const call_key key{who.tenant, name};
  const auto it = calls_.find(key);
  if (it == calls_.end()) return std::nullopt;
  const auto hears = audio_for(it->second, who);
  it->second.members[who.device].greeting = false;
  announce(key, it->second, who, out);
  return hears;
}

// Alive again: something connected and not silent each way that was lost.
void switchboard::check_alive(call& c, const owner& who) {
  const auto m = c.members.find(who.device);
  if (m == c.members.end()) return;
  for (const auto& id : c.transports)
    if (const auto& t = transports_.at(id); t.owner == who && t.connected && !t.silent)
      std::erase_if(m->second.lost, [&](way each) { return serves(t.towards, each); });
  if (m->second.lost.empty()) m->second.dead_at = never;
}

// It may have missed what it was told.
void switchboard::joined(const owner& who, time_ms now, effects& out) {
  const auto d = devices_.find(who);
  if (d == devices_.end()) return;
  const auto names = d->second.calls;
  for (const auto& name : names) {
    const call_key key{who.tenant, name};
    const auto it = calls_.find(key);
    if (it == calls_.end()) continue;
    auto& m = it->second.members[who.device];
    if (!m.up) continue;
    m.greeting = false;
    m.announced.clear();
    for (const auto& id : heard_by(it->second, who)) m.announced.insert(consumers_.at(id).source);
    if (m.restored && !m.lost.empty()) {
      out.push_back(effect::tell{who, notice::webrtc_transport_lost{name, {}, "restarted"}});
      if (m.dead_at == never) m.dead_at = now + limits::dead_leg_after_start_ms;
    }
    announce(key, it->second, who, out);
  }
}

void switchboard::forgotten(const owner& who, effects& out) {
  const auto d = devices_.find(who);
  if (d == devices_.end()) return;
  const auto transports = d->second.transports;
  for (const auto& id : transports) close(id, out);
}

void switchboard::tick(time_ms now, effects& out) {
  std::vector<transport_id> unbound;
  for (const auto& [id, t] : transports_)
    if (!t.call && !t.aside && now - t.created_at >= limits::unbound_transport_ms)
      unbound.push_back(id);
  for (const auto& id : unbound) close(id, out);
  for (auto& [key, c] : calls_)
    for (auto& [device, m] : c.members) {
      if (m.dead_at == never || m.dead_at > now) continue;
      m.dead_at = now + ask_again_ms;
      out.push_back(effect::end_leg{{key.tenant, device}, key.call});
    }
}

} // namespace strowger::media
