// Test only: reads the disk beside the server and holds everything that leaves it against the
// promises: nothing is told or acknowledged that is not on the disk, and on the disk is one chain
// per stream, one effect per command id, one winner per leg, no seat too many.
#pragma once

#include "actors/views/world.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"
#include "tests/support/answer_races.hpp"
#include "tests/support/sim_threads.hpp"

#include <map>
#include <set>
#include <string>

namespace strowger::sim {

class auditor {
public:
  using device_key = std::pair<tenant_id, device_id>;
  struct message {
    client_position at = 0;
    notice::any what;
  };

  auditor(sim_threads& threads, storage::vault& vault) : threads_(threads), vault_(vault) {}

  void look_at(const storage::event_store* disk) { disk_ = disk; } // after each start

  // The first broken promise, in words; empty: none.
  const std::string& broken() const { return broken_; }
  void fail(const std::string& what);

  // An append reached the disk.
  void appended(const storage::stream_key& stream, const storage::metadata& meta);
  void read(); // what is new in the log

  void leaving(client_position at); // on the publisher's thread: the disk must have it
  // A message leaves the server, or reaches a client that has handled everything up to `before`.
  void pushed(const device_key& to, client_position at, const notice::any& what);
  void handled(const device_key& by, client_position before, client_position at);
  // Whether something is still to come for a device that has handled everything up to `before`.
  const message* next_for(const device_key& to, client_position before) const;

  // A command on a call was acknowledged. `asked`: the same for the aggregate, none when the
  // command always writes; `since`: versions of the call at the first try, see version_of.
  void acknowledged(const tenant_id&, const call_id&, const std::string& command,
                    const call::command* asked, version since);
  // `had_effect`: when this try reached the server, the log had the command already.
  void refused(const std::string& command, errc why, bool had_effect);
  // What a call says no to must have been so, on the disk, since the command was first sent.
  void refused_justly(const tenant_id&, const call_id&, const std::string& command,
                      const call::command& asked, version since, errc why);
  bool has_call_command(const tenant_id&, const std::string& command) const;
  version version_of(const tenant_id&, const call_id&) const;
  void attached(const tenant_id&, const device_id&);
  // A REST client's words were accepted: the session's stream has them, and the call that this
  // answer (empty: another kind) was for is that device's.
  void heard(const tenant_id&, const session_id&, const std::string& command, const device_id& by,
             const std::string& answer);
  bool has_words(const tenant_id&, const session_id&, const std::string& command) const;
  // At rest: what a session keeps has reached the calls that its device speaks in.
  void check_words(const tenant_id&, const session_id&);
  // A REST client was not let in: then its session, or its device, is gone in the log.
  void turned_away(const tenant_id&, const session_id&, errc why);
  // A registration was accepted: the extension is this agent's, now and later.
  void registered(const tenant_id&, const agent_id&, const std::string& number,
                  const std::string& username, const std::string& by);
  void check_owners();
  bool seat_was_taken(const session_id& by) const { return seated_.contains(by); }
  // A heartbeat sent at `sent` was acknowledged: the session lives on from there.
  void renewed(const tenant_id&, const session_id&, time_ms sent);
  // A logout was acknowledged: the token is worth nothing from then on.
  void revoked(const tenant_id& t, const std::string& jti) { revoked_.insert({t, jti}); }
  const std::set<std::pair<tenant_id, std::string>>& revoked() const { return revoked_; }
  answer_races races;
  void check_races();
  void check_seats(); // at rest: who has an open session with a seat still has the seat

  // What the log says, folded here.
  const views::world& world() const { return world_; }
  const std::map<std::pair<tenant_id, call_id>, std::vector<call::state>>& calls() const {
    return calls_;
  }
  position last() const { return last_; }
  std::uint64_t acknowledgements() const { return acknowledgements_; }
  std::uint64_t messages() const { return messages_; }

private:
  struct chain {
    strowger::version version = 0;
    position last = 0;
    time_ms time = 0;
  };
  void check_record(const storage::record& r);
  void check_sealed(const storage::record& r);
  void check_session(const views::committed& e, const session::event& event);
  void appended_once(const storage::stream_key& stream, const storage::metadata& meta);
  void fold(const storage::record& r);
  void check_call(const views::committed& e, const call::state& before,
                  const std::vector<views::addressed>& told);

  sim_threads& threads_;
  const storage::event_store* disk_ = nullptr;
  storage::vault& vault_;
  std::string broken_;
  position last_ = 0;
  incarnation epoch_ = 0;
  std::map<storage::stream_key, chain> chains_;
  std::map<tenant_id, std::uint64_t> sequences_;
  std::set<std::tuple<tenant_id, std::string, std::string, std::string>> effects_;
  std::map<std::pair<tenant_id, std::string>, std::string> call_effects_; // command -> call
  std::set<device_id> attached_;
  std::set<session_id> seated_;
  std::set<std::tuple<storage::stream_key, std::string, position>> derived_; // effects of causes
  std::map<std::pair<tenant_id, session_id>, session::state> sessions_;      // every one
  std::map<session_id, time_ms> renewed_; // last heartbeat that was acknowledged, when it was sent
  std::set<std::pair<tenant_id, std::string>> revoked_;            // tokens
  std::map<std::pair<tenant_id, std::string>, std::string> names_; // user name -> who has it
  time_ms started_ = 0;                                            // the server, last
  std::map<std::pair<tenant_id, std::string>, agent_id> owners_;   // by number, as acknowledged
  std::map<device_key, std::vector<message>> expected_;
  std::map<std::pair<tenant_id, call_id>, std::vector<call::state>> calls_; // after each event
  views::world world_;
  std::uint64_t acknowledgements_ = 0;
  std::uint64_t messages_ = 0;
};

} // namespace strowger::sim
