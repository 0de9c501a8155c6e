// The log of one shard: append-only streams of events with one global order.
// RocksDB is the embedded engine, memory_store the one for simulations; one conformance suite
// (storage/conformance.hpp) holds both. Nothing above this header may assume one process.
#pragma once

#include "core/errc.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::storage {

// Which stream. `kind` is the aggregate's kind ("call"); `id` is opaque (never a number or a name).
struct stream_key {
  tenant_id tenant;
  std::string kind;
  std::string id;
  auto operator<=>(const stream_key&) const = default;
};

// Who caused the events of one append, and why. The same for all events of the append.
struct metadata {
  time_ms time = 0;        // ctx.now of the decision
  std::string principal;   // agent id, "system/<reactor>", or "session/<digest>"
  command_id command;      // empty for commands that need no second-effect guard
  std::string correlation; // the call or session this belongs to; goes into logs
  position causation = 0;  // the event that caused a derived command, 0 for outside commands
  time_ms wake_at = never; // the stream's next deadline after these events; indexes deadlines
};

// One stored event, exactly as on disk (storage/FORMAT.md).
struct record {
  position at = 0;
  tenant_id tenant;
  std::uint64_t tenant_sequence = 0; // from 1, without gaps, per tenant
  std::string kind;
  std::string stream;            // the stream's opaque id
  strowger::version version = 0; // from 1, without gaps, per stream
  position previous = 0;         // the stream's event before this one, 0 for the first
  incarnation epoch = 0;         // the owner that wrote it
  std::string tag;               // "<kind>.<event>.v<N>"
  std::string payload;           // msgpack map, personal fields sealed
  metadata meta;
};

struct event_data {
  std::string tag;
  std::string payload;
};

struct append_result {
  errc error = errc::ok; // ok | outcome_unknown (written or not, nobody knows) | busy (queue
                         // full, nothing was written) | internal (wrong expected version)
  position last = 0;     // position of the last event (or the durable position for an empty append)
};

// Called on the writer's thread, in the order of append() per stream; must be short and not throw.
using append_done = std::function<void(const append_result&)>;
// A committed group, in log order. Called on the writer's thread after all `append_done` of the
// group.
using commit_listener = std::function<void(std::vector<record>)>;

struct append {
  stream_key stream;
  strowger::version expected = 0; // the stream's version before these events, 0 for a new stream
  std::vector<event_data> events; // empty: a barrier, answered when all before it is durable
  metadata meta;
  append_done done;
};

struct snapshot {
  strowger::version version = 0;
  std::string bytes; // the shell's own format (state and command window), personal fields sealed
};

class event_store {
public:
  virtual ~event_store() = default;

  // Any thread. An answer ok means synced. A wrong `expected` refuses the append whole. After a
  // failed write the store answers outcome_unknown to everything until it is opened again.
  // An empty append on a named stream is checked, too; without a stream id it waits for the log
  // only. `busy` comes at once on the calling thread: what waits may not grow.
  virtual void submit(append what) = 0;

  // Any thread; sees everything that was answered before the call. Versions from `from` on, in
  // order.
  virtual std::vector<record> read_stream(const stream_key& stream, strowger::version from,
                                          std::size_t max) const = 0;
  // Any thread. Records with position >= from, in order, at most max (0: none left).
  virtual std::vector<record> read_log(position from, std::size_t max) const = 0;
  virtual position durable() const = 0; // last durable position, 0 for an empty log

  // Side data that can be rebuilt from the log; need not be synced.
  virtual void put_snapshot(const stream_key& stream, const snapshot& what) = 0;
  virtual std::optional<snapshot> get_snapshot(const stream_key& stream) const = 0;
  virtual void put_view(std::string_view name, position up_to, std::string_view bytes) = 0;
  virtual std::optional<std::pair<position, std::string>> get_view(std::string_view name) const = 0;

  // Before the first append, once.
  virtual void listen(commit_listener listener) = 0;
  // The epoch stamped on every record from now on; set once after opening.
  virtual void own(incarnation epoch) = 0;
  // Answers what waits, then stops the writer. Further appends get outcome_unknown.
  virtual void stop() = 0;
};

// Keys of data subjects. A key is durable before it seals anything.
class key_store {
public:
  virtual ~key_store() = default;
  // Any thread. 32 bytes; nullopt when the subject's key was erased.
  virtual std::optional<std::string> find(const tenant_id& tenant,
                                          const subject_id& subject) const = 0;
  // Makes the key durable (synced) before it returns; returns the existing one when there is one.
  virtual std::string find_or_create(const tenant_id& tenant, const subject_id& subject) = 0;
  // The same for many: those that have none get one, with one sync. An erased one stays erased.
  virtual void create_missing(const tenant_id& tenant, const std::vector<subject_id>& subjects) {
    for (const auto& subject : subjects) find_or_create(tenant, subject);
  }
};

} // namespace strowger::storage
