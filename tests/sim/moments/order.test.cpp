// Answers, news and questions cross between the lanes and the publisher.
#include "tests/sim/moments/moment.hpp"

namespace strowger::sim {
namespace {

using order_moment = moment;

TEST_F(order_moment, what_an_answer_said_is_known_to_the_next_question) {
  // given a publisher that hears of every group 100 ms after those who asked for it
  const rare late{point::news_is_late};
  auto& rita = client("1003", "rita", client_kind::rest);
  // when a client opens a session and, as soon as it has one, asks for its events
  rita.connect();
  world.run_for(2'000);
  // then it has them
  EXPECT_TRUE(rita.connected());
}

TEST_F(order_moment, a_device_that_was_logged_out_meanwhile_does_not_join) {
  // given a second tab that takes over the first one's device, attached but not yet joined
  auto& alice = client("1000", "alice");
  auto& tab = client("1000", "tab");
  alice.connect();
  world.settle();
  ASSERT_TRUE(alice.connected());
  tab.steal_resume_token(alice);
  {
    const rare late{point::join_is_late, 1};
    tab.connect();
    world.settle();
  }
  ASSERT_FALSE(tab.connected());
  // when the first one logs out, which ends the device
  alice.log_out();
  world.settle();
  ASSERT_FALSE(home().devices.contains(alice.device()));
  // then the tab is let in as another device, and the list of who is there counts it
  world.run_for(400);
  EXPECT_TRUE(tab.connected());
  EXPECT_TRUE(home().devices.contains(tab.device()));
  world.check_presence();
}

} // namespace
} // namespace strowger::sim
