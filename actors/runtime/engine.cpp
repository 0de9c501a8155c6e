#include "actors/runtime/engine.hpp"

#include "actors/runtime/directory.hpp"

namespace strowger::runtime {

struct engine::slot {
  std::unique_ptr<runtime::lane> lane;
  std::shared_ptr<runtime::directory> directory;
};

engine::engine(parts with, incarnation node) :
    services_{with.store, with.vault, with.time, node, with.time.now(), with.storage_failed},
    config_(lane_config()), system_(std::make_unique<caf::actor_system>(*config_)) {
  for (auto& thread : with.threads) {
    slot fresh;
    fresh.lane = std::make_unique<lane>(*system_, std::move(thread));
    fresh.directory = std::make_shared<directory>(services_, *fresh.lane);
    slots_.push_back(std::move(fresh));
  }
}

engine::~engine() {
  for (auto& slot : slots_) slot.lane->run_here([&] { slot.directory->clear(); });
  for (auto& slot : slots_) slot.lane->forget();
  for (auto& slot : slots_) slot.directory.reset();
  system_.reset();
}

void engine::arm(const storage::stream_key& key, time_ms at) {
  auto& slot = slots_[stream_name{key}.hash % slots_.size()];
  slot.lane->post([dir = slot.directory, key, at] { dir->arm(key, at); });
}

void engine::start_sweeping() {
  for (auto& slot : slots_) sweep_later(slot);
}

void engine::sweep_later(slot& where) {
  const auto late = buggify(point::sweep_is_late) ? 5 * limits::sweep_every_ms : 0;
  where.lane->post_after(limits::sweep_every_ms + late,
                         [&where, dir = std::weak_ptr{where.directory}] {
                           auto alive = dir.lock();
                           if (!alive) return;
                           alive->sweep();
                           sweep_later(where);
                         });
}

template <aggregate A>
void engine::send(std::string id, typename A::command command, origin from, completion<A> done) {
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

template <aggregate A>
void engine::inspect(const tenant_id& tenant, const std::string& id,
                     std::function<void(errc, const typename A::state&)> look) {
  const stream_name name{tenant.value, A::kind, id};
  auto& slot = slots_[name.hash % slots_.size()];
  slot.lane->post([dir = slot.directory.get(), tenant, id,
                   message = seal(inspection<A>{std::move(look)})]() mutable {
    dir->template inspect<A>(stream_name{tenant.value, A::kind, id}, std::move(message));
  });
}

#define STROWGER_ENGINE_OF(spec)                                                                   \
  template void engine::send<spec>(std::string, spec::command, origin, completion<spec>);          \
  template void engine::inspect<spec>(const tenant_id&, const std::string&,                        \
                                      std::function<void(errc, const spec::state&)>);
STROWGER_ENGINE_OF(agent::spec)
STROWGER_ENGINE_OF(extension::spec)
STROWGER_ENGINE_OF(session::spec)
STROWGER_ENGINE_OF(license::spec)
STROWGER_ENGINE_OF(slave::spec)
STROWGER_ENGINE_OF(call::spec)
#undef STROWGER_ENGINE_OF

} // namespace strowger::runtime
