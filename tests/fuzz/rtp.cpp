// RTP: what is read, written anew and read again has the same payload.
#include "media/rtp.hpp"
#include "media/key_frame.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <memory>

namespace strowger::fuzz {

using media::rtp_packet;

void one(bytes in) {
  media::begins_key_frame(media::video_codec::vp8, in);
  media::begins_key_frame(media::video_codec::h264, in);
  rtp_packet read;
  if (!media::parse_rtp(in, read)) return;
  check(read.payload.size() + read.padding <= in.size(), "the payload lies inside");
  media::extension_plan plan;
  for (std::size_t id = 1; id < plan.to.size(); ++id)
    plan.to[id] = static_cast<std::uint8_t>(id % 14 + 1);
  plan.any = true;
  plan.two_bytes = read.sequence & 1;
  plan.mid_id = 3;
  plan.mid = "mid";
  plan.abs_send_time_id = 4;
  const std::size_t size = in.empty() ? 0 : in.size() + in[0] % 64;
  const std::unique_ptr<std::uint8_t[]> out{new std::uint8_t[size]};
  const media::rtp_header head{1, 2, 3, 4, true, 5, 6};
  const auto written = media::write_rtp(read, head, plan, {out.get(), size}, read.sequence & 2);
  check(written <= size, "nothing is written behind the room");
  rtp_packet back;
  if (written == 0) return;
  check(media::parse_rtp({out.get(), written}, back), "what was written can be read");
  check(back.ssrc == 1 && back.timestamp == 2 && back.sequence == 3 && back.payload_type == 4,
        "the header is the one asked for");
  if (!(read.sequence & 2))
    check(std::ranges::equal(back.payload, read.payload), "the payload is the same");
}

} // namespace strowger::fuzz
