// A stored record to a decoded event, for the publisher, `replay` and `events`.
#pragma once

#include "actors/views/committed.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"

#include <optional>

namespace strowger::runtime {

// nullopt for records that are no aggregate's (the node's own). Throws storage::decode_error.
std::optional<views::committed> decode_record(const storage::record& r, storage::vault& vault);

inline constexpr auto node_kind = "node";
inline constexpr auto node_started_tag = "node.started.v1";

} // namespace strowger::runtime
