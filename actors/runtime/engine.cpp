#include "actors/runtime/engine.hpp"

namespace strowger::runtime {

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
  for (auto& slot : slots_) slot.directory.reset();
  system_.reset();
}

engine::slot& engine::slot_of(std::string_view kind, const tenant_id& tenant, std::string_view id) {
  // FNV-1a: the same lane in every run, unlike std::hash's promise. Not a key of anything stored.
  std::uint64_t hash = 14695981039346656037ull;
  for (std::string_view part : {kind, std::string_view{tenant.value}, id})
    for (unsigned char c : part) hash = (hash ^ c) * 1099511628211ull;
  return slots_[hash % slots_.size()];
}

void engine::arm(const storage::stream_key& key, time_ms at) {
  auto& slot = slot_of(key.kind, key.tenant, key.id);
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

} // namespace strowger::runtime
