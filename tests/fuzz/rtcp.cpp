// RTCP: every item and every list in it lies inside the datagram.
#include "media/rtcp.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace strowger::fuzz {

namespace rtcp = media::rtcp;

void one(bytes in) {
  std::size_t total = 0;
  std::uint64_t sum = 0;
  const bool whole = rtcp::each(in, [&](const rtcp::item& item) {
    total += item.body.size() + 4;
    check(item.body.empty() || (item.body.data() >= in.data() &&
                                item.body.data() + item.body.size() <= in.data() + in.size()),
          "an item lies inside");
    rtcp::sender_info info;
    if (rtcp::read(item, info)) sum += info.ntp;
    rtcp::each_report(item, [&](const rtcp::report_block& b) {
      sum += b.ssrc;
      check(b.lost >= -0x800000 && b.lost <= 0x7FFFFF, "24 bits of loss");
    });
    rtcp::each_bye(item, [&](std::uint32_t s) { sum += s; });
    if (!rtcp::is_feedback(item)) return;
    sum += rtcp::media_ssrc(item);
    rtcp::each_nack(item, [&](std::uint16_t s) { sum += s; });
    rtcp::each_fir(item, [&](std::uint32_t s) { sum += s; });
    std::uint64_t rate = 0;
    if (rtcp::read_remb(item, rate)) sum += rate;
  });
  check(!whole || total <= in.size(), "items do not overlap");
  static volatile std::uint64_t used = 0;
  used = used + sum;
}

} // namespace strowger::fuzz
