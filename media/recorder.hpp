// Writes recordings: a file per leg and codec, on a thread of its own that may wait for the disk.
// recordings/<tenant>/<call>/leg-<n>.opus or .wav; beside a file that is not closed and in the log
// yet stands the same name with ".open", which says whose it is, so that the next start ends it.
#pragma once

#include "core/ids.hpp"
#include "core/recording.hpp"
#include "core/request.hpp"
#include "media/relay_types.hpp"
#include "media/sound_formats.hpp"

#include <functional>
#include <memory>
#include <string>

namespace strowger::media {

struct recording_key {
  tenant_id tenant;
  call_id call;
  std::uint32_t recording = 0;
  auto operator<=>(const recording_key&) const = default;
};

struct recorder_port { // both on the recorder's thread
  // The file is whole and on the disk. `done` on any thread, once.
  std::function<void(const recording_key&, const answer::recorded_file&,
                     std::function<void(errc)> done)>
      filed;
  // It goes no further: storage_failed, limit_reached; or of an earlier start: server_restarted.
  std::function<void(const recording_key&, recording_end)> ended;
};

class recorder {
public:
  // Times are those of std::chrono::steady_clock, in microseconds, as in `tapped`.
  static std::unique_ptr<recorder> start(std::string folder, recorder_port to);
  virtual ~recorder() = default; // ends every file and waits for it

  // Any thread; returns at once. What is done to one recording is done in this order.
  virtual void begin(const recording_key&, std::int64_t at_us) = 0;
  virtual void pause(const recording_key&, std::int64_t at_us) = 0;
  virtual void resume(const recording_key&, std::int64_t at_us) = 0;
  virtual void end(const recording_key&) = 0;
  // What `from` makes of the packets of a leg; others of its payload types are passed over. To be
  // called by one thread at a time, as long as the recorder lives. More than
  // limits::recorder_queue_bytes_max that wait for the disk are dropped.
  struct voice {
    std::uint8_t payload_type = 0;
    sound codec{};
    bool operator==(const voice&) const = default;
  };
  virtual tap_sink leg(const recording_key&, std::uint32_t leg, std::vector<voice> from) = 0;

  // Once, when the site takes commands: what an earlier start has left open is mended, ended and
  // filed.
  virtual void mend_all() = 0;
};

} // namespace strowger::media
