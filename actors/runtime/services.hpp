// What all shells of one shard share.
#pragma once

#include "actors/runtime/ports.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"

#include <functional>

namespace strowger::runtime {

struct shell_services { // of one shard; shared by all shells
  storage::event_store& store;
  storage::vault& vault;
  clock& time;
  incarnation node = 0;
  time_ms node_started_at = 0;
  // The log takes no more: what is in memory can no longer be trusted. Journal's thread.
  std::function<void()> storage_failed{};
};

} // namespace strowger::runtime
