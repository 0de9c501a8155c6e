// Commands that the disk refuses, that come again after a start, or that want the same.
#include "tests/sim/moments/moment.hpp"

namespace strowger::sim {
namespace {

struct commands_moment : moment {
  commands_moment() {
    alice.connect();
    bob.connect();
    world.settle();
    alice.dial("1001");
    world.settle();
    EXPECT_EQ(bob.calls().size(), 1U);
    id = bob.calls().begin()->first;
  }
  const call::state& state() { return world.audit.calls().at({tenant, id}).back(); }

  sim_client& alice = client("1000", "alice");
  sim_client& bob = client("1001", "bob");
  call_id id;
};

// Often: the refusal and the repetition reach the call's lane in any order.
TEST_F(commands_moment, what_the_disk_refused_did_not_happen_and_may_come_again) {
  bob.act(id, request::answer{});
  world.settle();
  for (int i = 0; i < 50; ++i) {
    // given a hold, or its end, that waits for the disk
    const bool holds = i % 2 == 0;
    world.store().sleep(1'000);
    const auto command = bob.act(id, holds ? request::call_action{request::hold{}}
                                           : request::call_action{request::unhold{}});
    world.settle();
    ASSERT_EQ(world.store().waiting(), 1U);
    // when it is refused, and just then comes again
    world.refuse_append();
    bob.repeat(command);
    world.settle();
    // then it is acknowledged when it is written, and not before
    ASSERT_EQ(bob.answer_to(command), std::nullopt);
    for (int tries = 0; tries < 3 && !bob.answer_to(command); ++tries) {
      bob.repeat(command);
      world.run_for(2'000);
    }
    ASSERT_EQ(bob.answer_to(command), errc::ok);
    ASSERT_EQ(state().legs.at(2).holds, holds);
  }
}

TEST_F(commands_moment, a_deadline_that_the_disk_refused_comes_again) {
  // given a call that has rung long enough, and its end that waits for the disk
  world.store().sleep(10'000);
  world.run_for(6'000);
  ASSERT_GT(world.store().waiting(), 0U);
  // when the queue turns out to be full
  while (world.store().waiting() > 0) world.refuse_append();
  world.settle();
  ASSERT_EQ(state().phase, call::phase::ringing);
  // then it does not ring for ever
  world.run_for(10'000);
  EXPECT_EQ(state().phase, call::phase::ended);
}

TEST_F(commands_moment, a_command_that_comes_again_after_a_start_has_one_effect) {
  // given a tone that was played, and a snapshot of the call behind it
  bob.act(id, request::answer{});
  world.settle();
  std::string tone;
  {
    const rare often{point::snapshot_now};
    tone = bob.act(id, request::dtmf{"5", 100});
    world.settle();
    bob.act(id, request::hold{});
    world.settle();
  }
  const auto written = world.audit.version_of(tenant, id);
  // when the server was started anew, and the tone comes again
  crash_and_start();
  bob.connect();
  world.settle();
  ASSERT_TRUE(bob.connected());
  bob.repeat(tone);
  world.settle();
  // then it is not played again
  EXPECT_EQ(bob.answer_to(tone), errc::ok);
  EXPECT_EQ(world.audit.version_of(tenant, id), written);
}

TEST_F(commands_moment, one_of_two_newcomers_gets_the_extension_that_both_want) {
  // given the extension of a sample account, which makes room for whoever comes
  std::size_t got = 0, refused = 0;
  for (const std::string name : {"nina", "noah"})
    world.site().register_agent({world.any_lane(), {}, command_id{name}},
                                {tenant, name, name + "@example.org", "1005", "pw", {}, "here"},
                                [&](const outcome<answer::registered>& o) {
                                  const auto* bad = std::get_if<failure>(&o);
                                  ++(bad == nullptr ? got : refused);
                                });
  world.settle();
  EXPECT_EQ(got, 1U);
  EXPECT_EQ(refused, 1U);
}

} // namespace
} // namespace strowger::sim
