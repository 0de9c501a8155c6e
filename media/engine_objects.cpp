// What the facade asks for: making, connecting, pausing and switching.
#include "media/engine.hpp"

#include <algorithm>

namespace strowger::media {

result<transport_made> engine::create_transport(transport_options asked) {
  if (transports_.size() >= limits::media_transports_max) return {refusal::too_many, {}};
  auto made = std::make_unique<transport>();
  auto& t = *made;
  t.id = transport_id{random_id()};
  t.owner = std::move(asked.owner);
  t.towards = asked.towards;
  t.made_us = now_us_;
  t.own_ssrc = random32();
  t.used.push_back(t.own_ssrc);
  by_ufrag_.emplace(t.ice.ufrag(), &t);
  all_.push_back(&t);
  transports_.emplace(t.id.value, std::move(made));
  transport_made out;
  out.id = t.id;
  out.ice = {t.ice.ufrag(), t.ice.password()};
  const auto& ip = options_.announced_ip.empty() ? options_.listen_ip : options_.announced_ip;
  // Priorities of RFC 8445, section 5.1.2, and for TCP of RFC 6544, section 4.2 (passive).
  out.candidates.push_back({"udp", (126U << 24) | (0xFFFFU << 8) | 255U, ip, udp_.port(), false});
  if (tcp_)
    out.candidates.push_back(
        {"tcp", (126U << 24) | ((4U << 13 | 0x1FFFU) << 8) | 255U, ip, udp_.port(), true});
  out.fingerprints.push_back(dtls_context_->own());
  return {refusal::none, std::move(out)};
}

refusal engine::connect_transport(const transport_id& id, const remote_dtls& said) {
  auto* t = find(id);
  if (!t) return refusal::unknown_transport;
  if (t->remote) return *t->remote == said ? refusal::none : refusal::already_connected;
  if (!strong_fingerprint(said.fingerprints)) return refusal::weak_fingerprint;
  t->remote = said;
  if (t->selected) begin_dtls(*t, *t->selected);
  return refusal::none;
}

result<ice_parameters> engine::restart_ice(const transport_id& id) {
  auto* t = find(id);
  if (!t) return {refusal::unknown_transport, {}};
  if (!t->ice.former_ufrag().empty()) by_ufrag_.erase(by_ufrag_.find(t->ice.former_ufrag()));
  t->ice.restart();
  by_ufrag_.emplace(t->ice.ufrag(), t);
  return {refusal::none, {t->ice.ufrag(), t->ice.password()}};
}

refusal engine::close_transport(const transport_id& id) {
  auto* t = find(id);
  if (!t) return refusal::unknown_transport;
  close(*t, close_reason::asked);
  return refusal::none;
}

result<producer_id> engine::produce(const transport_id& id, producer_options asked) {
  auto* t = find(id);
  if (!t) return {refusal::unknown_transport, {}};
  if (t->towards == direction::to_client) return {refusal::wrong_direction, {}};
  if (t->producers.size() >= limits::media_producers_per_transport_max)
    return {refusal::too_many, {}};
  auto made = std::make_unique<producer>();
  auto& p = *made;
  p.on = t;
  p.kind = asked.kind;
  p.rtp = std::move(asked.rtp);
  p.paused = asked.paused;
  if (const auto why = prepare(p); why != refusal::none) return {why, {}};
  const auto first = p.rtp.encodings.empty() ? encoding{} : p.rtp.encodings.front();
  for (const auto ssrc : {first.ssrc, first.rtx_ssrc})
    if (ssrc && find_stream(*t, ssrc)) return {refusal::ssrc_taken, {}};
  if (first.ssrc && first.ssrc == first.rtx_ssrc) return {refusal::ssrc_taken, {}};
  p.main = std::make_unique<stream>(stream{first.ssrc, &p, false, {}});
  if (first.ssrc) t->streams.push_back(p.main.get());
  if (first.rtx_ssrc) {
    p.repair = std::make_unique<stream>(stream{first.rtx_ssrc, &p, true, {}});
    t->streams.push_back(p.repair.get());
  }
  p.id = producer_id{random_id()};
  t->producers.push_back(&p);
  if (p.kind == kind::video || p.transport_cc_id) feedback_.push_back(&p);
  const auto out = p.id;
  producers_.emplace(out.value, std::move(made));
  return {refusal::none, out};
}

refusal engine::pause_producer(const producer_id& id, bool paused) {
  auto* p = find(id);
  if (!p) return refusal::unknown_producer;
  if (p->paused == paused) return refusal::none;
  p->paused = paused;
  if (paused) return refusal::none;
  for (auto* c : p->consumers) {
    c->place.resume();
    c->key_frame_awaited = c->kind == kind::video;
  }
  want_key_frame(*p);
  return refusal::none;
}

refusal engine::close_producer(const producer_id& id) {
  auto* p = find(id);
  if (!p) return refusal::unknown_producer;
  close(*p, close_reason::asked, true);
  return refusal::none;
}

std::uint32_t engine::fresh_ssrc(const transport& t) {
  for (;;) {
    const auto out = random32();
    if (out && std::ranges::find(t.used, out) == t.used.end()) return out;
  }
}

result<consumer_made> engine::consume(const transport_id& on, const producer_id& from,
                                      consumer_options asked) {
  auto* t = find(on);
  if (!t) return {refusal::unknown_transport, {}};
  const bool waits = from.empty() && asked.outlives_producer; // for switch_source
  auto* p = waits ? nullptr : find(from);
  if (!p && !waits) return {refusal::unknown_producer, {}};
  if (t->towards == direction::from_client) return {refusal::wrong_direction, {}};
  if (t->consumers.size() >= limits::media_consumers_per_transport_max ||
      (p && p->consumers.size() >= limits::media_consumers_per_producer_max) ||
      t->used.size() + 2 > limits::media_ssrcs_used_max)
    return {refusal::too_many, {}};
  auto made = std::make_unique<consumer>();
  auto& c = *made;
  c.on = t;
  c.kind = p ? p->kind : asked.kind;
  c.rtp = std::move(asked.rtp);
  c.paused = asked.paused;
  c.outlives_producer = asked.outlives_producer;
  if (const auto why = prepare(c); why != refusal::none) return {why, {}};
  if (const auto why = p ? adapt(c, *p) : refusal::none; why != refusal::none) return {why, {}};
  const auto first = c.rtp.encodings.empty() ? encoding{} : c.rtp.encodings.front();
  const auto taken = [&](std::uint32_t ssrc) {
    return ssrc && std::ranges::find(t->used, ssrc) != t->used.end();
  };
  if (taken(first.ssrc) || taken(first.rtx_ssrc) || (first.ssrc && first.ssrc == first.rtx_ssrc))
    return {refusal::ssrc_taken, {}};
  c.ssrc = first.ssrc ? first.ssrc : fresh_ssrc(*t);
  t->used.push_back(c.ssrc);
  const bool repairs =
      std::ranges::any_of(c.repair_payload, [](auto type) { return type != no_payload_type; });
  if (repairs) {
    c.repair_ssrc = first.rtx_ssrc ? first.rtx_ssrc : fresh_ssrc(*t);
    t->used.push_back(c.repair_ssrc);
  }
  // Low enough that the sequence does not wrap at once: receivers count from the first packet.
  c.place = continuity{static_cast<std::uint16_t>(random32() & 0x3FFF), random32()};
  c.repair_sequence = static_cast<std::uint16_t>(random32() & 0x3FFF);
  c.id = consumer_id{random_id()};
  c.from = p;
  c.key_frame_awaited = c.kind == kind::video;
  t->consumers.push_back(&c);
  if (p) {
    p->consumers.push_back(&c);
    want_key_frame(*p);
  }
  consumer_made out{c.id, c.kind, c.ssrc, c.repair_ssrc, p && p->paused};
  consumers_.emplace(c.id.value, std::move(made));
  return {refusal::none, std::move(out)};
}

refusal engine::pause_consumer(const consumer_id& id, bool paused) {
  auto* c = find(id);
  if (!c) return refusal::unknown_consumer;
  if (c->paused == paused) return refusal::none;
  c->paused = paused;
  if (paused) return refusal::none;
  c->place.resume();
  c->key_frame_awaited = c->kind == kind::video;
  if (c->from) want_key_frame(*c->from);
  return refusal::none;
}

refusal engine::close_consumer(const consumer_id& id) {
  auto* c = find(id);
  if (!c) return refusal::unknown_consumer;
  close(*c, close_reason::asked, true);
  return refusal::none;
}

refusal engine::switch_source(const consumer_id& id, const producer_id& to) {
  auto* c = find(id);
  if (!c) return refusal::unknown_consumer;
  auto* p = find(to);
  if (!p) return refusal::unknown_producer;
  if (c->from == p) return refusal::none;
  if (p->consumers.size() >= limits::media_consumers_per_producer_max) return refusal::too_many;
  if (const auto why = adapt(*c, *p); why != refusal::none) return why;
  if (c->from) std::erase(c->from->consumers, c);
  c->from = p;
  c->place.new_source();
  c->key_frame_awaited = c->kind == kind::video;
  p->consumers.push_back(c);
  want_key_frame(*p);
  return refusal::none;
}

refusal engine::request_key_frame(const consumer_id& id) {
  auto* c = find(id);
  if (!c) return refusal::unknown_consumer;
  if (c->from) want_key_frame(*c->from);
  return refusal::none;
}

result<producer_id> engine::create_player(player_options asked) {
  if (players_.size() >= limits::media_players_max ||
      (asked.frames && asked.frames->size() > limits::media_player_frames_max))
    return {refusal::too_many, {}};
  auto made = std::make_unique<producer>();
  auto& p = *made;
  p.kind = asked.kind;
  p.rtp.codecs.push_back(std::move(asked.codec));
  if (const auto why = prepare(p); why != refusal::none) return {why, {}};
  p.id = producer_id{random_id()};
  p.plays = std::make_unique<player>();
  p.plays->frames = std::move(asked.frames);
  p.plays->loop = asked.loop;
  p.plays->ssrc = random32();
  p.plays->timestamp = random32();
  p.plays->ended = !p.plays->frames || p.plays->frames->empty();
  p.main = std::make_unique<stream>(stream{p.plays->ssrc, &p, false, {}});
  players_.push_back(&p);
  const auto out = p.id;
  producers_.emplace(out.value, std::move(made));
  return {refusal::none, out};
}

refusal engine::feed(const producer_id& id, std::vector<frame> more) {
  auto* p = find(id);
  if (!p || !p->plays) return refusal::unknown_producer;
  auto& fed = p->plays->fed;
  if (fed.size() + more.size() > limits::media_player_frames_max) return refusal::too_many;
  std::ranges::move(more, std::back_inserter(fed));
  return refusal::none;
}

result<tap_id> engine::tap(const producer_id& id, tap_sink sink) {
  auto* p = find(id);
  if (!p) return {refusal::unknown_producer, {}};
  if (!sink) return {refusal::malformed, {}};
  if (p->taps.size() >= limits::media_taps_per_producer_max) return {refusal::too_many, {}};
  tap_id out{random_id()};
  p->taps.push_back({out, std::move(sink)});
  taps_.emplace(out.value, p);
  return {refusal::none, std::move(out)};
}

refusal engine::close_tap(const tap_id& id) {
  const auto found = taps_.find(id.value);
  if (found == taps_.end()) return refusal::unknown_producer;
  std::erase_if(found->second->taps, [&](const tap_entry& t) { return t.id == id; });
  taps_.erase(found);
  return refusal::none;
}

} // namespace strowger::media
