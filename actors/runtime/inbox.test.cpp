#include "actors/runtime/inbox.hpp"

#include <gtest/gtest.h>

namespace strowger::runtime {
namespace {

std::shared_ptr<const notice::any> ringing(int n) {
  return std::make_shared<const notice::any>(
      notice::call_ringing{call_id{"c" + std::to_string(n)}, "1001"});
}

TEST(inbox, is_complete_from_its_start_on) {
  inbox box{100};
  EXPECT_FALSE(box.complete_after(99));
  EXPECT_TRUE(box.complete_after(100));
  box.put(112, ringing(1));
  EXPECT_TRUE(box.complete_after(100));
}

TEST(inbox, a_position_whose_followers_were_dropped_is_too_old) {
  inbox box{0};
  const auto count = limits::inbox_messages_max + 1;
  for (std::size_t i = 1; i <= count; ++i) box.put(i * 16, ringing(static_cast<int>(i)));
  EXPECT_EQ(box.messages().size(), limits::inbox_messages_max);
  EXPECT_FALSE(box.complete_after(15)) << "the first message is gone";
  EXPECT_TRUE(box.complete_after(16)) << "it was the only one that is gone";
}

TEST(inbox, weighs_descriptions_and_keeps_at_least_the_newest) {
  inbox box{0};
  const std::string sdp(limits::inbox_bytes_max, 'x');
  box.put(16, std::make_shared<const notice::any>(notice::webrtc_offer{call_id{"c"}, 1, sdp, {}}));
  box.put(32, std::make_shared<const notice::any>(notice::webrtc_offer{call_id{"c"}, 1, sdp, {}}));
  ASSERT_EQ(box.messages().size(), 1u);
  EXPECT_EQ(box.messages().front().at, 32u);
  EXPECT_FALSE(box.complete_after(0));
}

} // namespace
} // namespace strowger::runtime
