// Seats and lost connections, and what a slave may use of a log that was put back.
#include "tests/sim/moments/moment.hpp"
#include "tests/support/given.hpp"

namespace strowger::sim {
namespace {

struct seats_moment : moment {
  std::size_t used() {
    std::size_t out = 0;
    for (const auto& [id, l] : home().licenses) out += l.held.size();
    return out;
  }
  // Steps, and time where nothing is left to do, until it is so. False: it never is.
  template <class Test> bool in_time(Test so) {
    for (int left = 100'000; left > 0 && !so(); --left)
      if (!world.step(1) && !world.threads.leap()) return false;
    return so();
  }
  sim_client& phone(const char* number, const char* name) {
    auto& out = client(number, name);
    out.connect();
    world.run_for(1'000);
    return out;
  }
};

// The world's devices have a grace of 6 s; three heartbeats are 90 s.
TEST_F(seats_moment, a_socket_that_is_lost_gives_its_seat_back_after_its_grace) {
  auto& one = phone("2000", "one");
  ASSERT_TRUE(one.connected());
  ASSERT_EQ(used(), 1U);
  one.vanish();
  world.run_for(3'000);
  EXPECT_EQ(used(), 1U);
  world.run_for(27'000);
  EXPECT_EQ(used(), 0U);
}

TEST_F(seats_moment, also_when_the_server_dies_before_that_is_written) {
  phone("2000", "one").vanish();
  world.store().sleep(20'000);
  world.run_for(100);
  crash_and_start();
  EXPECT_EQ(used(), 1U);
  world.run_for(60'000);
  EXPECT_EQ(used(), 0U);
}

TEST_F(seats_moment, who_comes_back_in_time_keeps_it) {
  auto& one = phone("2000", "one");
  one.vanish();
  world.run_for(3'000);
  one.connect();
  world.run_for(20'000);
  EXPECT_TRUE(one.connected());
  EXPECT_EQ(used(), 1U);
}

TEST_F(seats_moment, two_seats_are_for_two_who_connect) {
  EXPECT_TRUE(phone("2000", "one").connected());
  EXPECT_TRUE(phone("2001", "two").connected());
  auto& third = phone("2002", "three");
  EXPECT_FALSE(third.connected());
  EXPECT_EQ(used(), 2U);
}

// Who has lost the seat takes no new call. It is lost after three heartbeats that were missed.
TEST_F(seats_moment, who_has_lost_the_seat_is_not_rung) {
  auto& alice = phone("1000", "alice");
  auto& one = phone("2000", "one");
  world.run_for(100'000);
  ASSERT_TRUE(one.connected());
  ASSERT_EQ(used(), 0U);
  const auto command = alice.dial("2000");
  world.settle();
  EXPECT_EQ(alice.answer_to(command), errc::no_client_for_target);
  EXPECT_TRUE(one.calls().empty());
}

TEST_F(seats_moment, who_loses_it_while_rung_is_rung_no_longer) {
  auto& alice = phone("1000", "alice");
  auto& one = phone("2000", "one");
  world.run_for(87'000);
  alice.dial("2000");
  world.settle();
  ASSERT_EQ(one.calls().size(), 1U);
  const auto call = one.calls().begin()->first;
  ASSERT_TRUE(in_time([&] { return used() == 0; }));
  world.run_for(3'000); // less than it would ring
  ASSERT_EQ(used(), 0U);
  EXPECT_TRUE(home().calls.empty());
  const auto late = one.act(call, request::answer{});
  world.settle();
  EXPECT_NE(one.answer_to(late), errc::ok);
}

TEST_F(seats_moment, a_call_that_runs_outlives_the_seat) {
  auto& alice = phone("1000", "alice");
  auto& one = phone("2000", "one");
  alice.dial("2000");
  world.settle();
  ASSERT_EQ(one.calls().size(), 1U);
  const auto call = one.calls().begin()->first;
  one.act(call, request::answer{});
  world.run_for(100'000);
  ASSERT_EQ(used(), 0U);
  ASSERT_EQ(home().calls.size(), 1U);
  const auto held = one.act(call, request::hold{});
  world.settle();
  EXPECT_EQ(one.answer_to(held), errc::ok);
  alice.act(call, request::hang_up{});
  world.settle();
}

TEST_F(seats_moment, a_rest_session_takes_a_seat_and_gives_it_back_when_it_ends) {
  auto& one = client("2000", "one", client_kind::rest);
  auto& two = client("2001", "two", client_kind::rest);
  auto& three = client("2002", "three", client_kind::rest);
  for (auto* each : {&one, &two, &three}) {
    each->connect();
    world.run_for(500);
  }
  EXPECT_TRUE(one.connected());
  EXPECT_TRUE(two.connected());
  EXPECT_FALSE(three.connected());
  EXPECT_EQ(used(), 2U);
  one.close_session();
  world.run_for(500);
  EXPECT_EQ(used(), 1U);
  three.connect();
  world.run_for(500);
  EXPECT_TRUE(three.connected());
}

// Its time is 20 s here; three heartbeats are 90 s.
TEST_F(seats_moment, a_rest_session_keeps_it_while_its_client_listens_and_until_it_times_out) {
  auto& one = client("2000", "one", client_kind::rest);
  one.connect();
  world.run_for(300'000);
  ASSERT_TRUE(one.connected());
  EXPECT_EQ(used(), 1U);
  one.vanish();
  world.run_for(5'000);
  EXPECT_EQ(used(), 1U);
  world.run_for(60'000);
  EXPECT_EQ(used(), 0U);
}

TEST_F(seats_moment, a_rest_session_that_is_asked_for_twice_at_once_takes_one_seat) {
  principal who;
  who.number = "2000";
  who.tokenless = true;
  std::vector<session_id> got;
  const auto note = [&](const outcome<answer::session_row>& o) {
    const auto* row = std::get_if<answer::session_row>(&o);
    ASSERT_NE(row, nullptr);
    got.push_back(row->session);
  };
  for (int i = 0; i < 2; ++i)
    world.site().open_session({world.any_lane(), who, command_id{"once"}}, {who, "2000", "sim"},
                              note);
  world.run_for(500);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0], got[1]);
  std::size_t sessions = 0;
  for (const auto& [id, l] : home().licenses)
    for (const auto& [agent, seat] : l.held) sessions += seat.sessions.size();
  EXPECT_EQ(sessions, 1U);
  world.site().close_session({world.any_lane(), who, {}}, got[0], [](auto) {});
  world.run_for(500);
  EXPECT_EQ(used(), 0U);
}

// A master has heard nine asks of it, the last for more than this log knows of.
TEST(lease_moment, a_log_that_was_put_back_asks_as_nobody_has_asked_before) {
  support::given<license::spec> slave;
  license::issue terms{"plan", 10, 5, true};
  terms.document = "signed";
  slave.when(terms);
  slave.when(license::ask{1, "boot", 0}).when(license::void_lease{9});
  slave.when(license::ask{1, "boot", 0});
  EXPECT_EQ(slave.reply().ask, 10U);
}

} // namespace
} // namespace strowger::sim
