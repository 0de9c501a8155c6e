#include "actors/slave/slave.hpp"

#include <algorithm>

namespace strowger::slave {

namespace {

void on(state& s, const joined& x) {
  if (!s.exists) s.joined_at = x.at;
  s.exists = true;
  s.license = x.license;
  s.name = x.name;
}

// A session owes once: a log that was put back tells of it again.
void note_debt(state& s, const seat_change& x) {
  if (std::ranges::find(s.debts, x.session, &debt::session) != s.debts.end()) return;
  if (s.debts.size() >= limits::debts_kept_max) s.debts.erase(s.debts.begin());
  s.debts.push_back({x.session, x.holder, x.at, verdict::open});
}

void on(state& s, const reported& x) {
  if (x.anew) s.sessions.clear();
  for (const auto& one : x.changes) {
    if (one.what == change::left || one.what == change::released) {
      s.sessions.erase(one.session);
      continue;
    }
    s.sessions[one.session] = {one.holder, one.extension, one.at, one.position, one.overdrawn};
    if (one.overdrawn) note_debt(s, one);
  }
  s.upto = x.upto;
  s.mark = x.mark;
  s.reported_at = x.at;
}

void on(state& s, const debts_settled& x) {
  for (auto& one : s.debts)
    if (one.verdict == verdict::open) one.verdict = x.verdict;
}

} // namespace

state evolve(state s, const event& e) {
  std::visit([&](const auto& x) { on(s, x); }, e);
  return s;
}

} // namespace strowger::slave
