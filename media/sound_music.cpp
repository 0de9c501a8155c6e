#include "media/sound_music.hpp"

#include "core/limits.hpp"
#include "observe/log.hpp"

#include <filesystem>
#include <fstream>

namespace strowger::media {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> content_of(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  if (failed || size > limits::hold_music_bytes_max) return {};
  std::vector<std::uint8_t> out(size);
  std::ifstream in{path, std::ios::binary};
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(size));
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

hold_music::frames kept(std::vector<frame> all, const fs::path& path) {
  if (!all.empty()) return std::make_shared<const std::vector<frame>>(std::move(all));
  log::warning("Music on hold cannot be used", {{"file", path.string()}});
  return nullptr;
}

} // namespace

hold_music read_hold_music(const std::string& path) {
  hold_music out;
  const fs::path main{path};
  out.opus = kept(read_ogg_opus(content_of(main)), main);
  for (const auto which : {sound::ulaw, sound::alaw}) {
    auto beside = main;
    beside.replace_extension(which == sound::ulaw ? ".ulaw.wav" : ".alaw.wav");
    std::error_code ignored;
    if (!fs::exists(beside, ignored)) continue;
    (which == sound::ulaw ? out.ulaw : out.alaw) =
        kept(read_g711_wav(content_of(beside), which), beside);
  }
  return out;
}

} // namespace strowger::media
