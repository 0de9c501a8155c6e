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
  void send(std::string id, typename A::command command, origin from, completion<A> done) {
    const stream_name name{from.tenant.value, A::kind, id};
    auto& slot = slots_[name.hash % slots_.size()];
    const auto hash = name.hash;
    slot.lane->post([dir = slot.directory.get(), hash, id = std::move(id),
                     message = seal(envelope<A>{std::move(command), std::move(from),
                                                std::move(done)})]() mutable {
      const auto& tenant = content<envelope<A>>(message).from.tenant.value;
      const stream_name to{tenant, A::kind, id, hash};
      dir->template deliver<A>(to, std::move(message));
    });
  }
  // Any thread. Looks at the aggregate's state once everything in it is durable.
  template <aggregate A> void inspect(const tenant_id& tenant, const std::string& id,
                                      std::function<void(errc, const typename A::state&)> look) {
    const stream_name name{tenant.value, A::kind, id};
    auto& slot = slots_[name.hash % slots_.size()];
    slot.lane->post([dir = slot.directory.get(), tenant, id,
                     message = seal(inspection<A>{std::move(look)})]() mutable {
      dir->template inspect<A>(stream_name{tenant.value, A::kind, id}, std::move(message));
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
  static void sweep_later(slot& where);

  shell_services services_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<slot> slots_;
};

} // namespace strowger::runtime
