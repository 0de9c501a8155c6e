// A whole site through its door, on simulated threads: tenants, passivation, timers, reactors.
#include "tests/support/sim_client.hpp"

#include <gtest/gtest.h>

namespace strowger::sim {
namespace {

const tenant_id home{"default"};
const tenant_id other{"other"};

struct site_test : testing::Test {
  site_test() { world.provision(); }
  ~site_test() override {
    world.crash();
    EXPECT_EQ(world.audit.broken(), "");
  }
  errc act(sim_client& c, const call_id& id, request::call_action what) {
    const auto command = c.act(id, std::move(what));
    world.settle();
    return c.answer_to(command).value_or(errc::internal);
  }
  call_id ring(sim_client& from, const char* target) {
    from.dial(target);
    world.settle();
    return from.calls().empty() ? call_id{} : from.calls().begin()->first;
  }
  const call::state& state_of(const call_id& id) {
    return world.audit.calls().at({home, id}).back();
  }

  sim_world world{sim_options{}};
  sim_client alice{world, home, "1000", "alice"};
  sim_client bob{world, home, "1001", "bob"};
  sim_client stranger{world, other, "1000", "stranger"};
  sim_client rest{world, home, "1003", "rest", client_kind::rest};
};

TEST_F(site_test, a_call_of_another_tenant_is_unknown) {
  for (auto* c : {&alice, &bob, &stranger}) c->connect();
  world.settle();
  const auto id = ring(alice, "1001");
  ASSERT_FALSE(id.empty());
  for (request::call_action what :
       {request::call_action{request::answer{}}, request::call_action{request::hang_up{}},
        request::call_action{request::hold{}}, request::call_action{request::offer{0, "x"}}})
    EXPECT_EQ(act(stranger, id, what), errc::call_unknown);
  EXPECT_EQ(act(bob, id, request::answer{}), errc::ok);
}

TEST_F(site_test, a_number_of_another_tenant_is_not_rung) {
  for (auto* c : {&alice, &bob, &stranger}) c->connect();
  world.settle();
  const auto command = stranger.dial("1001"); // exists there, and nobody is signed in
  world.settle();
  EXPECT_EQ(stranger.answer_to(command), errc::target_offline);
  EXPECT_TRUE(bob.calls().empty());
}

TEST_F(site_test, a_session_and_a_device_of_another_tenant_are_unknown) {
  rest.connect();
  alice.connect();
  world.settle();
  ASSERT_TRUE(rest.connected());
  const auto session = world.audit.world().tenants.at(home).session_of.at(rest.device());
  principal thief;
  thief.tenant = other;
  thief.number = "1000";
  const runtime::caller from{world.any_lane(), thief, {}};
  auto why = errc::ok;
  const auto note = [&](auto o) {
    const auto* bad = std::get_if<failure>(&o);
    why = bad == nullptr ? errc::ok : bad->why;
  };
  world.site().session_get(from, session, note);
  world.settle();
  EXPECT_EQ(why, errc::session_unknown);
  world.site().session_act(from, session, {}, request::hang_up{}, note);
  world.settle();
  EXPECT_EQ(why, errc::session_unknown);
  world.site().dial(from, alice.device(), {"1001", {}, {}, false}, note);
  world.settle();
  EXPECT_EQ(why, errc::device_unknown);
}

TEST_F(site_test, a_token_of_another_tenant_resumes_nothing) {
  alice.connect();
  world.settle();
  stranger.steal_resume_token(alice);
  stranger.connect();
  world.settle();
  EXPECT_TRUE(stranger.connected());
  EXPECT_NE(stranger.device(), alice.device());
}

TEST_F(site_test, idle_actors_leave_memory_and_come_back_the_same) {
  alice.connect();
  bob.connect();
  world.settle();
  const auto id = ring(alice, "1001");
  EXPECT_EQ(act(bob, id, request::answer{}), errc::ok);
  EXPECT_EQ(act(bob, id, request::hold{}), errc::ok);
  world.run_for(limits::passivate_after_ms + 3 * limits::sweep_every_ms);
  world.check_live_equals_log(); // revives every one of them
  EXPECT_EQ(act(bob, id, request::unhold{}), errc::ok);
  world.check_live_equals_log();
}

TEST_F(site_test, ring_time_runs_on_with_what_was_left) {
  alice.connect();
  bob.connect();
  world.settle();
  const auto id = ring(alice, "1001");
  const auto until = state_of(id).ring_until;
  world.run_for(1'000);
  world.crash();
  world.threads.pass(1'000);
  world.boot();
  world.settle();
  EXPECT_EQ(state_of(id).phase, call::phase::ringing);
  world.run_for(until - world.threads.now() + 5);
  EXPECT_EQ(state_of(id).phase, call::phase::ended);
  EXPECT_EQ(state_of(id).why, call::cause::no_answer);
  EXPECT_GE(state_of(id).ended_at, until);
  EXPECT_LE(state_of(id).ended_at, until + 5);
}

TEST_F(site_test, what_an_event_owes_to_others_is_paid_after_a_crash) {
  rest.connect();
  world.settle();
  const auto& t = world.audit.world().tenants.at(home);
  ASSERT_TRUE(t.devices.contains(rest.device()));
  rest.close_session();
  while (!t.session_of.empty()) world.step(1); // the end of the session is on the disk, no more
  EXPECT_TRUE(t.devices.contains(rest.device()));
  world.crash();
  world.boot();
  world.settle();
  EXPECT_FALSE(t.devices.contains(rest.device())) << "its device was never forgotten";
}

} // namespace
} // namespace strowger::sim
