// Fetching ahead. A thousand clients have more state than the caches near a core, and a packet
// touches some forty lines of it, one after the other: waiting for them was most of its cost. So
// while one packet is dealt with, the memory of those behind it in the batch is asked for.
#include "media/engine.hpp"

namespace strowger::media {

void engine::soon(const address& from, int stage) {
  if (stage == 0) return by_address_.fetch(from);
  const auto found = by_address_.find(from);
  if (found == by_address_.end()) return;
  const auto* way = found->second;
  if (stage == 2) return way->next.fetch();
  for (std::size_t at = 0; at < sizeof *way; at += 64)
    __builtin_prefetch(reinterpret_cast<const std::uint8_t*>(way) + at);
}

void engine::expect(path& from, const stream& s, std::uint8_t payload_type) {
  auto& next = from.next;
  const auto& t = *from.owner;
  const auto& p = *s.of;
  next.count = 0;
  next.add(&t, 2);
  const auto in = t.srtp->inbound();
  next.add(in.keys, in.key_lines);
  next.add(in.sources, 3);
  next.add(t.streams.data(), 1);
  next.add(&s, 2);
  next.add(&p, 2);
  if (p.consumers.empty()) return;
  const auto& c = *p.consumers.front();
  next.add(p.consumers.data(), 1);
  next.add(&c, 2);
  next.add(&c.payload_type[payload_type], 1);
  next.add(&c.clock_rate[payload_type], 1);
  next.add(&c.plan, 1);
  next.add(c.on, 2);
  next.add(c.on->selected, 2);
  if (!c.on->srtp) return;
  const auto out = c.on->srtp->outbound();
  next.add(out.keys, out.key_lines);
  next.add(out.sources, 3);
}

} // namespace strowger::media
