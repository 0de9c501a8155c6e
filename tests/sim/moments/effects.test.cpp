// What follows from an event happens, though the server dies or the disk says no in between: here
// the seat of somebody who has signed out.
#include "tests/sim/moments/moment.hpp"

namespace strowger::sim {
namespace {

struct effects_moment : moment {
  void sign_in() {
    who.tenant = tenant;
    world.site().login({world.any_lane(), {}, {}}, {tenant, "2000", "pw", "here"},
                       [this](outcome<answer::identity> o) {
                         const auto& id = std::get<answer::identity>(o);
                         who.agent = id.agent;
                         who.number = id.extension;
                         who.session = *id.session;
                         who.jti = "token";
                         who.expires_at = world.threads.now() + 100'000'000;
                       });
    world.settle();
  }
  // Up to where the end of the session is on the disk, and nothing that follows from it.
  bool sign_out_without_effects() {
    world.site().logout({world.any_lane(), who, {}}, [](outcome<answer::done>) {});
    if (!step_until([&] { return home().sessions.empty(); })) return false;
    world.store().sleep(20'000);
    world.settle();
    return seats_in_use() == 1;
  }
  std::size_t seats_in_use() {
    std::size_t used = 0;
    for (const auto& [id, l] : home().licenses) used += l.held.size();
    return used;
  }

  principal who;
};

// Several starts: of the rows that were written last, some may be lost.
TEST_F(effects_moment, a_seat_is_freed_though_the_server_dies_before_that_is_written) {
  for (int start = 0; start < 30; ++start) {
    // given somebody who signed out, and a disk that has not got further
    sign_in();
    ASSERT_EQ(seats_in_use(), 1U);
    ASSERT_TRUE(sign_out_without_effects());
    // when the publisher keeps house for a while, and then the server dies
    world.run_for(5'000);
    ASSERT_EQ(seats_in_use(), 1U);
    crash_and_start();
    // then the start makes good what was owed
    ASSERT_EQ(seats_in_use(), 0U) << "start " << start;
  }
}

TEST_F(effects_moment, a_seat_is_freed_though_the_disk_says_no_the_first_time) {
  // given somebody who signed out, and an effect that waits for the disk
  sign_in();
  ASSERT_TRUE(sign_out_without_effects());
  ASSERT_GT(world.store().waiting(), 0U);
  // when the queue turns out to be full
  while (world.store().waiting() > 0) world.refuse_append();
  // then it comes again
  world.run_for(25'000);
  EXPECT_EQ(seats_in_use(), 0U);
}

} // namespace
} // namespace strowger::sim
