// RTP: in by SSRC, out to every consumer of its producer.
#include "media/engine.hpp"

#include <algorithm>

namespace strowger::media {

stream* engine::find_stream(transport& t, std::uint32_t ssrc) {
  for (auto* s : t.streams)
    if (s->ssrc == ssrc) return s;
  return nullptr;
}

void engine::on_rtp(path& from, room content) {
  auto& t = *from.owner;
  if (!t.srtp) return count(drop::not_connected, &t);
  if (content.size() < rtp_header_bytes) return count(drop::malformed, &t);
  auto size = content.size();
  auto* s = find_stream(t, read32(&content[8]));
  if (s) {
    switch (t.srtp->unprotect_rtp(content.data(), size)) {
    case srtp_session::state::ok:
      break;
    case srtp_session::state::replayed:
      return count(drop::replayed, &t);
    case srtp_session::state::bad:
      return count(drop::bad_integrity, &t);
    case srtp_session::state::failed:
      return count(drop::malformed, &t);
    }
  } else if (s = learn(t, content, size); !s) {
    return;
  }
  ++packets_in_;
  ++t.packets_in;
  t.bytes_in += content.size();
  from.seen_us = from.authentic_us = now_us_;
  authentic(t);
  rtp_packet packet;
  const auto plain = bytes{content}.first(size);
  if (!parse_rtp(plain, packet)) return count(drop::malformed, &t);
  if (from.next.age++ % 64 == 0) expect(from, *s, packet.payload_type);
  received(*s, plain, packet);
}

// An SSRC that was not signalled: of a producer that has none yet, by its mid or payload type. Only
// authentic packets teach, and only so many SSRCs, because each costs memory.
stream* engine::learn(transport& t, room content, std::size_t& size) {
  const auto open = [](const producer* p) { return p->main->ssrc == 0; };
  const auto refuse = [&](drop why) {
    count(why, &t);
    return nullptr;
  };
  if (std::ranges::none_of(t.producers, open)) return refuse(drop::unknown_ssrc);
  const auto ssrc = read32(&content[8]);
  if (std::ranges::find(t.heard, ssrc) == t.heard.end()) {
    if (t.heard.size() >= limits::media_ssrcs_heard_max) return refuse(drop::unknown_ssrc);
    if (t.srtp->unprotect_rtp(content.data(), size) != srtp_session::state::ok)
      return refuse(drop::bad_integrity);
    t.heard.push_back(ssrc);
  } else if (t.srtp->unprotect_rtp(content.data(), size) != srtp_session::state::ok) {
    return refuse(drop::bad_integrity);
  }
  rtp_packet packet;
  if (!parse_rtp(bytes{content}.first(size), packet)) return refuse(drop::malformed);
  producer* found = nullptr;
  for (auto* p : t.producers) {
    if (!open(p)) continue;
    bool is_it = false, has_mid = false;
    if (p->mid_id && !p->rtp.mid.empty())
      each_extension(packet, [&](std::uint8_t id, bytes value) {
        if (id != p->mid_id) return;
        has_mid = true;
        is_it = std::string_view{reinterpret_cast<const char*>(value.data()), value.size()} ==
                p->rtp.mid;
      });
    if (!has_mid) is_it = p->codec_of[packet.payload_type] != no_payload_type;
    if (is_it) {
      found = p;
      break;
    }
  }
  if (!found || found->codec_of[packet.payload_type] == no_payload_type)
    return refuse(drop::unknown_ssrc);
  found->main->ssrc = ssrc;
  t.streams.push_back(found->main.get());
  return found->main.get();
}

void engine::received(stream& s, bytes plain, const rtp_packet& packet) {
  auto& p = *s.of;
  s.got.packet(packet.sequence, packet.timestamp, plain.size(), p.clock_rate, now_us_);
  if (p.transport_cc_id)
    each_extension(packet, [&](std::uint8_t id, bytes value) {
      if (id != p.transport_cc_id || value.size() != 2) return;
      p.on->came.add(read16(value.data()), now_us_);
      p.on->came_ssrc = s.ssrc;
    });
  if (!s.repairs) return observe(p, packet, plain);
  auto original = packet;
  if (!unwrap_repair(p, original)) return;
  const rtp_header head{p.main->ssrc, original.timestamp, original.sequence, original.payload_type,
                        original.marker};
  observe(p, original, bytes{scratch_}.first(write_rtp(original, head, {}, scratch_)));
}

// RFC 4588: the payload begins with the original sequence number.
bool engine::unwrap_repair(const producer& p, rtp_packet& packet) {
  const auto type = p.repaired_by[packet.payload_type];
  if (packet.payload.size() < 2 || type == no_payload_type) return false; // padding, for probing
  packet.sequence = read16(packet.payload.data());
  packet.payload = packet.payload.subspan(2);
  packet.payload_type = type;
  packet.ssrc = p.main->ssrc;
  return true;
}

void engine::observe(producer& p, const rtp_packet& packet, bytes plain) {
  if (p.kind == kind::video) {
    if (p.nacks && p.holes.arrived(packet.sequence)) want_key_frame(p);
    if (!plain.empty()) p.store.keep(packet.sequence, plain);
  }
  if (p.paused) return;
  for (const auto& t : p.taps)
    t.sink({p.main->ssrc, packet.timestamp, packet.sequence, packet.payload_type, packet.marker,
            now_us_, packet.payload});
  fan_out(p, packet);
}

void engine::fan_out(producer& p, const rtp_packet& packet) {
  for (auto* c : p.consumers) forward(*c, p, packet);
}

void engine::forward(consumer& c, producer& p, const rtp_packet& packet) {
  auto& t = *c.on;
  if (c.paused || !t.srtp || !t.selected) return;
  rtp_header head;
  head.payload_type = c.payload_type[packet.payload_type];
  if (head.payload_type == no_payload_type) {
    c.place.skip(packet.sequence);
    return count(drop::no_codec, &t);
  }
  if (c.key_frame_awaited) {
    if (!begins_key_frame(p.video, packet.payload)) return;
    c.key_frame_awaited = false;
  }
  continuity::place at;
  if (!c.place.map(packet.sequence, packet.timestamp, c.clock_rate[packet.payload_type], now_us_,
                   at))
    return;
  head.sequence = at.sequence;
  head.timestamp = at.timestamp;
  head.ssrc = c.ssrc;
  head.marker = packet.marker || (at.first && c.kind == kind::audio);
  head.abs_send_time = static_cast<std::uint32_t>((now_us_ << 18) / 1'000'000) & 0xFFFFFF;
  const auto slot = send_room();
  auto size = write_rtp(packet, head, c.plan, slot.first(slot.size() - srtp_trailer_bytes_max));
  if (size == 0) return count(drop::oversized, &t);
  const auto plain = size;
  if (t.srtp->protect_rtp(slot.data(), size) != srtp_session::state::ok)
    return count(drop::replayed, &t); // sent before: it came by NACK, and late by itself
  ++c.packets;
  c.octets += plain;
  c.last_us = now_us_;
  ++packets_out_;
  ++t.packets_out;
  t.bytes_out += size;
  send_slot(*t.selected, slot, size);
}

// RFC 4588: only with a stream of its own. The same sequence number encrypted twice with other
// extensions would give the key away with AES-GCM.
void engine::resend(consumer& c, std::uint16_t sequence) {
  std::uint16_t original = 0;
  rtp_packet packet;
  if (!c.from || c.paused || c.repair_ssrc == 0 || !c.place.unmap(sequence, original) ||
      !parse_rtp(c.from->store.find(original), packet))
    return;
  const auto type = c.payload_type[packet.payload_type];
  if (type == no_payload_type || c.repair_payload[type] == no_payload_type) return;
  rtp_header head;
  head.payload_type = c.repair_payload[type];
  head.sequence = c.repair_sequence++;
  head.timestamp = c.place.timestamp_of(packet.timestamp);
  head.ssrc = c.repair_ssrc;
  head.marker = packet.marker;
  head.abs_send_time = static_cast<std::uint32_t>((now_us_ << 18) / 1'000'000) & 0xFFFFFF;
  auto& t = *c.on;
  const auto slot = send_room();
  auto size = write_rtp(packet, head, c.plan, slot.first(slot.size() - srtp_trailer_bytes_max), 2);
  if (size == 0) return count(drop::oversized, &t);
  write16(&slot[size - packet.padding - packet.payload.size() - 2], sequence);
  if (t.srtp->protect_rtp(slot.data(), size) != srtp_session::state::ok) return;
  ++c.repaired;
  ++packets_out_;
  ++t.packets_out;
  t.bytes_out += size;
  send_slot(*t.selected, slot, size);
}

void engine::want_key_frame(producer& p) {
  if (p.kind != kind::video || !p.on || !p.on->srtp || p.main->ssrc == 0) return;
  if (p.key_frame_asked_us &&
      now_us_ - p.key_frame_asked_us < limits::media_key_frame_every_ms * 1000) {
    p.key_frame_wanted = true; // feedback_ticks() asks when the time has come
    return;
  }
  p.key_frame_wanted = false;
  p.key_frame_asked_us = now_us_;
  ++p.plis_sent;
  send_rtcp(*p.on, [&](rtcp::writer& to) {
    if (p.plis || !p.firs)
      to.pli(p.on->own_ssrc, p.main->ssrc);
    else
      to.fir(p.on->own_ssrc, p.main->ssrc, p.fir_count++);
  });
}

void engine::play_ticks() {
  for (std::size_t i = 0; i < players_.size(); ++i) play(*players_[i]);
}

void engine::play(producer& p) {
  auto& from = *p.plays;
  const bool heard = !p.paused && (!p.consumers.empty() || !p.taps.empty());
  if (!heard) {
    from.due_us = 0;
    return;
  }
  const auto now = static_cast<double>(now_us_);
  if (from.due_us == 0 || now - from.due_us > 1e6) { // begins, or stood still: time went on
    if (from.last_us)
      from.timestamp +=
          static_cast<std::uint32_t>((now_us_ - from.last_us) * p.clock_rate / 1'000'000);
    from.due_us = now;
  }
  for (int n = 0; n < 64 && from.due_us <= now; ++n) {
    const frame* next = nullptr;
    frame held;
    if (!from.fed.empty()) {
      held = std::move(from.fed.front());
      from.fed.pop_front();
      next = &held;
    } else if (from.frames && from.at < from.frames->size()) {
      next = &(*from.frames)[from.at++];
      if (from.at == from.frames->size() && from.loop) from.at = 0;
    }
    if (!next) {
      from.due_us = 0;
      if (!from.ended) say(nullptr, happened::player_ended{p.id});
      from.ended = true;
      return;
    }
    from.ended = false;
    rtp_packet packet;
    packet.ssrc = from.ssrc;
    packet.timestamp = from.timestamp;
    packet.sequence = from.sequence++;
    packet.payload_type = p.rtp.codecs.front().payload_type;
    packet.marker = next->marker;
    packet.payload = next->payload;
    const auto ticks = std::max<std::uint32_t>(next->ticks, p.clock_rate / 1000);
    from.timestamp += ticks;
    from.due_us += ticks * 1e6 / p.clock_rate;
    from.last_us = now_us_;
    p.main->got.packet(packet.sequence, packet.timestamp, packet.payload.size() + rtp_header_bytes,
                       p.clock_rate, now_us_);
    observe(p, packet, {});
  }
}

} // namespace strowger::media
