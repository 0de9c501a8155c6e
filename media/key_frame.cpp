#include "media/key_frame.hpp"

#include <strings.h>

namespace strowger::media {
namespace {

bool vp8(bytes in) { // RFC 7741, section 4.2
  if (in.size() < 2) return false;
  const bool start = in[0] & 0x10;
  const bool first_partition = (in[0] & 0x07) == 0;
  std::size_t at = 1;
  if (in[0] & 0x80) {
    const auto extra = in[at++];
    if (extra & 0x80) { // PictureID: one byte or two
      if (at >= in.size()) return false;
      at += in[at] & 0x80 ? 2 : 1;
    }
    if (extra & 0x40) ++at;
    if (extra & 0x30) ++at;
  }
  return start && first_partition && at < in.size() && (in[at] & 1) == 0;
}

bool h264_unit(std::uint8_t type) { return type == 5 || type == 7; } // IDR, SPS

bool h264(bytes in) { // RFC 6184
  if (in.empty()) return false;
  const auto type = in[0] & 31;
  if (type == 28) return in.size() > 1 && (in[1] & 0x80) && h264_unit(in[1] & 31); // FU-A
  if (type != 24) return h264_unit(static_cast<std::uint8_t>(type));
  for (std::size_t at = 1; in.size() - at >= 3;) { // STAP-A
    const std::size_t size = read16(&in[at]);
    if (h264_unit(in[at + 2] & 31)) return true;
    if (size > in.size() - at - 2) return false;
    at += 2 + size;
  }
  return false;
}

} // namespace

video_codec video_codec_of(std::string_view mime) {
  const auto is = [&](std::string_view name) {
    return mime.size() == name.size() && strncasecmp(mime.data(), name.data(), name.size()) == 0;
  };
  if (is("video/VP8")) return video_codec::vp8;
  return is("video/H264") ? video_codec::h264 : video_codec::other;
}

bool begins_key_frame(video_codec codec, bytes payload) {
  switch (codec) {
  case video_codec::vp8:
    return vp8(payload);
  case video_codec::h264:
    return h264(payload);
  case video_codec::other:
    break;
  }
  return true;
}

} // namespace strowger::media
