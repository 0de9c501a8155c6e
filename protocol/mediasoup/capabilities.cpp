// What this server forwards, in the numbers that its consumers see.
#include "protocol/mediasoup/mediasoup.hpp"

namespace strowger::protocol::mediasoup {
namespace {

constexpr auto mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr auto audio_level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr auto abs_send_time = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
constexpr auto transport_cc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

codec video(std::string mime, std::uint8_t number, parameters with) {
  return {std::move(mime),
          number,
          90'000,
          1,
          std::move(with),
          {{"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}}};
}

codec rtx(std::uint8_t number, std::uint8_t repaired) {
  return {"video/rtx", number, 90'000, 1, {{"apt", std::int64_t{repaired}}}, {}};
}

parameters h264(std::string profile) {
  return {{"packetization-mode", std::int64_t{1}},
          {"profile-level-id", std::move(profile)},
          {"level-asymmetry-allowed", std::int64_t{1}}};
}

rtp_capabilities make() {
  rtp_capabilities out;
  out.codecs = {{"audio/opus",
                 100,
                 48'000,
                 2,
                 {{"minptime", std::int64_t{10}}, {"useinbandfec", std::int64_t{1}}},
                 {{"transport-cc", ""}}},
                {"audio/PCMU", 0, 8'000, 1, {}, {}},
                {"audio/PCMA", 8, 8'000, 1, {}, {}},
                {"audio/telephone-event", 110, 48'000, 1, {}, {}},
                {"audio/telephone-event", 126, 8'000, 1, {}, {}},
                video("video/VP8", 101, {}),
                rtx(102, 101),
                video("video/H264", 103, h264("42e01f")), // constrained baseline
                rtx(104, 103),
                video("video/H264", 105, h264("42001f")), // baseline
                rtx(106, 105)};
  using enum media_kind;
  out.extensions = {{mid, 1, audio},           {mid, 1, video},           {audio_level, 10, audio},
                    {abs_send_time, 4, audio}, {abs_send_time, 4, video}, {transport_cc, 5, audio},
                    {transport_cc, 5, video}};
  return out;
}

} // namespace

const rtp_capabilities& router_capabilities() {
  static const auto all = make();
  return all;
}

std::string_view name_of(media_kind kind) { return kind == media_kind::audio ? "audio" : "video"; }

media_kind codec::kind() const {
  return mime.starts_with("audio/") ? media_kind::audio : media_kind::video;
}

bool codec::repairs() const { return mime == "video/rtx"; }

} // namespace strowger::protocol::mediasoup
