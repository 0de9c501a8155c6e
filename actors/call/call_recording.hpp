// A call's recordings, as part of its stream: one runs at a time; its files, one per leg and
// stretch of media, are named with their digest when they are closed, which may be after the call.
#pragma once

#include "core/ids.hpp"
#include "core/recording.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::call {

using recording_number = std::uint32_t; // from 1
// The `method` of a call whose media goes through the relay: only such a call can be recorded.
inline constexpr std::string_view relayed_method = "relay";

// Events. `by`: the leg that asked, 0: nobody in the call; `agent` whose wish it was, empty: the
// server's own.
struct recording_started {
  static constexpr auto tag = "call.recording_started.v1";
  recording_number recording = 0;
  std::uint32_t by = 0;
  agent_id agent;
  recording_consent consent{};
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"recording", &recording_started::recording}, field{"by", &recording_started::by},
      field{"agent", &recording_started::agent}, field{"consent", &recording_started::consent},
      field{"at", &recording_started::at}};
};
struct recording_paused {
  static constexpr auto tag = "call.recording_paused.v1";
  recording_number recording = 0;
  std::uint32_t by = 0;
  agent_id agent;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"recording", &recording_paused::recording}, field{"by", &recording_paused::by},
      field{"agent", &recording_paused::agent}, field{"at", &recording_paused::at}};
};
struct recording_resumed {
  static constexpr auto tag = "call.recording_resumed.v1";
  recording_number recording = 0;
  std::uint32_t by = 0;
  agent_id agent;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"recording", &recording_resumed::recording}, field{"by", &recording_resumed::by},
      field{"agent", &recording_resumed::agent}, field{"at", &recording_resumed::at}};
};
struct recording_stopped {
  static constexpr auto tag = "call.recording_stopped.v1";
  recording_number recording = 0;
  std::uint32_t by = 0;
  agent_id agent;
  recording_end why{};
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"recording", &recording_stopped::recording}, field{"by", &recording_stopped::by},
      field{"agent", &recording_stopped::agent}, field{"why", &recording_stopped::why},
      field{"at", &recording_stopped::at}};
};
struct recording_filed { // closed, and on the disk as it says here
  static constexpr auto tag = "call.recording_filed.v1";
  recording_number recording = 0;
  std::uint32_t leg = 0;
  std::string file; // in recordings/<tenant>/<call>/ of the data folder
  std::uint64_t bytes = 0;
  duration_ms length = 0; // of the sound
  std::string sha256;     // of the file, 64 hexadecimal digits
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"recording", &recording_filed::recording}, field{"leg", &recording_filed::leg},
      field{"file", &recording_filed::file},           field{"bytes", &recording_filed::bytes},
      field{"length", &recording_filed::length},       field{"sha256", &recording_filed::sha256},
      field{"at", &recording_filed::at}};
};

// Commands.
struct record { // by a device; or, where that is empty, by `agent` from outside its connection:
                // its leg asks, or, where it supervises, nobody's. consent_missing,
                // media_not_relayed, not_recording
  device_id device;
  agent_id agent;
  bool supervises = false;
  recording_act what{};
  recording_consent consent{}; // of start
};
struct end_recording { // by the recorder; one that does not run decides nothing
  recording_number recording = 0; // 0: whichever runs
  recording_end why{};
};
struct file_recording { // by the recorder, also after the call; a file that is known decides nothing
  recording_number recording = 0;
  std::uint32_t leg = 0;
  std::string file;
  std::uint64_t bytes = 0;
  duration_ms length = 0;
  std::string sha256;
};

struct recording { // that runs
  recording_number number = 0;
  bool paused = false;
  recording_consent consent{};
  time_ms started_at = 0;
  static constexpr auto fields =
      std::tuple{field{"number", &recording::number}, field{"paused", &recording::paused},
                 field{"consent", &recording::consent}, field{"started_at", &recording::started_at}};
};
struct recorded_file {
  recording_number recording = 0;
  std::uint32_t leg = 0;
  std::string file;
  std::uint64_t bytes = 0;
  duration_ms length = 0;
  std::string sha256;
  static constexpr auto fields =
      std::tuple{field{"recording", &recorded_file::recording}, field{"leg", &recorded_file::leg},
                 field{"file", &recorded_file::file}, field{"bytes", &recorded_file::bytes},
                 field{"length", &recorded_file::length}, field{"sha256", &recorded_file::sha256}};
};

} // namespace strowger::call
