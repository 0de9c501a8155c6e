// Test only: a small world and the few things that a moment needs: a rare event at will, a disk
// that waits, and steps until something is so. No seed decides what happens.
#pragma once

#include "tests/support/sim_client.hpp"

#include <gtest/gtest.h>

namespace strowger::sim {

// While it lives, one rare event (core/buggify.hpp) happens, as often as told.
class rare final : public chances {
public:
  explicit rare(point which, unsigned times = ~0u) : which_(which), left_(times) {
    chances_now = this;
  }
  ~rare() override { chances_now = nullptr; }
  bool fires(point which) override {
    if (which != which_ || left_ == 0) return false;
    --left_;
    return true;
  }

private:
  const point which_;
  unsigned left_;
};

struct moment : testing::Test {
  moment() {
    world.provision();
    EXPECT_EQ(world.audit.broken(), "");
  }
  ~moment() override {
    world.crash(); // before the clients go
    EXPECT_EQ(world.audit.broken(), "");
  }

  sim_client& client(const char* number, const char* name,
                     client_kind kind = client_kind::websocket) {
    clients_.push_back(std::make_unique<sim_client>(world, tenant, number, name, kind));
    return *clients_.back();
  }
  // False: nothing moves any more, and it is not so.
  template <class Test> bool step_until(Test so) {
    while (!so())
      if (!world.step(1)) return false;
    return true;
  }
  // The server dies, and comes back on the same disk. Rows that it wrote are kept or not.
  void crash_and_start() {
    world.crash();
    world.boot();
    world.run_for(100);
  }
  const views::tenant_world& home() {
    world.audit.read();
    return world.audit.world().tenants.at(tenant);
  }

  const tenant_id tenant{"default"};
  sim_world world{sim_options{.tick_percent = 0}};

private:
  std::vector<std::unique_ptr<sim_client>> clients_;
};

} // namespace strowger::sim
