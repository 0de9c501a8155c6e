// A whole site through its door, on simulated threads: tenants, passivation, timers, reactors.
#include "tests/support/sim_client.hpp"

#include "actors/runtime/messages.hpp"
#include "observe/metrics.hpp"

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

TEST_F(site_test, the_log_does_not_let_its_reader_try_out_what_a_command_said) {
  alice.connect();
  bob.connect();
  world.settle();
  principal who;
  who.tenant = home;
  who.number = "1000";
  who.agent = world.audit.world().tenants.at(home).extensions.begin()->second.owner;
  const std::string said = "0123456789abcdef";
  world.site().dial({world.any_lane(), who, command_id{"key"}, said}, alice.device(),
                    {"1001", {}, {}, false}, [](auto) {});
  world.settle();
  std::size_t marked = 0;
  for (const auto& r : world.store().read_log(1, 10'000)) {
    const auto& id = r.meta.command.value;
    if (id.find("/key#") == std::string::npos) continue;
    ++marked;
    EXPECT_EQ(id.find(said), std::string::npos) << id;
    EXPECT_EQ(id.size() - id.find('#') - 1, runtime::fingerprint_size);
  }
  EXPECT_EQ(marked, 1U);
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

TEST_F(site_test, a_call_that_ended_leaves_memory_soon_and_still_answers) {
  const auto in_memory = [] {
    const std::string shown = metrics::render(), name = "strowger_actors_live{kind=\"call\"} ";
    return shown.substr(shown.find(name) + name.size(), 1);
  };
  alice.connect();
  bob.connect();
  world.settle();
  const auto ended = ring(alice, "1001");
  EXPECT_EQ(act(alice, ended, request::hang_up{}), errc::ok);
  const auto next = ring(alice, "1001");
  EXPECT_EQ(in_memory(), "2");
  world.run_for(limits::over_after_ms + 10);
  EXPECT_EQ(in_memory(), "1");
  EXPECT_EQ(act(alice, ended, request::hold{}), errc::call_over);
  EXPECT_EQ(act(bob, next, request::answer{}), errc::ok);
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

// What the door answered, once it has.
template <class T> struct heard {
  std::optional<outcome<T>> said;
  runtime::done<T> hear() {
    return [this](outcome<T> o) { said = std::move(o); };
  }
  errc why() const {
    if (!said) return errc::internal; // not a word
    const auto* bad = std::get_if<failure>(&*said);
    return bad == nullptr ? errc::ok : bad->why;
  }
};

request::register_agent newcomer(const char* name, const char* number) {
  return {home, name, "n@example.org", number, "pw", {}, "here"};
}

TEST_F(site_test, a_refused_registration_touches_nothing) {
  heard<answer::registered> first, again;
  const auto before = world.audit.last();
  world.site().register_agent({world.any_lane(), {}, command_id{"key"}}, newcomer("1000", "1005"),
                              first.hear());
  world.settle();
  EXPECT_EQ(first.why(), errc::username_taken);
  world.audit.read();
  EXPECT_EQ(world.audit.last(), before);
  world.site().register_agent({world.any_lane(), {}, command_id{"key"}}, newcomer("nina", "1005"),
                              again.hear());
  world.settle();
  EXPECT_EQ(again.why(), errc::ok); // the sample's extension was still to be had
}

TEST_F(site_test, guesses_count_however_the_name_is_spelt_and_do_not_run_abreast) {
  const auto guess = [&](const char* name) {
    heard<answer::identity> h;
    world.site().login({world.any_lane(), {}, {}}, {home, name, "wrong", "here"}, h.hear());
    world.settle();
    return h.why();
  };
  for (const auto* name : {"alice", "Alice", "ALICE", "aLICE", "alicE"})
    EXPECT_EQ(guess(name), errc::wrong_credentials) << name;
  EXPECT_EQ(guess("aLiCe"), errc::too_many_attempts);

  std::vector<std::unique_ptr<heard<answer::identity>>> all;
  for (std::size_t i = 0; i < limits::logins_under_way_max + 5; ++i) {
    all.push_back(std::make_unique<heard<answer::identity>>());
    world.site().login({world.any_lane(), {}, {}}, {home, "1001", "pw", "here"},
                       all.back()->hear());
  }
  world.settle();
  EXPECT_EQ(std::ranges::count(all, errc::ok, [](const auto& h) { return h->why(); }),
            static_cast<std::ptrdiff_t>(limits::logins_under_way_max));
  heard<answer::identity> after;
  world.site().login({world.any_lane(), {}, {}}, {home, "1001", "pw", "here"}, after.hear());
  world.settle();
  EXPECT_EQ(after.why(), errc::ok);
}

TEST_F(site_test, any_request_keeps_a_rest_session_alive_and_only_its_owner_may_make_one) {
  heard<answer::session_row> opened;
  principal nobody;
  nobody.tokenless = true;
  nobody.number = "1003";
  world.site().open_session({world.any_lane(), nobody, {}}, {nobody, "1003", "curl"},
                            opened.hear());
  world.settle();
  ASSERT_EQ(opened.why(), errc::ok);
  const auto id = std::get<answer::session_row>(*opened.said).session;
  const auto look = [&](const principal& who) {
    heard<answer::session_row> h;
    world.site().session_get({world.any_lane(), who, {}}, id, h.hear());
    world.settle();
    return h.why();
  };
  for (int i = 0; i < 6; ++i) { // 48 s of a 20 s timeout
    world.run_for(8'000);
    EXPECT_EQ(look(nobody), errc::ok);
  }
  principal other_agent;
  other_agent.number = "1001";
  other_agent.agent = agent_id{world.ids.digest({"agent", "default", "1001"})};
  EXPECT_EQ(look(other_agent), errc::extension_not_owned);
  world.run_for(21'000);
  EXPECT_EQ(look(nobody), errc::session_closed);
}

TEST_F(site_test, two_nameless_sessions_may_use_the_same_key) {
  alice.connect();
  world.settle();
  const auto call_from = [&](const char* number) {
    principal nobody;
    nobody.tokenless = true;
    nobody.number = number;
    heard<answer::session_row> opened;
    world.site().open_session({world.any_lane(), nobody, {}}, {nobody, number, "curl"},
                              opened.hear());
    world.settle();
    const auto session = std::get<answer::session_row>(*opened.said).session;
    nobody.number.clear(); // the session's id is all that the request brings
    heard<answer::dialled> dialled;
    world.site().session_dial({world.any_lane(), nobody, command_id{"7"}}, session,
                              {"1000", {}, {}, false}, dialled.hear());
    world.settle();
    EXPECT_EQ(dialled.why(), errc::ok);
    return std::get<answer::dialled>(*dialled.said).call;
  };
  EXPECT_NE(call_from("1003"), call_from("1004"));
}

TEST_F(site_test, an_invitation_that_reaches_nobody_says_so_and_is_recorded) {
  alice.connect();
  bob.connect();
  world.settle();
  bob.vanish(); // the server does not know yet
  principal who;
  who.number = "1000";
  who.agent = agent_id{world.ids.digest({"agent", "default", "1000"})};
  heard<answer::dialled> h;
  world.site().initiate({world.any_lane(), who, {}}, {who, "1001", {}}, h.hear());
  const auto run_but_write_nothing = [&] {
    while (world.threads.run_one()) {
    }
  };
  run_but_write_nothing();
  ASSERT_EQ(world.store().waiting(), 1u); // rung, and not yet on the disk
  world.threads.pass(3'500);
  run_but_write_nothing(); // now the server knows
  ASSERT_FALSE(h.said);
  world.settle();
  EXPECT_EQ(h.why(), errc::invitation_failed);
  const auto& history = world.audit.world().tenants.at(home).history;
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history.begin()->second.row.cause, "unreachable");
}

} // namespace
} // namespace strowger::sim
