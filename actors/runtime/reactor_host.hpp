// Drives what follows from committed events in other aggregates: at least once, in log order per
// target, from a durable checkpoint. A repeated command is a repeat of the same command id.
// Publisher's thread only.
#pragma once

#include "actors/reactors/reactors.hpp"
#include "actors/runtime/engine.hpp"
#include "actors/views/world.hpp"

#include <deque>
#include <map>
#include <tuple>

namespace strowger::runtime {

class reactor_host {
public:
  reactor_host(engine& to, std::shared_ptr<executor> thread);

  // Reads the checkpoint. Nothing is owed for events up to `kept`, which stand in rows.
  void recover(position kept);
  position checkpoint() const { return checkpoint_; }

  // After the event was folded. `ending` is the session that this event closed, if any.
  void react(const views::world& w, const views::committed& e,
             const std::optional<reactors::session_facts>& ending, bool live_now);
  void skip(position at); // an event that concerns no reactor
  void start(); // sends what recover() found owed
  void save();  // writes the checkpoint when it moved

private:
  struct owed {
    position cause = 0;
    tenant_id tenant;
    reactors::derived what;
  };
  using target = std::tuple<tenant_id, std::string, std::string>;
  static target target_of(const owed& o) { return {o.tenant, o.what.kind, o.what.target_id}; }

  void queue(owed o); // behind what its target still owes an answer for
  void send(const owed& o);
  template <aggregate A> void send_as(const owed& o, const typename A::command& c);
  void settled(const owed& o);

  engine& engine_;
  std::shared_ptr<executor> thread_;
  std::vector<owed> waiting_;                 // found while recovering
  std::map<target, std::deque<owed>> queues_; // the first of each is on its way
  std::map<position, std::size_t> outstanding_;
  position checkpoint_ = 0; // every event up to here has had its effects
  position seen_ = 0;
  position saved_ = 0;
};

} // namespace strowger::runtime
