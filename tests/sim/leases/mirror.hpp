// What a master knows of one slave's seats, by reports of its log: the slave aggregate as it
// decides, and the reports as a slave makes them.
#pragma once

#include "tests/sim/leases/nodes.hpp"

#include "core/planted.hpp"

#include <map>

namespace strowger::sim {

class mirror {
public:
  // One report; nothing where everything is known. Empty: fine, else what was refused.
  std::string report(const node& from, time_ms now) {
    if (!state_.exists) tell(slave::join{license_id{"license"}, "slave"}, now);
    const auto& log = from.log;
    const auto known = place_of(log);
    const bool anew = state_.upto > 0 && known == none && !planted(bug::copied_log_not_told);
    slave::report out{1, 0, {}, {}, anew};
    if (anew) {
      out.changes = held_now(from);
      out.upto = log.version;
    } else {
      const auto next = known == none ? log.changes.size() : known + 1;
      const auto first = state_.upto == 0 ? 0 : next;
      if (first >= log.changes.size()) return {};
      const auto last = std::min(first + 16, log.changes.size());
      out.from = state_.upto + 1;
      out.changes.assign(log.changes.begin() + static_cast<std::ptrdiff_t>(first),
                         log.changes.begin() + static_cast<std::ptrdiff_t>(last));
      out.upto = out.changes.back().version;
    }
    out.mark = std::to_string(mark_at(log, out.upto));
    return tell(out, now) == errc::ok ? "" : "a report was refused";
  }
  bool behind(const node& from) const {
    return !from.log.changes.empty() && state_.upto < from.log.changes.back().version;
  }
  // Once everything is told: whom the master takes for seated is who is.
  bool right(const node& of) const {
    std::map<session_id, agent_id> real, told;
    for (const auto& [holder, seat] : of.state.held)
      for (const auto& session : seat.sessions) real.emplace(session, holder);
    for (const auto& [session, used] : state_.sessions) told.emplace(session, used.holder);
    return real == told;
  }
  void forget() { state_ = {}; } // another license: another slave to the master

private:
  static constexpr std::size_t none = SIZE_MAX;

  // Where in the log the last known change stands; none: the log was put back.
  std::size_t place_of(const seat_log& log) const {
    const auto at =
        std::ranges::lower_bound(log.changes, state_.upto, {}, &slave::seat_change::version);
    if (state_.upto == 0) return none;
    const auto place = static_cast<std::size_t>(at - log.changes.begin());
    if (at != log.changes.end() && at->version == state_.upto)
      return std::to_string(log.marks[place]) == state_.mark ? place : none;
    // Told anew up to where no seat changed.
    return state_.upto <= log.version && std::to_string(mark_at(log, state_.upto)) == state_.mark &&
                   place > 0
               ? place - 1
               : none;
  }
  // Of the last change up to there.
  static std::uint64_t mark_at(const seat_log& log, strowger::version upto) {
    const auto at = std::ranges::upper_bound(log.changes, upto, {}, &slave::seat_change::version);
    return at == log.changes.begin()
               ? 0
               : log.marks[static_cast<std::size_t>(at - log.changes.begin() - 1)];
  }
  static std::vector<slave::seat_change> held_now(const node& from) {
    std::vector<slave::seat_change> out;
    for (const auto& one : from.log.changes) {
      const auto seat = from.state.held.find(one.holder);
      if (seat == from.state.held.end() || !seat->second.sessions.contains(one.session)) continue;
      if (one.what == slave::change::taken || one.what == slave::change::shared) out.push_back(one);
    }
    return out;
  }
  errc tell(const slave::command& what, time_ms now) {
    const auto decided = slave::decide(state_, what, {now, 1, 0});
    if (decided.refused()) return decided.why();
    for (const auto& e : decided.events()) state_ = slave::evolve(std::move(state_), e);
    return errc::ok;
  }

  slave::state state_;
};

} // namespace strowger::sim
