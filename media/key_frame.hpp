// Whether an RTP payload begins a key frame, for the codecs that can be cut there. Pure.
#pragma once

#include "media/bytes.hpp"

#include <string_view>

namespace strowger::media {

enum class video_codec : std::uint8_t { other, vp8, h264 };

video_codec video_codec_of(std::string_view mime); // any case
// `other`: true, every packet may be the first.
bool begins_key_frame(video_codec codec, bytes payload);

} // namespace strowger::media
