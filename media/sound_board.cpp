// Sound on the switchboard that is no client's: the music for who is held, and what is recorded.
// Both follow from the call as it is, like everything else.
#include "core/limits.hpp"
#include "media/desk_board.hpp"

#include <algorithm>

namespace strowger::media {

void switchboard::add_music(std::uint8_t codec, const producer_id& player) {
  music_[codec].push_back(player);
}

// The player with the fewest listeners of those that this consumer can hear; none: silence.
producer_id switchboard::music_for(const consumer& x) const {
  producer_id best;
  std::size_t fewest = limits::media_consumers_per_producer_max;
  for (const auto& [codec, players] : music_) {
    if (!x.takes(codec)) continue;
    for (const auto& each : players) {
      const auto listeners = static_cast<std::size_t>(std::ranges::count_if(
          consumers_, [&](const auto& other) { return other.second.music == each; }));
      if (listeners >= fewest) continue;
      fewest = listeners;
      best = each;
    }
  }
  return best;
}

// Silent until the relay has said that the music is what it hears now.
void switchboard::choose_sound(bool held, consumer& x, const consumer_id& id, effects& out) {
  const auto wanted = held ? x.music.empty() ? music_for(x) : x.music : producer_id{};
  if (wanted == x.music) return;
  if (std::exchange(x.flows, false)) out.push_back(effect::pause_consumer{id, true});
  x.music = wanted;
  x.plays = false;
  if (!wanted.empty())
    out.push_back(effect::play{id, wanted});
  else if (!x.source.empty())
    out.push_back(effect::switch_source{id, x.source});
}

void switchboard::playing(const consumer_id& id, const producer_id& music, effects& out) {
  const auto it = consumers_.find(id);
  if (it == consumers_.end() || it->second.music != music) return;
  it->second.plays = true;
  follow(id, out);
}

void switchboard::follow(const consumer_id& id, effects& out) {
  const auto it = consumers_.find(id);
  if (it == consumers_.end()) return;
  if (const auto* c = call_of(transports_.at(it->second.on)))
    let_flow(*c, it->second.owner, it->second, id, out);
}

// What the others can hear of each party, and nothing else: not while it is on hold.
void switchboard::record(const call_key& key, call& c, effects& out) {
  effect::record wanted{key, 0, false, {}};
  if (!c.view.over && c.view.recording != 0 && c.view.recording != c.lost_recording) {
    wanted.recording = c.view.recording;
    wanted.paused = c.view.recording_paused;
  }
  for (const auto& p : c.view.parties) {
    if (wanted.recording == 0 || wanted.paused) break;
    if (!talks(c, p.device) || p.on_hold || p.peer.empty() || p.leg == 0) continue;
    for (const auto& id : sent_by(c, {key.tenant, p.device})) {
      const auto& from = producers_.at(id);
      if (from.kind != wire::media_kind::audio) continue;
      effect::record::source source{id, {}};
      for (const auto& each : from.rtp.codecs)
        if (const auto which = sound_of(each.mime))
          source.voices.push_back({each.payload_type, *which});
      if (source.voices.empty()) continue;
      wanted.legs.emplace(p.leg, std::move(source));
      break;
    }
  }
  if (wanted == c.recorded || (wanted.recording == 0 && c.recorded.recording == 0)) return;
  c.recorded = wanted;
  out.push_back(std::move(wanted));
}

} // namespace strowger::media
