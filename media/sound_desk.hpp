// What the desk does with sound that is no client's: the players of the music on hold, and the taps
// of the recordings. What it is told follows from the switchboard. Any thread; nothing blocks.
#pragma once

#include "media/desk_board.hpp"
#include "media/recorder.hpp"
#include "media/relay.hpp"
#include "media/sound_music.hpp"

#include <mutex>

namespace strowger::media {

class sound_desk : public std::enable_shared_from_this<sound_desk> {
public:
  // A player of the music is there, for consumers of the router's codec with this number.
  using player_made = std::function<void(std::uint8_t codec, const producer_id&)>;

  // The relay and the recorder (null: nothing is recorded) must live until stop() has returned.
  void start(relay& carrier, recorder* to, const hold_music& music, const lane& on,
             const player_made& made);
  void stop();

  // So it is to be from now on.
  void record(const effect::record& what);

private:
  struct tapping {
    producer_id from;
    std::optional<tap_id> tap; // once the relay has answered
    bool unwanted = false;
  };
  struct running {
    recording_key key;
    bool paused = false;
    std::map<std::uint32_t, std::shared_ptr<tapping>> legs;
  };
  void tap(running& r, std::uint32_t leg, const effect::record::source& from);
  void untap(const std::shared_ptr<tapping>& what);

  std::mutex mutex_; // of all below
  relay* relay_ = nullptr;
  recorder* recorder_ = nullptr;
  lane on_;
  std::map<call_key, running> running_;
};

} // namespace strowger::media
