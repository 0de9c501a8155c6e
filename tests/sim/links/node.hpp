// Test only: one whole site of several on the same simulated threads: a master or a slave with a
// disk, a clock and a machine of its own. Its memory can be lost at any moment.
#pragma once

#include "actors/runtime/site.hpp"
#include "storage/memory_rows.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"
#include "tests/support/sim_store.hpp"

namespace strowger::sim {

// The shard's time: from the wall's, which may be years off, or the log's last, and then steadily.
class node_clock : public runtime::clock {
public:
  explicit node_clock(sim_threads& threads) : threads_(threads) {}
  void start(duration_ms jump) {
    started_ = threads_.time();
    base_ = std::max(last_, threads_.time() + jump);
  }
  time_ms now() override { return last_ = base_ + (threads_.time() - started_); }

private:
  sim_threads& threads_;
  time_ms started_ = 0, base_ = 0, last_ = 0;
};

class node_machine : public runtime::machine_clock {
public:
  explicit node_machine(sim_threads& threads) : threads_(threads) {}
  void reboot() {
    ++boots_;
    booted_ = threads_.time();
  }
  std::string boot() override { return "boot " + std::to_string(boots_); }
  std::int64_t boot_ms() override { return threads_.time() - booted_; }

private:
  sim_threads& threads_;
  int boots_ = 0;
  time_ms booted_ = 0;
};

struct node_options {
  runtime::role role{};
  std::string name;
  duration_ms lease_ms = 10'000;
  const security::statement_signer* signer = nullptr;
};

class site_node {
public:
  site_node(sim_threads& threads, node_options options) :
      clock(threads), machine(threads), threads_(threads), options_(std::move(options)) {}
  ~site_node() { crash(); }

  void boot(duration_ms jump, bool machine_too) {
    if (machine_too) machine.reboot();
    clock.start(jump);
    inner_ = std::make_unique<storage::memory_store>(disk_);
    lane = threads_.make();
    publisher_ = threads_.make();
    work_ = threads_.make();
    writer_ = threads_.make();
    keeper_ = threads_.make();
    store_ = std::make_unique<sim_store>(*inner_, threads_, writer_);
    runtime::site_options how;
    how.role = options_.role;
    how.lease_ms = options_.lease_ms;
    how.title = how.identity = options_.name;
    site = std::make_unique<runtime::site>(runtime::site::parts{*store_,
                                                                vault_,
                                                                clock,
                                                                ids_,
                                                                passwords_,
                                                                {lane},
                                                                publisher_,
                                                                work_,
                                                                {},
                                                                &rows_,
                                                                keeper_,
                                                                &machine,
                                                                options_.signer},
                                           std::move(how));
    site->start([](errc) {});
  }

  void crash() {
    if (!site) return;
    for (const auto& t : {lane, publisher_, work_, writer_, keeper_}) t->kill();
    store_->drop();
    site.reset();
    store_.reset();
    rows_.lose_last(threads_.below(3)); // they were not synced
  }

  bool up() const { return site && site->ready(); }
  std::size_t waiting() const { return store_ ? store_->waiting() : 0; }
  void commit(std::size_t count) { store_->commit(count); }
  void fail_write() { store_->fail_write(1 + threads_.below(4), threads_.chance(50)); }

  // The whole disk, to be put back later.
  void keep_copy() {
    copy_ = disk_->copy();
    rows_copy_ = rows_;
  }
  bool has_copy() const { return copy_ != nullptr; }
  void put_back() { // while it is down
    disk_ = copy_->copy();
    rows_ = rows_copy_;
  }

  node_clock clock;
  node_machine machine;
  std::unique_ptr<runtime::site> site;
  std::shared_ptr<sim_thread> lane;

private:
  sim_threads& threads_;
  const node_options options_;
  sim_ids ids_;
  sim_passwords passwords_;
  sim_vault vault_;
  std::shared_ptr<storage::memory_disk> disk_ = std::make_shared<storage::memory_disk>();
  std::shared_ptr<storage::memory_disk> copy_;
  storage::memory_rows rows_, rows_copy_;
  std::unique_ptr<storage::memory_store> inner_;
  std::unique_ptr<sim_store> store_;
  std::shared_ptr<sim_thread> publisher_, work_, writer_, keeper_;
};

} // namespace strowger::sim
