// The engine of one shard: lanes, their directories and the way of a command to its actor.
#pragma once

#include "actors/runtime/directory.hpp"

namespace strowger::runtime {

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
  void send(const std::string& id, typename A::command command, origin from, completion<A> done) {
    auto& slot = slot_of(A::kind, from.tenant, id);
    slot.lane->post([dir = slot.directory, id, command = std::move(command), from = std::move(from),
                     done = std::move(done)]() mutable {
      const auto tenant = from.tenant;
      dir->template deliver<A>(tenant, id, {std::move(command), std::move(from), std::move(done)});
    });
  }
  // Any thread. Looks at the aggregate's state once everything in it is durable.
  template <aggregate A> void inspect(const tenant_id& tenant, const std::string& id,
                                      std::function<void(errc, const typename A::state&)> look) {
    auto& slot = slot_of(A::kind, tenant, id);
    slot.lane->post([dir = slot.directory, tenant, id, look = std::move(look)]() mutable {
      dir->template inspect<A>(tenant, id, {std::move(look)});
    });
  }

  void arm(const storage::stream_key& key, time_ms at); // any thread
  void start_sweeping();

  const shell_services& services() const { return services_; }

private:
  struct slot {
    std::unique_ptr<runtime::lane> lane;
    std::shared_ptr<runtime::directory> directory;
  };
  slot& slot_of(std::string_view kind, const tenant_id& tenant, std::string_view id);
  static void sweep_later(slot& where);

  shell_services services_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<slot> slots_;
};

} // namespace strowger::runtime
