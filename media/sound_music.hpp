// The music on hold: read once at start, kept in memory, played by the relay to whoever is held.
#pragma once

#include "media/relay_types.hpp"
#include "media/sound_formats.hpp"

#include <memory>
#include <string>

namespace strowger::media {

struct hold_music { // null: silence for who hears this codec
  using frames = std::shared_ptr<const std::vector<frame>>;
  frames opus, ulaw, alaw;

  const frames& of(sound which) const {
    return which == sound::opus ? opus : which == sound::ulaw ? ulaw : alaw;
  }
};

// `path`: an Ogg Opus file, x.opus; beside it, where they are, x.ulaw.wav and x.alaw.wav. Of each
// the first ten minutes count. Reads the disk. What is wrong with a file is logged.
hold_music read_hold_music(const std::string& path);

} // namespace strowger::media
