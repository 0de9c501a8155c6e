#include "storage/memory_store.hpp"

#include "storage/conformance.hpp"

namespace strowger::storage {
namespace {

struct memory_test_disk {
  using store = memory_store;
  std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>();
  std::unique_ptr<store> open(std::size_t waiting_max) {
    return std::make_unique<store>(disk, waiting_max);
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, EventStore, memory_test_disk);

class MemoryStore : public testing::Test {
protected:
  MemoryStore() { store.queue_submits(true); }
  void submit(version expected) {
    store.submit(appending(call_stream("a"), expected, 1,
                           [this](const append_result& r) { errors.push_back(r.error); }));
  }
  std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>();
  memory_store store{disk};
  std::vector<errc> errors;
};

TEST_F(MemoryStore, QueuedSubmitsWaitForTheDriver) {
  submit(0);
  submit(1);
  submit(2);
  EXPECT_EQ(store.waiting(), 3u);
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(store.commit_one_group(2), 2u);
  EXPECT_EQ(errors.size(), 2u);
  EXPECT_EQ(store.durable(), 2u);
  EXPECT_EQ(store.commit_one_group(2), 1u);
  EXPECT_EQ(store.commit_one_group(2), 0u);
}

TEST_F(MemoryStore, AFailureBeforeTheWriteLeavesNothingAndEndsTheStore) {
  submit(0);
  store.fail_next(memory_store::failure::before_write);
  submit(1);
  store.commit_one_group(1);
  EXPECT_EQ(errors, (std::vector<errc>{errc::outcome_unknown, errc::outcome_unknown}));
  EXPECT_TRUE(disk->log().empty());
  submit(0);
  EXPECT_EQ(errors.back(), errc::outcome_unknown);
}

TEST_F(MemoryStore, AFailureAfterTheWriteLeavesItForTheNextOwner) {
  std::size_t heard = 0;
  store.listen([&](auto) { ++heard; });
  submit(0);
  store.fail_next(memory_store::failure::after_write);
  store.commit_one_group(1);
  EXPECT_EQ(errors, std::vector<errc>{errc::outcome_unknown});
  EXPECT_EQ(heard, 0u);
  memory_store next{disk};
  EXPECT_EQ(next.durable(), 1u);
  EXPECT_EQ(append_now(next, call_stream("a"), 1, 1).error, errc::ok);
}

TEST_F(MemoryStore, ACrashDropsWhatIsNotCommitted) {
  submit(0);
  store.commit_one_group(1);
  submit(1);
  store.crash();
  EXPECT_EQ(errors, (std::vector<errc>{errc::ok, errc::outcome_unknown}));
  EXPECT_EQ(disk->log().size(), 1u);
}

TEST_F(MemoryStore, AnOlderOwnerCannotWriteAnyMore) {
  memory_store next{disk};
  submit(0);
  store.commit_one_group(1);
  EXPECT_EQ(errors, std::vector<errc>{errc::outcome_unknown});
  EXPECT_EQ(append_now(next, call_stream("a"), 0, 1).error, errc::ok);
}

} // namespace
} // namespace strowger::storage
