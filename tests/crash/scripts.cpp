#include "tests/crash/scripts.hpp"

#include <sstream>

namespace strowger::sim {
namespace {

using namespace request;
using say = enum session_words::kind;

notice::candidate line(const char* text) { return {text, "0", 0}; }

std::string text_of(const std::vector<record_of_call>& history) {
  std::ostringstream out;
  for (const auto& r : history)
    out << r.caller << " -> " << r.callee << ' ' << r.state << ' ' << r.cause << " to \""
        << r.transferred_to << "\" answered by \"" << r.answered_by << "\" " << r.started_s << ' '
        << r.answered_s << ' ' << r.ended_s << ' ' << r.duration_s << "; ";
  return out.str();
}

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

} // namespace

std::span<const named_script> scripts() {
  static constexpr std::array all{
      named_script{"blind transfer", blind, 15},
      named_script{"warm transfer", warm, 6},
      named_script{"cancelled warm transfer", warm_cancelled, 6},
      named_script{"no answer", no_answer, 3},
      named_script{"cancelled call", cancelled, 2},
      named_script{"rejected call", rejected, 3},
      named_script{"REST client answers", rest_client_answers, 10},
      named_script{"REST client calls", rest_client_calls, 9},
  };
  return all;
}

std::string other_record_when_killed(const named_script& which) {
  const auto plain = tell(which.what, {});
  if (!plain.broken.empty()) return plain.broken;
  if (plain.history.size() != 1 || plain.appends < which.appends_min)
    return std::to_string(plain.history.size()) + " calls in " + std::to_string(plain.appends) +
           " appends";
  for (std::size_t k = 1; k <= plain.appends; ++k)
    for (const bool written : {false, true}) {
      const auto out = tell(which.what, {k, written});
      const auto where = "killed at append " + std::to_string(k) + " of " +
                         std::to_string(plain.appends) + (written ? ", written: " : ": ");
      if (!out.broken.empty()) return where + out.broken;
      if (out.history != plain.history)
        return where + text_of(out.history) + "instead of " + text_of(plain.history);
    }
  return {};
}

} // namespace strowger::sim
