// What whoever carries the media is told of calls, and what it may do.
#include "tests/support/sim_client.hpp"

#include <gtest/gtest.h>

namespace strowger::sim {
namespace {

const tenant_id home{"default"};

class notes final : public runtime::call_watcher {
public:
  void call_changed(const tenant_id&, const call_id& id, const strowger::call_view& view,
                    bool restored) override {
    last = view;
    call = id;
    all.push_back(std::string{restored ? "restored" : "changed"} + (view.over ? " over" : ""));
  }
  void answered(const tenant_id&, const device_id& to, notice::call_answered&) override {
    told = to;
  }
  void joined(const tenant_id&, const device_id&) override { ++joins; }
  void forgotten(const tenant_id&, const device_id&) override {}

  const call_party* party(const device_id& device) const {
    const auto it = std::ranges::find(last.parties, device, &call_party::device);
    return it == last.parties.end() ? nullptr : &*it;
  }

  strowger::call_view last;
  call_id call;
  device_id told;
  std::vector<std::string> all;
  int joins = 0;
};

struct watched_site : testing::Test {
  watched_site() {
    world.provision();
    world.site().watch_calls(seen);
    for (auto* c : {&alice, &bob}) c->connect();
    world.settle();
    alice.dial("1001");
    world.settle();
  }
  ~watched_site() override {
    world.crash();
    EXPECT_EQ(world.audit.broken(), "");
  }
  void act(sim_client& c, request::call_action what) {
    c.act(seen->call, std::move(what));
    world.settle();
  }

  std::shared_ptr<notes> seen = std::make_shared<notes>();
  sim_world world{sim_options{}};
  sim_client alice{world, home, "1000", "alice"};
  sim_client bob{world, home, "1001", "bob"};
};

TEST_F(watched_site, a_rung_device_is_shown_with_whom_it_will_talk_to) {
  ASSERT_TRUE(seen->party(bob.device()));
  EXPECT_EQ(seen->party(bob.device())->peer, alice.device());
  EXPECT_FALSE(seen->party(bob.device())->up);
  EXPECT_FALSE(seen->last.answered);
  EXPECT_GE(seen->joins, 2);
}

TEST_F(watched_site, answers_holds_mutes_and_the_end_are_shown) {
  act(bob, request::answer{});
  EXPECT_TRUE(seen->last.answered);
  EXPECT_TRUE(seen->party(alice.device())->up);
  EXPECT_EQ(seen->party(alice.device())->peer, bob.device());
  EXPECT_EQ(seen->told, alice.device());
  act(alice, request::hold{});
  EXPECT_TRUE(seen->party(alice.device())->on_hold);
  EXPECT_TRUE(seen->party(bob.device())->on_hold);
  act(alice, request::unhold{});
  act(bob, request::mute{true});
  EXPECT_TRUE(seen->party(bob.device())->muted);
  EXPECT_FALSE(seen->party(bob.device())->on_hold);
  act(bob, request::hang_up{});
  EXPECT_TRUE(seen->last.over);
  EXPECT_TRUE(seen->last.parties.empty());
}

TEST_F(watched_site, a_leg_whose_media_died_ends_its_call) {
  act(bob, request::answer{});
  world.site().media_lost(home, alice.device(), seen->call);
  world.settle();
  EXPECT_TRUE(seen->last.over);
  EXPECT_EQ(world.audit.calls().at({home, seen->call}).back().why, call::cause::device_lost);
}

TEST_F(watched_site, whoever_begins_to_watch_is_shown_the_calls_that_there_are) {
  act(bob, request::answer{});
  const auto late = std::make_shared<notes>();
  world.site().watch_calls(late);
  world.settle();
  ASSERT_EQ(late->all, std::vector<std::string>{"restored"});
  EXPECT_TRUE(late->last.answered);
}

} // namespace
} // namespace strowger::sim
