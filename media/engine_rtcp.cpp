// RTCP: reports and feedback in, and what the relay itself reports and asks for.
#include "media/engine.hpp"

#include <algorithm>

namespace strowger::media {
namespace {

constexpr std::int64_t audio_report_us = 2'500'000, video_report_us = 1'000'000;
constexpr std::int64_t transport_cc_us = 100'000, remb_every_us = 500'000;

} // namespace

// The replay window of each SSRC stays for as long as the transport lives: so many and no more.
bool engine::may_speak(transport& t, std::uint32_t ssrc) {
  if (find_stream(t, ssrc) || std::ranges::find(t.heard, ssrc) != t.heard.end()) return true;
  return t.heard.size() < limits::media_ssrcs_heard_max;
}

void engine::on_rtcp(path& from, room content) {
  auto& t = *from.owner;
  if (!t.srtp) return count(drop::not_connected, &t);
  if (content.size() < 8) return count(drop::malformed, &t);
  const auto speaker = read32(&content[4]);
  if (!may_speak(t, speaker)) return count(drop::unknown_ssrc, &t);
  auto size = content.size();
  switch (t.srtp->unprotect_rtcp(content.data(), size)) {
  case srtp_session::state::ok:
    break;
  case srtp_session::state::replayed:
    return count(drop::replayed, &t);
  case srtp_session::state::bad:
    return count(drop::bad_integrity, &t);
  case srtp_session::state::failed:
    return count(drop::malformed, &t);
  }
  if (!find_stream(t, speaker) && std::ranges::find(t.heard, speaker) == t.heard.end())
    t.heard.push_back(speaker);
  ++packets_in_;
  ++t.packets_in;
  t.bytes_in += content.size();
  from.seen_us = from.authentic_us = now_us_;
  authentic(t);
  const bool whole = rtcp::each(bytes{content}.first(size), [&](const rtcp::item& item) {
    if (item.type == rtcp::type::sr || item.type == rtcp::type::rr)
      rtcp::each_report(item, [&](const rtcp::report_block& block) { on_report(t, block); });
    rtcp::sender_info info;
    if (rtcp::read(item, info))
      if (auto* s = find_stream(t, info.ssrc)) on_sender_report(*s, info);
    if (rtcp::is_feedback(item)) on_feedback(t, item);
  });
  if (!whole) count(drop::malformed, &t);
}

consumer* engine::consumer_of(transport& t, std::uint32_t ssrc) {
  for (auto* c : t.consumers)
    if (c->ssrc == ssrc || (c->repair_ssrc && c->repair_ssrc == ssrc)) return c;
  return nullptr;
}

void engine::on_report(transport& t, const rtcp::report_block& block) {
  auto* c = consumer_of(t, block.ssrc);
  if (!c || c->ssrc != block.ssrc) return;
  c->fraction_lost = block.fraction_lost / 256.0;
  c->lost = block.lost;
  c->report_us = now_us_;
  if (c->from && c->from->clock_rate) c->jitter_ms = block.jitter * 1000.0 / c->from->clock_rate;
  if (block.last_sr == 0) return;
  for (const auto& sent : c->reports)
    if (sent.at_us && sent.ntp_middle == block.last_sr) {
      const auto away = static_cast<double>(now_us_ - sent.at_us) / 1000;
      c->rtt_ms = std::max(0.0, away - block.delay * 1000.0 / 65'536);
    }
}

void engine::on_sender_report(stream& s, const rtcp::sender_info& info) {
  s.got.sender_report(info.ntp, now_us_);
  if (s.repairs || s.of->paused) return;
  // Passed on at once: the source's clock keeps its sound and its picture together (lip sync).
  for (auto* c : s.of->consumers)
    if (c->place.synced() && !c->paused)
      send_sender_report(*c, info.ntp, c->place.timestamp_of(info.timestamp));
}

void engine::send_sender_report(consumer& c, std::uint64_t ntp, std::uint32_t timestamp) {
  auto& sent = c.reports[c.report_count++ % c.reports.size()];
  sent = {static_cast<std::uint32_t>(ntp >> 16), now_us_};
  send_rtcp(*c.on, [&](rtcp::writer& to) {
    to.sender_report({c.ssrc, ntp, timestamp, static_cast<std::uint32_t>(c.packets),
                      static_cast<std::uint32_t>(c.octets)});
    to.source(c.ssrc, c.rtp.cname);
  });
}

void engine::on_feedback(transport& t, const rtcp::item& item) {
  auto* c = consumer_of(t, rtcp::media_ssrc(item));
  if (item.type == rtcp::type::rtpfb && item.count == rtcp::format::nack && c) {
    ++c->nacks;
    const auto slot = now_us_ / consumer::resend_slot_us;
    if (std::exchange(c->resend_slot, slot) != slot) c->resends = 0;
    rtcp::each_nack(item, [&](std::uint16_t sequence) { // who asks for more asks again
      if (c->resends < limits::media_resends_per_slot_max && ++c->resends) resend(*c, sequence);
    });
    return;
  }
  if (item.type != rtcp::type::psfb) return;
  const auto key_frame = [&](consumer* of) {
    if (!of || !of->from) return;
    ++of->plis;
    want_key_frame(*of->from);
  };
  if (item.count == rtcp::format::pli) key_frame(c);
  if (item.count == rtcp::format::fir)
    rtcp::each_fir(item, [&](std::uint32_t ssrc) { key_frame(consumer_of(t, ssrc)); });
  std::uint64_t rate = 0;
  if (rtcp::read_remb(item, rate) && item.body.size() >= 20)
    if (auto* of = consumer_of(t, read32(&item.body[16]))) on_bitrate(*of, rate);
}

// What the slowest consumer can take is what the producer is told.
void engine::on_bitrate(consumer& c, std::uint64_t rate) {
  c.remb = rate;
  auto* p = c.from;
  if (!p || !p->on || !p->takes_remb || !p->on->srtp || now_us_ - p->remb_us < remb_every_us)
    return;
  p->remb_us = now_us_;
  for (const auto* other : p->consumers)
    if (other->remb && !other->paused) rate = std::min(rate, other->remb);
  const std::uint32_t ssrc = p->main->ssrc;
  send_rtcp(*p->on, [&](rtcp::writer& to) { to.remb(p->on->own_ssrc, rate, std::span{&ssrc, 1}); });
}

void engine::send_rtcp(transport& t, const std::function<void(rtcp::writer&)>& write) {
  if (!t.srtp || !t.selected) return;
  const auto slot = send_room();
  rtcp::writer to{slot.first(limits::media_datagram_bytes_max - 300)}; // any path's MTU
  write(to);
  auto size = to.size();
  if (size == 0 || t.srtp->protect_rtcp(slot.data(), size) != srtp_session::state::ok) return;
  ++packets_out_;
  ++t.packets_out;
  t.bytes_out += size;
  send_slot(*t.selected, slot, size);
}

void engine::send_reports(transport& t) { // what came from this client, to this client
  bool video = false;
  std::array<rtcp::report_block, 31> blocks;
  std::size_t count = 0;
  for (auto* s : t.streams) {
    video = video || s->of->kind == kind::video;
    if (s->got.begun() && count < blocks.size()) blocks[count++] = s->got.report(s->ssrc, now_us_);
  }
  const auto every = video ? video_report_us : audio_report_us; // spread, RFC 3550, section 6.2
  t.report_us = now_us_ + every / 2 + static_cast<std::int64_t>(random32() % every);
  if (count == 0) return;
  send_rtcp(t, [&](rtcp::writer& to) {
    to.receiver_report(t.own_ssrc, std::span{blocks}.first(count));
    to.source(t.own_ssrc, t.id.value.substr(0, 16));
  });
}

void engine::feedback_ticks() {
  for (auto* p : feedback_) {
    auto& t = *p->on;
    if (!t.srtp) continue;
    if (p->nacks && p->holes.any()) {
      std::array<std::uint16_t, missing::kept_max> wanted;
      const auto count = p->holes.ask(now_us_, wanted);
      p->nacks_sent += count;
      if (count)
        send_rtcp(t, [&](rtcp::writer& to) {
          to.nack(t.own_ssrc, p->main->ssrc, std::span{wanted}.first(count));
        });
    }
    if (p->key_frame_wanted) want_key_frame(*p);
    if (t.came.any() && now_us_ - t.came_told_us >= transport_cc_us) {
      t.came_told_us = now_us_;
      std::array<std::uint8_t, 1000> rest;
      if (const auto size = t.came.feedback(rest))
        send_rtcp(t, [&](rtcp::writer& to) {
          to.feedback(rtcp::type::rtpfb, rtcp::format::transport_cc, t.own_ssrc, t.came_ssrc,
                      bytes{rest}.first(size));
        });
    }
  }
}

void engine::slow_tick(transport& t) {
  const auto silent_us =
      1000 * (options_.silent_after_ms ? options_.silent_after_ms : limits::media_silent_ms);
  const auto since = t.authentic_us ? t.authentic_us : t.made_us;
  if (!t.silent && now_us_ - since > silent_us) {
    t.silent = true;
    say(&t, happened::transport_silent{(now_us_ - since) / 1000});
  }
  if (!t.srtp) return;
  if (now_us_ >= t.report_us) {
    send_reports(t);
    for (auto* c : t.consumers) // players have no sender reports of their own
      if (c->from && c->from->plays && c->place.synced() && !c->paused) {
        const auto away = now_us_ - c->place.last_us();
        const auto ticks = static_cast<std::uint32_t>(away * c->from->clock_rate / 1'000'000);
        send_sender_report(*c, ntp_now(), c->place.last_timestamp() + ticks);
      }
  }
  tell_quality(t);
}

void engine::tell_quality(transport& t) {
  const auto every = 1000 * (options_.quality_every_ms ? options_.quality_every_ms
                                                       : limits::media_quality_every_ms);
  for (auto* p : t.producers) {
    if (now_us_ - p->quality_us < every) continue;
    if (now_us_ - p->main->got.last_us() < every)
      say(&t, happened::quality{p->id, p->kind, figures(*p), p->rtp.codecs.front().mime});
    p->quality_us = now_us_;
  }
  for (auto* c : t.consumers) {
    if (now_us_ - c->quality_us < every) continue;
    if (c->last_us && now_us_ - c->last_us < every && c->report_us)
      say(&t, happened::quality{c->id, c->kind, figures(*c), c->rtp.codecs.front().mime});
    c->quality_us = now_us_;
  }
}

} // namespace strowger::media
