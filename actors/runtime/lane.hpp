// A lane: one thread of I/O and the actors that live on it. An actor runs on the thread that read
// the socket, so a command inside a lane wakes nobody. CAF's stock schedulers are not used.
// What is posted waits in the lane's own queue; the thread is told once for all that waits.
#pragma once

#include "actors/runtime/gateway.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <memory>

namespace strowger::runtime {

class lane {
public:
  // What is done on a lane, in one allocation.
  class job {
  public:
    virtual ~job() = default;
    virtual void run() = 0;
  };

  lane(caf::actor_system& system, std::shared_ptr<executor> thread);
  ~lane();

  // Any thread. The job runs on the lane's thread, and afterwards every actor that it woke; jobs in
  // order of posting, actors when the jobs of their turn are done.
  void enqueue(std::unique_ptr<job> what);
  template <class F> void post(F what) { enqueue(std::make_unique<job_of<F>>(std::move(what))); }
  void post_after(duration_ms delay, std::function<void()> what);
  // Runs it here and now as if on the lane; only before the threads start or after they ended.
  void run_here(const std::function<void()>& what);
  void forget(); // what still waits; after the threads ended

  caf::execution_unit* unit();

private:
  template <class F> struct job_of final : job {
    explicit job_of(F f) : what(std::move(f)) {}
    void run() override { what(); }
    F what;
  };
  struct unit_impl;
  void tell_thread();

  const std::shared_ptr<unit_impl> unit_; // jobs of the thread may outlive the lane
  std::shared_ptr<executor> thread_;
};

// A CAF configuration whose scheduler is the set of lanes.
std::unique_ptr<caf::actor_system_config> lane_config();

} // namespace strowger::runtime
