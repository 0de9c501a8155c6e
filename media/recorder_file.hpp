// One file of a recording on the disk. For the recorder's thread: everything may block, nothing
// throws; what fails says so.
#pragma once

#include "core/request.hpp"
#include "media/recorder.hpp"
#include "media/sound_formats.hpp"

#include <optional>
#include <string>

namespace strowger::media {

class recorder_file {
public:
  // Makes the folders, the note of whose it is, and the file, under a name that is free. Nothing:
  // the disk refuses.
  static std::optional<recorder_file> make(const std::string& root, const recording_key&,
                                           std::uint32_t leg, sound);
  recorder_file(recorder_file&&) noexcept;
  recorder_file& operator=(recorder_file&&) = delete;
  ~recorder_file();

  // False: it is not on the disk, and the file should be ended.
  bool add(std::span<const std::uint8_t> payload, std::uint64_t silence);
  bool sync(); // whatever was added is on the disk
  // The last bytes, and what there is to be filed. Once.
  std::optional<answer::recorded_file> end();

  std::uint64_t samples() const { return writer_.samples(); }
  std::int64_t length_ms() const { return writer_.length_ms(); }
  std::uint64_t bytes() const { return bytes_; }

private:
  recorder_file(sound which, int descriptor, std::string path, std::uint32_t recording,
                std::uint32_t leg);
  bool append(std::span<const std::uint8_t> what);

  sound_writer writer_;
  int descriptor_;
  std::string path_;
  std::uint32_t recording_, leg_;
  std::uint64_t bytes_ = 0;
};

// A file without its end, by its note: its torn end is cut off, its head made right.
struct left_open {
  recording_key key;
  answer::recorded_file file;
};
// `skip`: those of this start.
std::optional<left_open> mend_file(const std::string& note,
                                   const std::function<bool(const recording_key&)>& skip);
void remove_note(const std::string& root, const recording_key&, const std::string& file);
std::vector<std::string> notes_below(const std::string& root);
std::uint64_t free_bytes(const std::string& root);

} // namespace strowger::media
