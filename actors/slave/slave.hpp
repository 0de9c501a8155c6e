// What a master knows of one slave: which of its seats are used by whom, as the slave's own log
// says. The seats themselves are counted by the license.
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/personal.hpp"

#include <map>
#include <string>

namespace strowger::slave {

enum class change { taken, shared, left, released };
enum class verdict { open, accepted, billed, trimmed };

struct seat_change {               // one event of the slave's license stream
  strowger::version version = 0;   // in that stream
  strowger::position position = 0; // in the slave's log: the proof
  slave::change what{};
  agent_id holder;
  session_id session;
  personal<std::string> extension; // subject: the holder
  time_ms at = 0;
  bool overdrawn = false;
  static constexpr auto fields = std::tuple{
      field{"version", &seat_change::version}, field{"position", &seat_change::position},
      field{"what", &seat_change::what},       field{"holder", &seat_change::holder},
      field{"session", &seat_change::session}, field{"extension", &seat_change::extension},
      field{"at", &seat_change::at},           field{"overdrawn", &seat_change::overdrawn}};
};

// Events. Tag and fields are the disk format: add, never rename.
struct joined { // its first sign-in
  static constexpr auto tag = "slave.joined.v1";
  license_id license;
  std::string name;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"license", &joined::license},
                                            field{"name", &joined::name}, field{"at", &joined::at}};
};
struct reported { // in the order of its log, nothing left out
  static constexpr auto tag = "slave.reported.v1";
  std::vector<seat_change> changes;
  strowger::version upto = 0; // its stream holds nothing else up to here
  time_ms at = 0;
  std::string mark;  // of its event at `upto`: its log was put back when there is another one
  bool anew = false; // it was: what was reported before is not so
  static constexpr auto fields = std::tuple{
      field{"changes", &reported::changes}, field{"upto", &reported::upto},
      field{"at", &reported::at}, field{"mark", &reported::mark}, field{"anew", &reported::anew}};
};
struct debts_settled { // all that were open
  static constexpr auto tag = "slave.debts_settled.v1";
  slave::verdict verdict{};
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"verdict", &debts_settled::verdict}, field{"at", &debts_settled::at}};
};
using event = std::variant<joined, reported, debts_settled>;

// Commands.
struct join { // the same again is nothing
  license_id license;
  std::string name;
};
struct report {               // what is known already is skipped; a gap: stale_lease
  strowger::version from = 0; // the first version that it speaks of
  strowger::version upto = 0;
  std::vector<seat_change> changes;
  std::string mark;
  bool anew = false; // see reported
};
struct settle { // nothing open: nothing
  slave::verdict verdict{};
};
struct tick {};
using command = std::variant<join, report, settle, tick>;

struct used { // a session that holds a seat
  agent_id holder;
  personal<std::string> extension;
  time_ms since = 0;
  strowger::position position = 0;
  bool overdrawn = false;
  static constexpr auto fields =
      std::tuple{field{"holder", &used::holder}, field{"extension", &used::extension},
                 field{"since", &used::since}, field{"position", &used::position},
                 field{"overdrawn", &used::overdrawn}};
};
struct debt { // a seat taken beyond the lease while we were away
  session_id session;
  agent_id holder;
  time_ms at = 0;
  slave::verdict verdict{};
  static constexpr auto fields =
      std::tuple{field{"session", &debt::session}, field{"holder", &debt::holder},
                 field{"at", &debt::at}, field{"verdict", &debt::verdict}};
};
struct state {
  bool exists = false;
  license_id license;
  std::string name;
  time_ms joined_at = 0, reported_at = 0;
  strowger::version upto = 0;
  std::map<session_id, used> sessions;
  std::vector<debt> debts; // the last limits::debts_kept_max
  std::string mark;        // of the slave's event at `upto`
  static constexpr auto fields = std::tuple{field{"exists", &state::exists},
                                            field{"license", &state::license},
                                            field{"name", &state::name},
                                            field{"joined_at", &state::joined_at},
                                            field{"reported_at", &state::reported_at},
                                            field{"upto", &state::upto},
                                            field{"sessions", &state::sessions},
                                            field{"debts", &state::debts},
                                            field{"mark", &state::mark}};
};
struct reply {
  strowger::version upto = 0;
  std::uint32_t open_debts = 0;
  std::string mark;
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);

struct spec {
  static constexpr auto kind = "slave";
  using state = slave::state;
  using command = slave::command;
  using event = slave::event;
  using reply = slave::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return slave::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return slave::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return slave::reply_to(s, c); }
  static time_ms wake_at(const state&, const context&) { return never; }
  static command tick_command() { return tick{}; }
  static bool over(const state&) { return false; }
};

} // namespace strowger::slave

template <> struct strowger::enum_names<strowger::slave::change> {
  static constexpr std::array<std::string_view, 4> value{"taken", "shared", "left", "released"};
};
template <> struct strowger::enum_names<strowger::slave::verdict> {
  static constexpr std::array<std::string_view, 4> value{"open", "accepted", "billed", "trimmed"};
};
