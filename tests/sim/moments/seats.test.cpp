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
