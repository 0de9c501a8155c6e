// Killing the server between any two appends of a call, every point enumerated, before and after
// the append is on the disk, leaves the same final call record: same parties, state, cause, winner
// and transfer target; the same second of start, answer and end. Every step of a script happens in
// a second of its own and the server is down for 10 ms, so "the same second" is exact: no
// restart may shift a step into another one. Ring times end at their old deadline.
#include "tests/crash/script.hpp"

#include <gtest/gtest.h>

namespace strowger::sim {

void PrintTo(const record_of_call& r, std::ostream* out) {
  *out << r.caller << " -> " << r.callee << ' ' << r.state << ' ' << r.cause << " to \""
       << r.transferred_to << "\" answered by \"" << r.answered_by << "\" " << r.started_s << ' '
       << r.answered_s << ' ' << r.ended_s << ' ' << r.duration_s;
}

namespace {

using namespace request;

notice::candidate line(const char* text) { return {text, "0", 0}; }

void blind(stage& s) {
  s.dial("alice", "1001");
  s.act("alice", offer{0, "alice's offer"});
  s.act("alice", trickle{0, line("alice's candidate")});
  s.act("bob", request::answer{});
  s.expect_told("bobs other", false);
  s.act("bob", sdp_answer{0, "bob's answer"});
  s.act("bob", trickle{0, line("bob's candidate")});
  s.act("bob", hold{});
  s.act("bob", unhold{});
  s.act("alice", mute{true});
  s.act("alice", dtmf{"5", 100});
  s.act("bob", transfer{"1002", false});
  s.act("carol", request::answer{});
  s.expect_told("bob", false);
  s.act("alice", offer{0, "alice's second offer"});
  s.act("carol", sdp_answer{0, "carol's answer"});
  s.act("carol", hang_up{});
  s.expect_told("alice", false);
}

void warm(stage& s) {
  s.dial("alice", "1001");
  s.act("bobs other", request::answer{});
  s.act("bobs other", transfer{"1002", true});
  s.act("carol", request::answer{});
  s.act("bobs other", hang_up{}); // completes it
  s.expect_told("bobs other", false);
  s.act("alice", hang_up{});
  s.expect_told("carol", false);
}

void warm_cancelled(stage& s) {
  s.dial("alice", "1001");
  s.act("bob", request::answer{});
  s.act("alice", transfer{"1002", true});
  s.act("carol", request::answer{});
  s.act("alice", cancel_transfer{});
  s.expect_told("carol", false);
  s.act("bob", hang_up{});
}

void no_answer(stage& s) {
  s.dial("alice", "1001");
  s.act("bob", reject{});
  s.wait_s(32);
  s.expect_told("bobs other", false);
  s.expect_told("alice", false);
}

void cancelled(stage& s) {
  s.dial("alice", "1001");
  s.act("alice", hang_up{});
  s.expect_told("bob", false);
}

void rejected(stage& s) {
  s.dial("alice", "1001");
  s.act("bob", reject{});
  s.act("bobs other", reject{});
  s.expect_told("alice", false);
}

using say = enum session_words::kind;

void rest_client_answers(stage& s) {
  s.dial("alice", "1003");
  s.act("alice", offer{0, "alice's offer"});
  s.say("rita", say::candidate, "rita's first candidate");
  s.say("rita", say::answer, "rita's answer"); // of her session: takes the call
  s.say("rita", say::candidate, "rita's second candidate");
  s.expect_told("rita", true);
  s.act("rita", dtmf{"7", 100});
  s.act("rita", hang_up{});
  s.expect_told("alice", false);
}

void rest_client_calls(stage& s) {
  s.say("rita", say::offer, "rita's offer");
  s.say("rita", say::candidate, "rita's first candidate");
  s.dial("rita", "1001");
  s.say("rita", say::candidate, "rita's second candidate");
  s.act("bob", request::answer{});
  s.act("bob", sdp_answer{0, "bob's answer"});
  s.say("rita", say::candidate, "rita's third candidate");
  s.act("bob", hang_up{});
  s.expect_told("rita", false);
}

void same_record_wherever_it_dies(script what, std::size_t appends_min) {
  const auto plain = tell(what, {});
  ASSERT_EQ(plain.broken, "");
  ASSERT_EQ(plain.history.size(), 1u);
  EXPECT_GE(plain.appends, appends_min);
  for (std::size_t k = 1; k <= plain.appends; ++k)
    for (const bool written : {false, true}) {
      const auto out = tell(what, {k, written});
      EXPECT_EQ(out.broken, "") << "killed at append " << k << (written ? ", written" : "");
      EXPECT_EQ(out.history, plain.history)
          << "killed at append " << k << " of " << plain.appends << (written ? ", written" : "");
      if (testing::Test::HasFailure()) return;
    }
}

TEST(crash, a_blind_transfer_with_everything_before_it_survives_at_every_append) {
  same_record_wherever_it_dies(blind, 15);
}
TEST(crash, a_warm_transfer_survives_at_every_append) { same_record_wherever_it_dies(warm, 6); }
TEST(crash, a_cancelled_warm_transfer_survives_at_every_append) {
  same_record_wherever_it_dies(warm_cancelled, 6);
}
TEST(crash, a_call_nobody_answers_rings_no_longer_and_no_shorter) {
  same_record_wherever_it_dies(no_answer, 3);
}
TEST(crash, a_cancelled_call_survives_at_every_append) {
  same_record_wherever_it_dies(cancelled, 2);
}
TEST(crash, a_call_that_a_rest_client_answers_survives_at_every_append) {
  same_record_wherever_it_dies(rest_client_answers, 10);
}
TEST(crash, a_call_of_a_rest_client_survives_at_every_append) {
  same_record_wherever_it_dies(rest_client_calls, 9);
}
TEST(crash, a_rejected_call_survives_at_every_append) { same_record_wherever_it_dies(rejected, 3); }

} // namespace
} // namespace strowger::sim
