// The engine of one shard: lanes, their directories and the way of a command to its actor. Shells
// are made in engine.cpp alone, once for each aggregate: they are what takes long to compile.
#pragma once

#include "actors/runtime/commands.hpp"
#include "actors/runtime/gateway.hpp"
#include "actors/runtime/services.hpp"

#include <memory>
#include <vector>

namespace caf {
class actor_system;
class actor_system_config;
} // namespace caf

namespace strowger::runtime {

class directory;
class lane;

class engine {
public:
  struct parts {
    storage::event_store& store;
    storage::vault& vault;
    clock& time;
    std::vector<std::shared_ptr<executor>> threads; // one lane each, at least one
    std::function<void()> storage_failed{};
  };

  engine(parts with, incarnation node);
  ~engine(); // the threads must no longer run jobs

  // Any thread. The command travels to the lane of its aggregate; `done` is called exactly once.
  template <aggregate A>
  void send(std::string id, typename A::command command, origin from, completion<A> done);
  // Any thread. Looks at the aggregate's state once everything in it is durable.
  template <aggregate A> void inspect(const tenant_id& tenant, const std::string& id,
                                      std::function<void(errc, const typename A::state&)> look);

  void arm(const storage::stream_key& key, time_ms at); // any thread
  void start_sweeping();

  const shell_services& services() const { return services_; }

private:
  struct slot;
  static void sweep_later(slot& where);

  shell_services services_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<slot> slots_;
};

} // namespace strowger::runtime
