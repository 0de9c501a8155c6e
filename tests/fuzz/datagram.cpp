// The front of the relay's port: kinds of datagrams, DTLS records, frames of ICE-TCP.
#include "media/dtls.hpp"
#include "media/tcp_front.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstring>

namespace strowger::fuzz {

void one(bytes in) {
  const bool dtls = media::looks_like_dtls(in);
  check(!dtls || media::kind_of(in) == media::datagram_kind::dtls,
        "DTLS is told by its first byte");
  media::frame_reader frames;
  std::size_t taken = 0;
  for (std::size_t at = 0; at < in.size();) {
    const auto to = frames.space();
    check(!to.empty(), "there is room for more");
    const auto size = std::min({to.size(), in.size() - at, std::size_t{1} + in[at]});
    std::memcpy(to.data(), in.data() + at, size);
    at += size;
    if (!frames.took(size, [&](media::room frame) { taken += frame.size() + 2; })) return;
    check(taken <= at, "no frame is made up");
  }
}

} // namespace strowger::fuzz
