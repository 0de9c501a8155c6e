// Producers and consumers: who may have which, who pauses them, who loses them.
#include "core/limits.hpp"
#include "media/desk_board.hpp"

namespace strowger::media {

std::optional<failure> switchboard::may_produce(const owner& who, const transport_id& on) const {
  if (!has(who, on)) return failure{errc::transport_unknown, "transportId", 0};
  const auto& t = transports_.at(on);
  if (!serves(t.towards, way::from_client)) return failure{errc::wrong_direction, "transportId", 0};
  if (t.producers.size() >= limits::streams_per_transport_max)
    return failure{errc::too_many_streams, {}, 0};
  return std::nullopt;
}

void switchboard::produced(const owner& who, const transport_id& on, const producer_id& id,
                           wire::media_kind kind, wire::rtp_parameters rtp, bool paused,
                           effects& out) {
  const auto t = transports_.find(on);
  if (t == transports_.end()) return; // closed meanwhile, and with it the producer
  t->second.producers.insert(id);
  producers_[id] = {on, who, kind, std::move(rtp), paused, paused};
  if (auto* c = call_of(t->second)) settle({who.tenant, *t->second.call}, *c, out);
}

const switchboard::producer* switchboard::may_consume(const owner& who, const transport_id& on,
                                                      const producer_id& wanted, failure& why) {
  const auto refuse = [&](errc error, std::string detail) {
    why = {error, std::move(detail), 0};
    return nullptr;
  };
  if (!has(who, on)) return refuse(errc::transport_unknown, "transportId");
  auto& t = transports_.at(on);
  if (!serves(t.towards, way::to_client)) return refuse(errc::wrong_direction, "transportId");
  if (t.consumers.size() >= limits::streams_per_transport_max)
    return refuse(errc::too_many_streams, {});
  const auto p = producers_.find(wanted);
  if (p == producers_.end()) return refuse(errc::producer_unknown, "producerId");
  const auto& from = transports_.at(p->second.on);
  if (!from.call || from.owner.tenant != who.tenant || (t.call && t.call != from.call))
    return refuse(errc::producer_unknown, "producerId");
  const auto& c = calls_.at({who.tenant, *from.call});
  const auto* mine = party(c, who.device);
  if (!mine || mine->peer != from.owner.device || !talks(c, who.device))
    return refuse(errc::producer_unknown, "producerId");
  if (!t.call) bind(on, *from.call);
  return &p->second;
}

std::optional<bool> switchboard::consumed(const owner& who, const transport_id& on,
                                          const consumer_id& id, const producer_id& source,
                                          std::uint8_t codec, bool paused) {
  const auto t = transports_.find(on);
  const auto p = producers_.find(source);
  if (t == transports_.end() || p == producers_.end()) return std::nullopt;
  t->second.consumers.insert(id);
  auto& x = consumers_[id];
  x = {on, who, source, source, p->second.kind, codec, paused, false};
  auto* c = call_of(t->second);
  if (!c) return false;
  if (const auto m = c->members.find(who.device); m != c->members.end())
    m->second.announced.insert(source);
  effects first;
  if (party(*c, who.device) && party(*c, who.device)->waits) return false; // until follow()
  let_flow(*c, who, x, id, first);
  return x.flows;
}

void switchboard::described(const owner& who, const transport_id& on, const consumer_id& id,
                            wire::media_kind kind, std::vector<std::uint8_t> codecs, bool paused,
                            effects& out) {
  const auto t = transports_.find(on);
  if (t == transports_.end() || codecs.empty()) return;
  t->second.consumers.insert(id);
  consumer x{on, who, {}, {}, kind, codecs.front(), paused, false, true, {}};
  x.others.assign(codecs.begin() + 1, codecs.end());
  consumers_[id] = std::move(x);
  if (auto* c = call_of(t->second)) settle({who.tenant, *t->second.call}, *c, out);
}

std::vector<wire::codec> switchboard::peer_codecs(const owner& who,
                                                  const std::optional<call_id>& named) const {
  std::vector<wire::codec> out;
  const auto d = devices_.find(who);
  if (d == devices_.end()) return out;
  for (const auto& name : d->second.calls) {
    const auto c = calls_.find({who.tenant, name});
    if (c == calls_.end() || (named && name != *named)) continue;
    const auto* mine = party(c->second, who.device);
    if (!mine || mine->peer.empty() || (!named && mine->up)) continue;
    for (const auto& id : sent_by(c->second, {who.tenant, mine->peer}))
      for (const auto& each : producers_.at(id).rtp.codecs)
        if (const auto* ours = wire::router_codec(each)) {
          out.push_back(*ours);
          break;
        }
  }
  return out;
}

bool switchboard::has(const owner& who, const producer_id& id) const {
  const auto it = producers_.find(id);
  return it != producers_.end() && it->second.owner == who;
}

bool switchboard::has(const owner& who, const consumer_id& id) const {
  const auto it = consumers_.find(id);
  return it != consumers_.end() && it->second.owner == who;
}

void switchboard::pause(const producer_id& id, bool on, effects& out) {
  const auto it = producers_.find(id);
  if (it == producers_.end()) return;
  it->second.paused = on;
  const auto& t = transports_.at(it->second.on);
  const auto* c = call_of(transports_.at(it->second.on));
  const auto* p = c ? party(*c, t.owner.device) : nullptr;
  if (p) return mute(*c, *p, t.owner.tenant, out);
  if (std::exchange(it->second.told, on) != on) out.push_back(effect::pause_producer{id, on});
}

void switchboard::pause(const consumer_id& id, bool on, effects& out) {
  const auto it = consumers_.find(id);
  if (it == consumers_.end()) return;
  it->second.paused = on;
  if (const auto* c = call_of(transports_.at(it->second.on)))
    let_flow(*c, it->second.owner, it->second, id, out);
}

void switchboard::closed(const producer_id& id, bool on_purpose, effects& out) {
  const auto it = producers_.find(id);
  if (it == producers_.end()) return;
  auto& t = transports_.at(it->second.on);
  if (on_purpose)
    for (const auto& x : hearing(id)) {
      if (consumers_.at(x).stays) continue;
      out.push_back(effect::close_consumer{x});
      closed(x, true, out);
    }
  forget(id);
  if (auto* c = call_of(t)) settle({t.owner.tenant, *t.call}, *c, out);
}

void switchboard::closed(const consumer_id& id, bool tell, effects& out) {
  const auto it = consumers_.find(id);
  if (it == consumers_.end()) return;
  const auto who = it->second.owner;
  const auto named = it->second.named;
  const auto source = it->second.source;
  const auto name = transports_.at(it->second.on).call;
  auto* c = call_of(transports_.at(it->second.on));
  forget(id);
  if (!c || !tell || !party(*c, who.device)) return; // it is no news to who has left
  out.push_back(effect::tell{who, notice::webrtc_consumer_closed{*name, id.value, named.value}});
  if (const auto m = c->members.find(who.device); m != c->members.end())
    m->second.announced.erase(source);
}

} // namespace strowger::media
