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

} // namespace strowger::runtime
