// One shard's engine on a simulated thread: what a stream that cannot be read means for others.
#include "actors/runtime/engine.hpp"

#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"
#include "tests/support/sim_threads.hpp"

#include <gtest/gtest.h>

namespace strowger::runtime {
namespace {

const tenant_id home{"default"};

struct engine_test : testing::Test {
  ~engine_test() override { store.stop(); }

  errc send(const std::string& id, license::command what) {
    auto got = errc::ok;
    subject.send<license::spec>(id, std::move(what), {home, "test", {}, {}, 0},
                                [&](const result<license::spec>& r) { got = r.error; });
    while (threads.run_one()) {
    }
    return got;
  }
  void put(const std::string& id, std::string tag, std::string payload) {
    store.submit({{home, license::spec::kind, id}, 0, {{tag, payload}}, {}, {}});
  }

  sim::sim_threads threads{1};
  storage::memory_store store;
  sim::sim_vault vault;
  engine subject{{store, vault, threads, {threads.make()}}, 1};
};

TEST_F(engine_test, a_stream_that_cannot_be_read_refuses_and_its_neighbours_go_on) {
  put("broken", "license.issued.v1", "\xc1");
  put("of tomorrow", "license.conjured.v1", "\x80");
  for (const auto* id : {"broken", "of tomorrow"}) {
    EXPECT_EQ(send(id, license::issue{"plan", 10, 2, true, never}), errc::storage_failed);
    auto looked = errc::ok;
    subject.inspect<license::spec>(home, id, [&](errc e, const license::state&) { looked = e; });
    while (threads.run_one()) {
    }
    EXPECT_EQ(looked, errc::storage_failed);
  }
  EXPECT_EQ(send("whole", license::issue{"plan", 10, 2, true, never}), errc::ok);
}

} // namespace
} // namespace strowger::runtime
