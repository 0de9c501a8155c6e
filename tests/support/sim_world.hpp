// Test only: one whole site on simulated threads, time and disk, and the auditor beside it. It can
// lose its memory at any moment and be started again on the same disk.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "storage/memory_rows.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/auditor.hpp"
#include "tests/support/sim_chances.hpp"
#include "tests/support/sim_ports.hpp"
#include "tests/support/sim_store.hpp"

namespace strowger::sim {

class sim_connection;

struct sim_options {
  std::uint64_t seed = 1;
  std::size_t lanes = 2;
  bool keep_trace = false;
  duration_ms ring_ms = 4'000, device_grace_ms = 6'000, session_timeout_ms = 20'000;
  unsigned tick_percent = 10; // how often a millisecond passes with a step
  bool rare_events = false;   // core/buggify.hpp; in the planted flavour only
};

class sim_world {
public:
  explicit sim_world(const sim_options& options);
  ~sim_world();

  void boot(); // threads, store and site; ready after a few steps
  bool up() const { return running() && server_->ready(); }
  runtime::gateway& site() { return *server_; }
  bool running() const { return server_ != nullptr; }
  void crash(); // memory, jobs and what was not written are gone; connections break

  // One job, or the writer writes some of what waits. False: nothing to do before time passes.
  bool step(std::size_t appends_max = 8);
  bool quiet() const { return threads.idle() && (!store_ || store_->waiting() == 0); }
  std::size_t appends() const { return appends_; } // on the disk, seen by this world
  void settle();                                   // steps until nothing is left to do now
  // Time passes, timers included, with everything they cause.
  void run_for(duration_ms span);
  // Tenants, extensions 1000 to 1004 ("default", call password "pw"), the sample 1005, licensed
  // agents 2000 to 2002 on two seats, and extensions 1000 and 1001 of another tenant.
  void provision();
  void start_from(const sim_world& other); // its disk, its ids

  // A writer that fails: whatever waits is written or not; the server must be crashed soon.
  void fail_write() { store_->fail_write(1 + threads.below(4), threads.chance(50)); }
  void refuse_append() { store_->refuse_last(); }
  sim_store& store() { return *store_; }
  std::shared_ptr<sim_thread> any_lane() { return lanes_[threads.below(lanes_.size())]; }

  // Compares the server's picture, and its actors' states, with the log. When nothing runs.
  // Everything, or what moves: calls, sessions, seats and devices.
  void check_live_equals_log(bool everything = true);
  void check_presence();
  void check_revoked();
  void rare_events_pause(bool on) { chances_.pause(on); }

  // Connections that the server holds open.
  void opened(sim_connection* c) { connections_.push_back(c); }
  void closed(sim_connection* c) { std::erase(connections_, c); }

  sim_threads threads;
  sim_ids ids;
  sim_passwords passwords;
  sim_vault vault;
  auditor audit;

private:
  struct machine; // the runtime itself: the only part that sees CAF
  bool disk_works(std::size_t appends_max);
  void check_picture();

  sim_options options_;
  sim_chances chances_;
  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  storage::memory_rows rows_;
  std::unique_ptr<storage::memory_store> inner_;
  std::vector<std::shared_ptr<sim_thread>> lanes_;
  std::shared_ptr<sim_thread> publisher_, work_, writer_, keeper_;
  std::unique_ptr<sim_store> store_;
  std::unique_ptr<machine> machine_;
  runtime::gateway* server_ = nullptr;
  bool time_stands_ = false;
  std::size_t appends_ = 0;
  std::vector<sim_connection*> connections_;
};

} // namespace strowger::sim
