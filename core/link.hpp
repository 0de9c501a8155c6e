// What a slave and its master say to each other over one authenticated connection. The slave asks,
// the master answers; every message may be lost with the connection and is then said anew.
#pragma once

#include "core/errc.hpp"
#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace strowger::link {

// From the slave.
struct hello { // first
  static constexpr auto name = "hello";
  std::string slave; // chosen once by its data folder, unguessable
  std::string title; // for people: its host's name
  static constexpr auto fields =
      std::tuple{field{"slave", &hello::slave}, field{"title", &hello::title}};
};
struct ask { // for a lease of so many seats in all
  static constexpr auto name = "ask";
  std::uint64_t ask = 0;
  std::uint32_t seats = 0;
  static constexpr auto fields = std::tuple{field{"ask", &ask::ask}, field{"seats", &ask::seats}};
};
struct seat_change { // as actors/slave keeps it
  std::uint64_t version = 0, position = 0;
  std::string what; // taken | shared | left | released
  agent_id holder;
  session_id session;
  std::string extension;
  instant at;
  bool overdrawn = false;
  static constexpr auto fields = std::tuple{
      field{"version", &seat_change::version}, field{"position", &seat_change::position},
      field{"what", &seat_change::what},       field{"holder", &seat_change::holder},
      field{"session", &seat_change::session}, field{"extension", &seat_change::extension},
      field{"at", &seat_change::at},           field{"overdrawn", &seat_change::overdrawn}};
};
struct report { // what its license stream holds of versions from..upto
  static constexpr auto name = "report";
  std::uint64_t from = 0, upto = 0;
  std::vector<seat_change> changes;
  std::string mark;  // of its event at `upto`: another log has another one there
  bool anew = false; // what was reported before is not so: the log was put back
  static constexpr auto fields =
      std::tuple{field{"from", &report::from}, field{"upto", &report::upto},
                 field{"changes", &report::changes}, field{"mark", &report::mark},
                 field{"anew", &report::anew}};
};
struct heartbeat { // of a session, for those who watch the master
  session_id session;
  instant at;
  static constexpr auto fields =
      std::tuple{field{"session", &heartbeat::session}, field{"at", &heartbeat::at}};
};
struct alive { // every half minute
  static constexpr auto name = "alive";
  std::vector<heartbeat> sessions;
  static constexpr auto fields = std::tuple{field{"sessions", &alive::sessions}};
};

// From the master.
struct welcome { // the answer to hello
  static constexpr auto name = "welcome";
  std::string license;    // signed (security/statement.hpp)
  std::string key;        // the public one that it is signed with, PEM
  slave_id slave;         // as the master calls it
  std::uint64_t asks = 0; // the latest ask of this slave that was heard
  std::uint64_t upto = 0; // its log is known up to this version of the license stream
  std::string mark;       // as it was reported with that
  static constexpr auto fields =
      std::tuple{field{"license", &welcome::license}, field{"key", &welcome::key},
                 field{"slave", &welcome::slave},     field{"asks", &welcome::asks},
                 field{"upto", &welcome::upto},       field{"mark", &welcome::mark}};
};
struct terms { // the license has changed
  static constexpr auto name = "terms";
  std::string license; // signed
  static constexpr auto fields = std::tuple{field{"license", &terms::license}};
};
struct lease { // the answer to ask
  static constexpr auto name = "lease";
  std::string lease; // signed
  static constexpr auto fields = std::tuple{field{"lease", &lease::lease}};
};
struct refused { // an ask
  static constexpr auto name = "refused";
  std::uint64_t ask = 0;
  std::string code; // of the error
  static constexpr auto fields =
      std::tuple{field{"ask", &refused::ask}, field{"code", &refused::code}};
};
struct reported { // known up to here
  static constexpr auto name = "reported";
  std::uint64_t upto = 0;
  static constexpr auto fields = std::tuple{field{"upto", &reported::upto}};
};
struct recall { // somebody else needs seats: give back what is not used
  static constexpr auto name = "recall";
  static constexpr auto fields = std::tuple{};
};

using to_master = std::variant<hello, ask, report, alive>;
using to_slave = std::variant<welcome, terms, lease, refused, reported, recall>;

} // namespace strowger::link
