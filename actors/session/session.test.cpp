#include "actors/session/session.hpp"
#include "tests/support/given.hpp"

#include <algorithm>

namespace strowger::session {
namespace {

using world = support::given<spec>;

constexpr time_ms start = 1'000'000;
constexpr duration_ms timeout = 60'000;
const extension_id ext{"ext"};
const agent_id alice{"alice"};
const device_id phone{"phone"};

open rest_open(duration_ms timeout_ms = timeout) {
  return {ext, alice, phone, session_kind::rest, "pc-1", timeout_ms};
}
opened rest_opened(duration_ms timeout_ms = timeout) {
  return {ext, alice, phone, session_kind::rest, "pc-1", timeout_ms, 1, start};
}
personal<std::string> sdp(const char* text) { return {subject_id{"alice"}, text}; }
personal<candidate> ice(const std::string& line) {
  return {subject_id{"alice"}, candidate{line, "0", 0}};
}
world live() { return world{{rest_opened()}}; }

TEST(session, opens_once) {
  world{}.when(rest_open()).then({rest_opened()}).and_again_nothing();
  EXPECT_EQ(live().state().phase, phase::fresh);
}

TEST(session, of_somebody_cannot_be_opened_by_another) {
  auto other = rest_open();
  other.agent = agent_id{"mallory"};
  live().when(other).then_refused(errc::forbidden).and_again_refused(errc::forbidden);
}

TEST(session, refuses_a_negative_timeout) {
  world{}.when(rest_open(-1)).then_refused(errc::value_out_of_range);
}

TEST(session, unknown_refuses_everything_but_close) {
  world{}.when(set_offer{sdp("v=0")}).then_refused(errc::session_unknown);
  world{}.when(set_answer{sdp("v=0")}).then_refused(errc::session_unknown);
  world{}.when(add_candidate{ice("a")}).then_refused(errc::session_unknown);
  world{}.when(note_peer_answer{sdp("v=0")}).then_refused(errc::session_unknown);
  world{}.when(renew{}).then_refused(errc::session_unknown);
  world{}.when(remove{}).then_refused(errc::session_unknown);
  world{}.when(close{"logout"}).then_nothing();
  world{}.when(tick{}).then_nothing();
}

TEST(session, closed_refuses_everything_but_another_close) {
  const auto closed_one = [] { return world{{rest_opened(), closed{"logout", start}}}; };
  closed_one().when(rest_open()).then_refused(errc::session_closed);
  closed_one().when(set_offer{sdp("v=0")}).then_refused(errc::session_closed);
  closed_one().when(set_answer{sdp("v=0")}).then_refused(errc::session_closed);
  closed_one().when(add_candidate{ice("a")}).then_refused(errc::session_closed);
  closed_one().when(note_peer_answer{sdp("v=0")}).then_refused(errc::session_closed);
  closed_one().when(renew{}).then_refused(errc::session_closed);
  closed_one().when(remove{}).then_refused(errc::session_closed);
  closed_one().when(close{"deleted"}).then_nothing();
  closed_one().later(timeout * 2).when(tick{}).then_nothing();
  EXPECT_EQ(closed_one().wake_at(), never);
}

TEST(session, an_offer_starts_connecting_and_its_repeat_writes_nothing) {
  auto w = live();
  w.when(set_offer{sdp("v=0")}).then({offer_set{sdp("v=0"), start}}).and_again_nothing();
  EXPECT_EQ(w.state().phase, phase::connecting);
  w.when(set_offer{sdp("v=1")}).then({offer_set{sdp("v=1"), start}});
}

TEST(session, is_connected_by_either_sides_answer) {
  auto mine = live();
  mine.when(set_answer{sdp("v=0")}).then({answer_set{sdp("v=0"), start}}).and_again_nothing();
  EXPECT_EQ(mine.state().phase, phase::connected);
  auto theirs = live();
  theirs.when(note_peer_answer{sdp("v=0")})
      .then({peer_answered{sdp("v=0"), start}})
      .and_again_nothing();
  EXPECT_EQ(theirs.state().phase, phase::connected);
}

TEST(session, notes_which_ringing_call_an_answer_is_for) {
  const call_id first{"first"}, second{"second"};
  auto w = live();
  w.when(set_answer{sdp("v=0"), first}).then({answer_set{sdp("v=0"), start, first}});
  w.when(set_answer{sdp("v=0"), first}).then_nothing();
  w.when(set_answer{sdp("v=0")}).then_nothing(); // nothing rings: the same answer again
  EXPECT_EQ(reply_to(w.state(), set_answer{sdp("v=0")}).answers, first);
  w.when(set_answer{sdp("v=0"), second}).then({answer_set{sdp("v=0"), start, second}});
  w.when(set_answer{sdp("v=1"), {}}).then({answer_set{sdp("v=1"), start, {}}});
  EXPECT_TRUE(reply_to(w.state(), set_answer{sdp("v=0"), first}).answers.empty());
}

TEST(session, is_removed_once_by_its_client) {
  live().when(remove{}).then({closed{"deleted", start}}).and_again_refused(errc::session_closed);
}

TEST(session, keeps_candidates_that_come_before_the_offer) {
  auto w = live();
  w.when(add_candidate{ice("a")}).then({candidate_added{ice("a"), start}}).and_again_nothing();
  w.when(add_candidate{ice("b")}).when(set_offer{sdp("v=0")});
  EXPECT_EQ(support::show(w.state().candidates), support::show(std::vector{ice("a"), ice("b")}));
}

TEST(session, refuses_one_candidate_too_many) {
  auto w = live();
  for (std::size_t i = 0; i < limits::candidates_per_device_max; ++i)
    w.when(add_candidate{ice(std::to_string(i))});
  w.when(add_candidate{ice("one more")}).then_refused(errc::too_many_candidates);
}

TEST(session, a_renewal_writes_only_when_half_of_the_timeout_is_gone) {
  auto w = live();
  w.later(timeout / 2 - 1).when(renew{}).then_nothing();
  w.later(1).when(renew{}).then({renewed{1, start + timeout / 2}}).and_again_nothing();
  EXPECT_EQ(w.wake_at(), start + timeout / 2 + timeout);
}

TEST(session, ends_at_its_timeout) {
  auto w = live();
  EXPECT_EQ(w.wake_at(), start + timeout);
  w.later(timeout - 1).when(tick{}).then_nothing();
  w.later(1).when(tick{}).then({closed{"timeout", start + timeout}}).and_again_nothing();
}

TEST(session, is_over_at_its_timeout_even_before_the_tick_comes) {
  auto w = live();
  w.later(timeout).when(renew{}).then_refused(errc::session_closed);
  w.when(set_offer{sdp("v=0")}).then_refused(errc::session_closed);
}

TEST(session, time_in_which_the_server_was_down_does_not_count) {
  auto w = live();
  w.later(timeout / 2).restarted(timeout * 10);
  const auto again = w.ctx().now;
  EXPECT_EQ(w.wake_at(), again + timeout);
  w.when(tick{}).then_nothing();
  w.when(renew{}).then_nothing();
  w.later(timeout / 2).when(renew{}).then({renewed{2, again + timeout / 2}});
}

TEST(session, activity_renews_the_lease_but_the_peers_answer_does_not) {
  auto w = live();
  w.later(10).when(set_offer{sdp("v=0")});
  EXPECT_EQ(w.wake_at(), start + 10 + timeout);
  w.later(10).when(note_peer_answer{sdp("v=0")});
  EXPECT_EQ(w.wake_at(), start + 10 + timeout);
  EXPECT_EQ(w.reply().last_activity, start + 10);
}

TEST(session, without_a_timeout_ends_only_with_its_device) {
  auto w = world{{rest_opened(0)}};
  EXPECT_EQ(w.wake_at(), never);
  w.later(1'000'000'000).when(renew{}).then_nothing();
  w.when(close{"device_lost"}).then({closed{"device_lost", w.ctx().now}}).and_again_nothing();
}

TEST(session, replies_with_what_a_client_asks_for) {
  auto w = world{};
  w.when(rest_open());
  EXPECT_EQ(w.reply().device, phone);
  EXPECT_EQ(w.reply().extension, ext);
  EXPECT_EQ(w.reply().created_at, start);
  EXPECT_EQ(w.reply().phase, phase::fresh);
}

command any_command(support::dice& d) {
  const auto text = std::to_string(d.below(3));
  switch (d.below(9)) {
  case 0:
    return set_offer{sdp(text.c_str())};
  case 1:
    return set_answer{sdp(text.c_str())};
  case 2:
    return add_candidate{ice(text)};
  case 3:
    return note_peer_answer{sdp(text.c_str())};
  case 4:
    return tick{};
  case 5:
    return d.chance(3) ? command{close{"logout"}} : command{renew{}};
  case 6:
    return rest_open();
  default:
    return renew{};
  }
}

TEST(session, under_random_commands_retries_write_nothing_and_it_closes_at_most_once) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    support::dice d{seed};
    world w;
    for (int step = 0; step < 100; ++step) {
      d.chance(2) ? w.restarted(1'000) : w.later(static_cast<duration_ms>(d.below(20'000)));
      const auto c = any_command(d);
      w.when(c).when(c);
      ASSERT_TRUE(w.outcome().events().empty()) << "seed " << seed << " step " << step;
    }
    const auto ends = std::ranges::count_if(
        w.history(), [](const event& e) { return std::holds_alternative<closed>(e); });
    EXPECT_LE(ends, 1);
    w.replays();
  }
}

} // namespace
} // namespace strowger::session
