// What the runtime needs of the world, as ports: clock, ids, password work. No other door exists.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace strowger::runtime {

// Shard time: starts at the wall clock (or the log's last time, if that is later), then runs on
// steady time, so that no jump of the wall clock moves a lease. Any thread.
class clock {
public:
  virtual ~clock() = default;
  virtual time_ms now() = 0;
};

// The machine's own time, which goes on while this process is down: leases are held against it.
class machine_clock {
public:
  virtual ~machine_clock() = default;
  virtual std::string boot() = 0;     // of this boot of the machine, opaque
  virtual std::int64_t boot_ms() = 0; // since then, suspended or not
};

// Opaque ids. Digests are keyed, so that a stream id tells nothing about a person. Any thread.
class id_source {
public:
  virtual ~id_source() = default;
  // Deterministic: the same parts give the same id, for this site only. 128 bits, lower-case hex.
  virtual std::string digest(std::initializer_list<std::string_view> parts) = 0;
  virtual std::string random() = 0; // unguessable, 128 bits, lower-case hex
};

// Password hashing; slow, so the gateway runs it on its work thread.
class password_port {
public:
  virtual ~password_port() = default;
  virtual std::string hash(std::string_view password) = 0;
  // An empty hash: no such user; takes as long as a real one and is false.
  virtual bool verify(std::string_view hash, std::string_view password) = 0;
};

} // namespace strowger::runtime
