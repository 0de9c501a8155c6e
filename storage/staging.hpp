// Gives the events of an append their places: positions, versions, the chain of previous positions
// and the tenant's sequence. Both stores number their records here, so they cannot differ.
#pragma once

#include "core/planted.hpp"
#include "storage/event_store.hpp"

namespace strowger::storage {

struct stream_head {
  strowger::version version = 0; // of the stream's last event
  position last = 0;             // where it is
};

// Barriers on a named stream are checked like appends: they answer for a tentative version.
// A barrier without a stream id waits only for the log.
inline bool expectation_met(const append& what, const stream_head& head) {
  return what.stream.id.empty() || what.expected == head.version ||
         planted(bug::any_version_accepted);
}

// Moves the append (all but `done`) into `out` and `head`, `tenant_sequence` and `last` past them.
inline void place(append& what, incarnation epoch, stream_head& head,
                  std::uint64_t& tenant_sequence, position& last, std::vector<record>& out) {
  for (auto& event : what.events) {
    const bool is_last = &event == &what.events.back(); // it takes the texts, the others copy them
    record& r = out.emplace_back();
    r.at = ++last;
    r.tenant = is_last ? std::move(what.stream.tenant) : what.stream.tenant;
    r.tenant_sequence = ++tenant_sequence;
    r.kind = is_last ? std::move(what.stream.kind) : what.stream.kind;
    r.stream = is_last ? std::move(what.stream.id) : what.stream.id;
    r.version = ++head.version;
    r.previous = head.last;
    r.epoch = epoch;
    r.tag = std::move(event.tag);
    r.payload = std::move(event.payload);
    r.meta = is_last ? std::move(what.meta) : what.meta;
    head.last = r.at;
  }
}

} // namespace strowger::storage
