#include "media/sound_desk.hpp"

#include <chrono>

namespace strowger::media {
namespace {

// Each has room for limits::media_consumers_per_producer_max listeners; beyond that it is silent.
constexpr std::size_t players_per_codec = 8;

std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

void sound_desk::start(relay& carrier, recorder* to, const hold_music& music, const lane& on,
                       const player_made& made) {
  std::lock_guard lock{mutex_};
  relay_ = &carrier;
  recorder_ = to;
  on_ = on;
  for (const auto& c : wire::router_capabilities().codecs) {
    const auto which = sound_of(c.mime);
    if (!which || !music.of(*which)) continue;
    player_options with{kind::audio, codec_of(*which), music.of(*which), true};
    for (std::size_t i = 0; i < players_per_codec; ++i)
      carrier.create_player(on, with, [made, number = c.payload_type](const auto& player) {
        if (player) made(number, player.value);
      });
  }
}

void sound_desk::stop() {
  std::lock_guard lock{mutex_};
  relay_ = nullptr;
  recorder_ = nullptr;
  running_.clear();
}

void sound_desk::record(const effect::record& what) {
  std::lock_guard lock{mutex_};
  if (!relay_ || !recorder_) return;
  const auto now = steady_us();
  auto it = running_.find(what.call);
  if (it != running_.end() && it->second.key.recording != what.recording) {
    for (const auto& [leg, each] : it->second.legs) untap(each);
    recorder_->end(it->second.key);
    running_.erase(it);
    it = running_.end();
  }
  if (what.recording == 0) return;
  if (it == running_.end()) {
    const recording_key key{what.call.tenant, what.call.call, what.recording};
    it = running_.emplace(what.call, running{key, false, {}}).first;
    recorder_->begin(key, now);
  }
  auto& r = it->second;
  for (auto leg = r.legs.begin(); leg != r.legs.end();) {
    const auto wanted = what.legs.find(leg->first);
    const bool stays = wanted != what.legs.end() && wanted->second.from == leg->second->from;
    if (!stays) untap(leg->second);
    leg = stays ? std::next(leg) : r.legs.erase(leg);
  }
  if (std::exchange(r.paused, what.paused) != what.paused)
    what.paused ? recorder_->pause(r.key, now) : recorder_->resume(r.key, now);
  for (const auto& [leg, from] : what.legs)
    if (!r.legs.contains(leg)) tap(r, leg, from);
}

void sound_desk::tap(running& r, std::uint32_t leg, const effect::record::source& from) {
  auto mine = std::make_shared<tapping>(tapping{from.from, {}, false});
  r.legs[leg] = mine;
  relay_->tap(on_, from.from, recorder_->leg(r.key, leg, from.voices),
              [self = shared_from_this(), mine](const result<tap_id>& made) {
                std::lock_guard lock{self->mutex_};
                if (!made) return;
                mine->tap = made.value;
                if (mine->unwanted && self->relay_) self->relay_->close_tap({}, made.value, {});
              });
}

void sound_desk::untap(const std::shared_ptr<tapping>& what) {
  what->unwanted = true;
  if (what->tap) relay_->close_tap({}, *what->tap, {});
}

} // namespace strowger::media
