// A lane: one thread of I/O and the actors that live on it. An actor runs on the thread that read
// the socket, so a command inside a lane wakes nobody. CAF's stock schedulers are not used.
#pragma once

#include "actors/runtime/gateway.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <deque>
#include <memory>

namespace strowger::runtime {

class lane {
public:
  lane(caf::actor_system& system, std::shared_ptr<executor> thread);
  ~lane();

  // Any thread. The job runs on the lane's thread, then every actor it woke, until all are idle.
  void post(std::function<void()> job);
  void post_after(duration_ms delay, std::function<void()> job);
  // Runs a job here and now as if on the lane; only before the threads start or after they ended.
  void run_here(const std::function<void()>& job);

  caf::execution_unit* unit();

private:
  struct unit_impl;
  std::unique_ptr<unit_impl> unit_;
  std::shared_ptr<executor> thread_;
};

// A CAF configuration whose scheduler is the set of lanes.
std::unique_ptr<caf::actor_system_config> lane_config();

} // namespace strowger::runtime
