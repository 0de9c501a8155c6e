// Who comes back, and what happened meanwhile was too much to be told again.
#include "tests/sim/moments/moment.hpp"

namespace strowger::sim {
namespace {

struct returns_moment : moment {
  // given a call that rings, and a caller whose line breaks
  call_id ring_and_lose_caller() {
    alice.connect();
    bob.connect();
    world.settle();
    alice.dial("1001");
    world.settle();
    alice.vanish();
    return bob.calls().empty() ? call_id{} : bob.calls().begin()->first;
  }
  sim_client& alice = client("1000", "alice");
  sim_client& bob = client("1001", "bob");
};

TEST_F(returns_moment, who_comes_back_anew_is_told_of_the_call_that_goes_on) {
  ASSERT_FALSE(ring_and_lose_caller().empty());
  // when she comes back and cannot be resumed
  const rare anew{point::resumed_from_scratch};
  alice.connect();
  world.settle();
  // then she knows of the call all the same
  ASSERT_TRUE(alice.connected());
  EXPECT_EQ(alice.calls().size(), 1U);
}

TEST_F(returns_moment, who_missed_more_than_an_inbox_keeps_is_not_resumed) {
  const auto id = ring_and_lose_caller();
  ASSERT_FALSE(id.empty());
  // when more happens in the call than her inbox keeps, and she comes back
  const rare small{point::inbox_is_short};
  for (request::call_action what :
       {request::call_action{request::answer{}}, request::call_action{request::hold{}},
        request::call_action{request::unhold{}}}) {
    bob.act(id, what);
    world.settle();
  }
  alice.connect();
  world.settle();
  // then nothing is missing in the middle: she starts anew, from how the call is now
  ASSERT_TRUE(alice.connected());
  EXPECT_EQ(world.audit.broken(), "");
  EXPECT_EQ(alice.calls().size(), 1U);
}

} // namespace
} // namespace strowger::sim
