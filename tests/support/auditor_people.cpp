// What REST clients and newcomers were promised, held against the log.
#include "tests/support/auditor.hpp"

#include <algorithm>

namespace strowger::sim {
namespace {

// Whether the call had this in its hands at any moment: bridges come and go.
bool ever(const std::vector<call::state>& states, const auto& test) {
  return std::ranges::any_of(states, [&](const auto& s) {
    return std::ranges::any_of(s.bridges, [&](const auto& b) { return test(b.second); });
  });
}

// Who has left hears no answer any more: it is refused.
bool somebody_left(const call::state& s) {
  return std::ranges::any_of(s.legs,
                             [](const auto& l) { return l.second.phase == call::leg_phase::left; });
}

bool has_line(const std::vector<call::trickled>& kept, const std::string& line) {
  return std::ranges::any_of(kept, [&](const auto& one) { return one.reveal().candidate == line; });
}

} // namespace

bool auditor::has_words(const tenant_id& tenant, const session_id& session,
                        const std::string& command) const {
  return effects_.contains({tenant, session::spec::kind, session.value, command});
}

void auditor::heard(const tenant_id& tenant, const session_id& session, const std::string& command,
                    const device_id& by, const std::string& answer) {
  read();
  ++acknowledgements_;
  if (!has_words(tenant, session, command))
    return fail("heard but not on the disk: " + command + " of session " + session.value);
  const auto& sessions = world_.tenants.at(tenant).sessions;
  const auto it = sessions.find(session);
  if (it == sessions.end() || it->second.answers.empty()) return;
  if (it->second.answer->reveal() != answer) return; // a later one took its place
  const auto call = calls_.find({tenant, it->second.answers});
  const bool won =
      call != calls_.end() && std::ranges::any_of(call->second, [&](const auto& s) {
        return std::ranges::any_of(s.legs, [&](const auto& l) { return l.second.device == by; });
      });
  if (!won) fail("an answer was accepted that answers nothing: " + command);
}

void auditor::check_words(const tenant_id& tenant, const session_id& id) {
  const auto& t = world_.tenants.at(tenant);
  const auto it = t.sessions.find(id);
  if (it == t.sessions.end()) return;
  const auto& s = it->second;
  const auto in = t.calls_of.find(s.device);
  if (in == t.calls_of.end()) return;
  for (const auto& call : in->second) {
    if (call::leg_of(t.calls.at(call), s.device) == 0) continue; // it only rings
    const auto& states = calls_.at({tenant, call});
    for (const auto& one : s.candidates) {
      const auto& line = one.reveal().candidate;
      if (!ever(states, [&](const auto& b) {
            return has_line(b.from_a, line) || has_line(b.from_b, line);
          }))
        return fail("a candidate stayed in its session: " + line + ", call " + call.value);
    }
    if (s.answers == call && !somebody_left(states.back()) && !ever(states, [&](const auto& b) {
          return b.answer && b.answer->reveal() == s.answer->reveal();
        }))
      return fail("an answer stayed in its session, call " + call.value);
  }
}

void auditor::registered(const tenant_id& tenant, const agent_id& agent, const std::string& number,
                         const std::string& username, const std::string& by) {
  read();
  ++acknowledgements_;
  if (const auto [it, first] = names_.try_emplace({tenant, username}, by);
      !first && it->second != by)
    fail("two have the user name " + username);
  const auto [it, first] = owners_.try_emplace({tenant, number}, agent);
  if (!first && it->second != agent) fail("two agents own extension " + number);
  check_owners();
}

void auditor::check_owners() {
  for (const auto& [key, agent] : owners_) {
    const auto& t = world_.tenants.at(key.first);
    const auto numbers = views::numbers_of(t);
    const auto number = numbers.find(key.second);
    if (number == numbers.end() || t.extensions.at(number->second).owner != agent)
      fail("registered, but the extension is another's: " + key.second);
    const auto who = t.agents.find(agent);
    if (who == t.agents.end() || !who->second.exists || who->second.gone)
      fail("registered, but not on the disk: " + agent.value);
  }
}

} // namespace strowger::sim
