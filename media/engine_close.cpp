// Closing, and what falls with it (the table in README.md); figures.
#include "media/engine.hpp"

#include <algorithm>

namespace strowger::media {

void engine::close(transport& t, close_reason why) {
  while (!t.consumers.empty()) close(*t.consumers.back(), close_reason::transport_closed, false);
  while (!t.producers.empty()) close(*t.producers.back(), close_reason::transport_closed, false);
  if (t.dtls && why != close_reason::close_notify) t.dtls->close();
  while (!t.paths.empty()) {
    t.selected = nullptr; // nothing is selected in its stead
    drop_path(t, t.paths.size() - 1);
  }
  for (const auto* ufrag : {&t.ice.ufrag(), &t.ice.former_ufrag()})
    if (const auto found = by_ufrag_.find(*ufrag); found != by_ufrag_.end()) by_ufrag_.erase(found);
  std::erase(handshakes_, &t);
  std::erase(all_, &t);
  std::erase_if(doomed_, [&](const auto& d) { return d.first == &t; });
  transports_.erase(transports_.find(t.id.value));
}

void engine::close(producer& p, close_reason why, bool asked) {
  if (!asked) say(p.on, happened::producer_closed{p.id, why});
  while (!p.consumers.empty()) {
    auto& c = *p.consumers.back();
    if (!c.outlives_producer) {
      close(c, close_reason::producer_closed, false);
      continue;
    }
    p.consumers.pop_back();
    c.from = nullptr;
    say(c.on, happened::source_lost{c.id});
  }
  for (const auto& t : p.taps) taps_.erase(t.id.value);
  if (p.on) {
    for (const auto* s : {p.main.get(), p.repair.get()})
      if (s && s->ssrc) retire(*p.on, s->ssrc);
    std::erase_if(p.on->streams, [&](const stream* s) { return s->of == &p; });
    std::erase(p.on->producers, &p);
  }
  std::erase(players_, &p);
  std::erase(feedback_, &p);
  producers_.erase(producers_.find(p.id.value));
}

// The client may send with the same SSRC again, and its counters go on; but not for any number.
void engine::retire(transport& t, std::uint32_t ssrc) {
  if (std::ranges::find(t.retired, ssrc) != t.retired.end()) return;
  t.retired.push_back(ssrc);
  if (t.retired.size() <= limits::media_ssrcs_heard_max) return;
  const auto oldest = t.retired.front();
  t.retired.erase(t.retired.begin());
  if (t.srtp && !find_stream(t, oldest)) t.srtp->forget_inbound(oldest);
}

void engine::close(consumer& c, close_reason why, bool asked) {
  if (!asked) say(c.on, happened::consumer_closed{c.id, why});
  if (c.from) std::erase(c.from->consumers, &c);
  if (c.on->srtp) {
    c.on->srtp->forget_outbound(c.ssrc);
    if (c.repair_ssrc) c.on->srtp->forget_outbound(c.repair_ssrc);
  }
  std::erase(c.on->consumers, &c);
  consumers_.erase(consumers_.find(c.id.value));
}

result<transport_stats> engine::stats(const transport_id& id) {
  const auto* t = find(id);
  if (!t) return {refusal::unknown_transport, {}};
  transport_stats out;
  out.id = t->id;
  out.owner = t->owner;
  out.dtls = t->state;
  out.srtp_profile = t->srtp_name;
  if (t->selected) out.selected_tuple = text_of(t->selected->peer.to);
  out.packets_in = t->packets_in;
  out.bytes_in = t->bytes_in;
  out.packets_out = t->packets_out;
  out.bytes_out = t->bytes_out;
  out.dropped = t->dropped;
  if (t->authentic_us) out.last_packet_ms = (now_us_ - t->authentic_us) / 1000;
  return {refusal::none, std::move(out)};
}

stream_stats engine::figures(const producer& p) const {
  stream_stats out;
  const auto& got = p.main->got;
  out.packets = got.packets();
  out.bytes = got.octets();
  out.lost = got.lost();
  out.fraction_lost = got.fraction_lost();
  out.jitter_ms = got.jitter_ms(p.clock_rate);
  if (got.begun()) out.last_packet_ms = (now_us_ - got.last_us()) / 1000;
  out.nacks = p.nacks_sent;
  out.plis = p.plis_sent;
  out.paused = p.paused;
  return out;
}

stream_stats engine::figures(const consumer& c) const {
  stream_stats out;
  out.packets = c.packets;
  out.bytes = c.octets;
  out.lost = c.lost;
  out.fraction_lost = c.fraction_lost;
  out.jitter_ms = c.jitter_ms;
  out.rtt_ms = c.rtt_ms;
  if (c.last_us) out.last_packet_ms = (now_us_ - c.last_us) / 1000;
  out.nacks = c.nacks;
  out.plis = c.plis;
  out.paused = c.paused;
  return out;
}

result<stream_stats> engine::stats(const producer_id& id) {
  const auto* p = find(id);
  if (!p) return {refusal::unknown_producer, {}};
  return {refusal::none, figures(*p)};
}

result<stream_stats> engine::stats(const consumer_id& id) {
  const auto* c = find(id);
  if (!c) return {refusal::unknown_consumer, {}};
  return {refusal::none, figures(*c)};
}

} // namespace strowger::media
