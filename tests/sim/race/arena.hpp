// Test only: an engine on simulated threads and disk, without a site: commands go to the actors
// directly. It may crash and start again on the same disk. For race.cpp.
#pragma once

#include "actors/runtime/engine.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/sim_chances.hpp"
#include "tests/support/sim_ports.hpp"
#include "tests/support/sim_store.hpp"

namespace strowger::sim {

class arena {
public:
  explicit arena(std::uint64_t seed) : threads(seed), chances_(seed, true) {
    chances_now = &chances_;
    start();
  }
  ~arena() {
    stop();
    chances_now = nullptr;
  }

  runtime::engine& actors() { return *engine_; }

  // One job, or the disk writes something. False: nothing to do before time passes.
  bool step() {
    const auto waiting = store_->waiting();
    if (waiting > 0 && (threads.idle() || threads.chance(25))) {
      store_->commit(1 + threads.below(waiting));
      return true;
    }
    if (threads.run_one()) return true;
    const auto next = threads.next_timer(); // a ringing call's deadline is far away
    return next != never && next - threads.now() < 10'000 && threads.leap();
  }

  // The process ends at once, sometimes in the middle of a write, and starts again.
  void crash() {
    ++crashes_;
    if (threads.chance(50)) store_->fail_write(1 + threads.below(4), threads.chance(50));
    stop();
    threads.pass(threads.between(0, 2'000));
    start();
  }
  void refuse_append() { store_->refuse_last(); }
  std::uint64_t crashes() const { return crashes_; }

  sim_threads threads;

private:
  void start() {
    inner_ = std::make_unique<storage::memory_store>(disk_);
    writer_ = threads.make();
    lane_ = threads.make();
    store_ = std::make_unique<sim_store>(*inner_, threads, writer_);
    store_->own(++node_);
    engine_ = std::make_unique<runtime::engine>(
        runtime::engine::parts{*store_, vault_, threads, {lane_}}, node_);
  }
  void stop() {
    lane_->kill();
    writer_->kill();
    store_->drop();
    engine_.reset();
    store_.reset();
  }

  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  std::unique_ptr<storage::memory_store> inner_;
  sim_chances chances_;
  sim_vault vault_;
  std::shared_ptr<sim_thread> lane_, writer_;
  std::unique_ptr<sim_store> store_;
  std::unique_ptr<runtime::engine> engine_;
  incarnation node_ = 0;
  std::uint64_t crashes_ = 0;
};

} // namespace strowger::sim
