#include "actors/runtime/inbox.hpp"

#include <gtest/gtest.h>

namespace strowger::runtime {
namespace {

const inboxes::key phone{tenant_id{"default"}, device_id{"phone"}};
constexpr client_position start = 10 * 16 + 15; // attached at position 10

std::shared_ptr<const notice::any> ringing(int n) {
  return std::make_shared<const notice::any>(
      notice::call_ringing{call_id{"c" + std::to_string(n)}, "1001"});
}
void put(inboxes& boxes, int n) {
  boxes.put(phone, call_id{"c" + std::to_string(n)}, static_cast<client_position>(n) * 16,
            ringing(n));
}

struct inbox_test : testing::Test {
  inbox_test() { boxes.known(phone, 10); }
  const inbox& box() const { return *boxes.find(phone); }
  inboxes boxes;
};

TEST_F(inbox_test, is_complete_from_its_start_on) {
  EXPECT_FALSE(box().complete_after(start - 1));
  EXPECT_TRUE(box().complete_after(start));
  put(boxes, 11);
  EXPECT_TRUE(box().complete_after(start));
}

TEST_F(inbox_test, a_position_whose_followers_were_dropped_is_too_old) {
  const auto count = static_cast<int>(limits::inbox_messages_max) + 1;
  for (int i = 11; i < 11 + count; ++i) put(boxes, i);
  EXPECT_EQ(boxes.messages(phone).size(), limits::inbox_messages_max);
  EXPECT_EQ(box().calls.size(), limits::inbox_messages_max);
  EXPECT_FALSE(box().complete_after(11 * 16 - 1)) << "the first message is gone";
  EXPECT_TRUE(box().complete_after(11 * 16)) << "it was the only one that is gone";
}

TEST_F(inbox_test, weighs_descriptions_and_keeps_at_least_the_newest) {
  const std::string sdp(limits::inbox_bytes_max, 'x');
  for (client_position at : {176, 192})
    boxes.put(phone, call_id{"c"}, at,
              std::make_shared<const notice::any>(notice::webrtc_offer{call_id{"c"}, 1, sdp, {}}));
  ASSERT_EQ(boxes.messages(phone).size(), 1u);
  EXPECT_EQ(boxes.messages(phone).front().at, 192u);
  EXPECT_FALSE(box().complete_after(start));
}

TEST_F(inbox_test, a_device_that_attaches_again_keeps_its_messages_and_a_forgotten_one_has_none) {
  put(boxes, 11);
  boxes.known(phone, 12);
  EXPECT_EQ(boxes.messages(phone).size(), 1u);
  boxes.forget(phone, 13);
  EXPECT_EQ(boxes.find(phone), nullptr);
  put(boxes, 14);
  EXPECT_TRUE(boxes.messages(phone).empty());
}

TEST_F(inbox_test, what_was_told_before_a_start_is_read_again_before_what_came_after) {
  inboxes after;
  after.facts().restore(phone,
                        {start, start, 2, 512, {{call_id{"c11"}, 176}, {call_id{"c12"}, 192}}});
  after.restored_up_to(12);
  std::size_t read = 0;
  after.read_by([&](const auto&, const call_id& c, client_position from, client_position until) {
    ++read;
    EXPECT_EQ(from, start);
    EXPECT_EQ(until, client_position{12 * 16 + 15});
    if (c == call_id{"c13"}) return std::vector<message>{}; // nothing so early
    const int n = c == call_id{"c11"} ? 11 : 12;
    return std::vector<message>{{static_cast<client_position>(n) * 16, ringing(n)}};
  });
  put(after, 13);
  EXPECT_EQ(read, 0u) << "only when somebody asks";
  std::vector<client_position> places;
  for (const auto& m : after.messages(phone)) places.push_back(m.at);
  EXPECT_EQ(places, (std::vector<client_position>{176, 192, 208}));
  after.messages(phone);
  EXPECT_EQ(read, 3u) << "each call, once";
}

} // namespace
} // namespace strowger::runtime
