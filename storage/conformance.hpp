// What every event_store must do, as one typed test suite. A store's test names a `Disk` with
//   using store = ...;                       // an event_store that is a key_store, too
//   std::unique_ptr<store> open(std::size_t waiting_max);  // what was durable is there again
// and instantiates the suite for it.
#pragma once

#include "storage/event_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

namespace strowger::storage {

inline const tenant_id acme{"acme"}, other{"other"};

inline stream_key call_stream(std::string id, tenant_id tenant = acme) {
  return {std::move(tenant), "call", std::move(id)};
}

inline append appending(stream_key stream, version expected, std::size_t events,
                        append_done done = {}) {
  append out;
  out.stream = std::move(stream);
  out.expected = expected;
  for (std::size_t i = 0; i < events; ++i)
    out.events.push_back({"call.placed.v1", "payload " + std::to_string(expected + i + 1)});
  out.meta.time = 1'700'000'000'000;
  out.meta.principal = "agent";
  out.meta.command = command_id{"command"};
  out.meta.correlation = "correlation";
  out.meta.causation = 7;
  out.meta.wake_at = 1'700'000'030'000;
  out.done = std::move(done);
  return out;
}

// Waits for answers that come on another thread.
class answers {
public:
  append_done next() {
    const auto index = expected_++;
    return [this, index](const append_result& r) {
      std::lock_guard lock{mutex_};
      order_.push_back(index);
      results_.push_back(r);
      changed_.notify_all();
    };
  }
  // In the order of answering; fails after 30 s.
  std::vector<append_result> all() {
    std::unique_lock lock{mutex_};
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds{30},
                                  [&] { return results_.size() == expected_; }));
    return results_;
  }
  std::vector<std::size_t> order() {
    all();
    std::lock_guard lock{mutex_};
    return order_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> order_;
  std::vector<append_result> results_;
  std::size_t expected_ = 0;
};

inline append_result append_now(event_store& store, stream_key stream, version expected,
                                std::size_t events) {
  answers waiting;
  store.submit(appending(std::move(stream), expected, events, waiting.next()));
  return waiting.all().front();
}

template <class Disk> class EventStore : public testing::Test {
protected:
  auto open(std::size_t waiting_max = 1000) { return disk.open(waiting_max); }
  Disk disk;
};
TYPED_TEST_SUITE_P(EventStore);

TYPED_TEST_P(EventStore, AnEmptyLogHasNothing) {
  const auto store = this->open();
  EXPECT_EQ(store->durable(), 0u);
  EXPECT_TRUE(store->read_log(0, 10).empty());
  EXPECT_TRUE(store->read_stream(call_stream("a"), 1, 10).empty());
  EXPECT_FALSE(store->get_snapshot(call_stream("a")));
  EXPECT_FALSE(store->get_view("presence"));
}

TYPED_TEST_P(EventStore, EveryFieldOfARecordComesBack) {
  auto store = this->open();
  store->own(42);
  EXPECT_EQ(append_now(*store, call_stream("a"), 0, 1).error, errc::ok);
  store.reset();
  store = this->open();
  const auto found = store->read_log(1, 10);
  ASSERT_EQ(found.size(), 1u);
  const auto& r = found.front();
  EXPECT_EQ(r.at, 1u);
  EXPECT_EQ(r.tenant, acme);
  EXPECT_EQ(r.tenant_sequence, 1u);
  EXPECT_EQ(r.kind, "call");
  EXPECT_EQ(r.stream, "a");
  EXPECT_EQ(r.version, 1u);
  EXPECT_EQ(r.previous, 0u);
  EXPECT_EQ(r.epoch, 42u);
  EXPECT_EQ(r.tag, "call.placed.v1");
  EXPECT_EQ(r.payload, "payload 1");
  EXPECT_EQ(r.meta.time, 1'700'000'000'000);
  EXPECT_EQ(r.meta.principal, "agent");
  EXPECT_EQ(r.meta.command, command_id{"command"});
  EXPECT_EQ(r.meta.correlation, "correlation");
  EXPECT_EQ(r.meta.causation, 7u);
  EXPECT_EQ(r.meta.wake_at, 1'700'000'030'000);
}

TYPED_TEST_P(EventStore, AWrongExpectedVersionRefusesTheAppendWhole) {
  const auto store = this->open();
  EXPECT_EQ(append_now(*store, call_stream("a"), 0, 2).error, errc::ok);
  EXPECT_EQ(append_now(*store, call_stream("a"), 1, 3).error, errc::internal);
  EXPECT_EQ(append_now(*store, call_stream("a"), 3, 3).error, errc::internal);
  EXPECT_EQ(append_now(*store, call_stream("b"), 1, 1).error, errc::internal);
  EXPECT_EQ(store->durable(), 2u);
  const auto result = append_now(*store, call_stream("a"), 2, 1);
  EXPECT_EQ(result.error, errc::ok);
  EXPECT_EQ(result.last, 3u);
}

TYPED_TEST_P(EventStore, AppendsOfOneStreamAreAnsweredInOrder) {
  const auto store = this->open();
  answers waiting;
  std::vector<std::size_t> expected;
  for (std::size_t i = 0; i < 500; ++i) {
    store->submit(appending(call_stream("a"), i, 1, waiting.next()));
    expected.push_back(i);
  }
  position before = 0;
  for (const auto& r : waiting.all()) {
    EXPECT_EQ(r.error, errc::ok);
    EXPECT_GT(r.last, before);
    before = r.last;
  }
  EXPECT_EQ(waiting.order(), expected);
}

TYPED_TEST_P(EventStore, ABarrierIsAnsweredWhenEverythingBeforeItIsDurable) {
  const auto store = this->open();
  answers waiting;
  position seen = 0;
  for (std::size_t i = 0; i < 100; ++i)
    store->submit(appending(call_stream("a"), i, 1, waiting.next()));
  const auto answered = waiting.next();
  store->submit(appending(call_stream("a"), 100, 0, [&](const append_result& r) {
    seen = store->durable();
    answered(r);
  }));
  const auto results = waiting.all();
  EXPECT_EQ(results.back().error, errc::ok);
  EXPECT_EQ(results.back().last, 100u);
  EXPECT_EQ(seen, 100u);
  EXPECT_EQ(append_now(*store, call_stream("a"), 99, 0).error, errc::internal)
      << "a barrier of a version that was refused";
  EXPECT_EQ(append_now(*store, {}, 0, 0).error, errc::ok) << "a barrier of the log";
}

TYPED_TEST_P(EventStore, ReopeningSeesEverythingThatWasAcknowledged) {
  {
    const auto store = this->open();
    answers waiting;
    for (std::size_t i = 0; i < 300; ++i)
      store->submit(appending(call_stream(std::to_string(i % 7)), i / 7, 1, waiting.next()));
    for (const auto& r : waiting.all()) EXPECT_EQ(r.error, errc::ok);
  }
  const auto store = this->open();
  EXPECT_EQ(store->durable(), 300u);
  EXPECT_EQ(store->read_log(1, 1000).size(), 300u);
  EXPECT_EQ(store->read_stream(call_stream("3"), 1, 1000).size(), 43u);
  const auto next = append_now(*store, call_stream("3"), 43, 1);
  EXPECT_EQ(next.error, errc::ok);
  EXPECT_EQ(next.last, 301u);
  EXPECT_EQ(store->read_log(301, 1).front().tenant_sequence, 301u);
}

TYPED_TEST_P(EventStore, SequencesOfATenantHaveNoGaps) {
  const auto store = this->open();
  append_now(*store, call_stream("a"), 0, 2);
  append_now(*store, call_stream("a", other), 0, 1);
  append_now(*store, call_stream("a"), 9, 1); // refused: takes no number
  append_now(*store, call_stream("b"), 0, 3);
  append_now(*store, call_stream("a", other), 1, 1);
  std::map<tenant_id, std::uint64_t> last;
  for (const auto& r : store->read_log(1, 100)) EXPECT_EQ(r.tenant_sequence, ++last[r.tenant]);
  EXPECT_EQ(last[acme], 5u);
  EXPECT_EQ(last[other], 2u);
}

TYPED_TEST_P(EventStore, AStreamCanBeWalkedBackByPreviousPositions) {
  auto store = this->open();
  append_now(*store, call_stream("a"), 0, 2);
  append_now(*store, call_stream("b"), 0, 2);
  append_now(*store, call_stream("a"), 2, 1);
  store.reset();
  store = this->open();
  append_now(*store, call_stream("a"), 3, 1);
  std::vector<position> walked;
  for (position at = store->durable(); at != 0; at = store->read_log(at, 1).front().previous)
    walked.push_back(at);
  EXPECT_EQ(walked, (std::vector<position>{6, 5, 2, 1}));
}

TYPED_TEST_P(EventStore, StreamsOfTwoTenantsWithTheSameIdDoNotMix) {
  const auto store = this->open();
  append_now(*store, call_stream("a"), 0, 2);
  EXPECT_EQ(append_now(*store, call_stream("a", other), 2, 1).error, errc::internal);
  append_now(*store, call_stream("a", other), 0, 1);
  EXPECT_EQ(append_now(*store, {acme, "cal", "la"}, 0, 1).error, errc::ok);
  EXPECT_EQ(store->read_stream(call_stream("a"), 1, 10).size(), 2u);
  const auto theirs = store->read_stream(call_stream("a", other), 1, 10);
  ASSERT_EQ(theirs.size(), 1u);
  EXPECT_EQ(theirs.front().tenant, other);
}

TYPED_TEST_P(EventStore, TheLogIsReadInPages) {
  const auto store = this->open();
  for (std::size_t i = 0; i < 10; ++i) append_now(*store, call_stream("a"), i * 3, 3);
  std::vector<position> seen;
  for (position from = 0;;) {
    const auto page = store->read_log(from, 4);
    EXPECT_LE(page.size(), 4u);
    if (page.empty()) break;
    for (const auto& r : page) seen.push_back(r.at);
    from = page.back().at + 1;
  }
  ASSERT_EQ(seen.size(), 30u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TYPED_TEST_P(EventStore, AStreamIsReadFromAnyVersion) {
  const auto store = this->open();
  for (std::size_t i = 0; i < 10; ++i) {
    append_now(*store, call_stream("a"), i * 3, 3);
    append_now(*store, call_stream("b"), i, 1);
  }
  for (version from = 1; from <= 31; ++from) {
    const auto found = store->read_stream(call_stream("a"), from, 5);
    ASSERT_EQ(found.size(), std::min<std::size_t>(5, 31 - from));
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].version, from + i);
  }
}

TYPED_TEST_P(EventStore, SnapshotsAndViewsComeBackAsTheyWere) {
  auto store = this->open();
  const std::string bytes{"\0any\xff bytes", 11};
  store->put_snapshot(call_stream("a"), {3, "old"});
  store->put_snapshot(call_stream("a"), {300, bytes});
  store->put_view("presence", 17, bytes);
  store->stop();
  store.reset();
  store = this->open();
  ASSERT_TRUE(store->get_snapshot(call_stream("a")));
  EXPECT_EQ(store->get_snapshot(call_stream("a"))->version, 300u);
  EXPECT_EQ(store->get_snapshot(call_stream("a"))->bytes, bytes);
  EXPECT_FALSE(store->get_snapshot(call_stream("a", other)));
  ASSERT_TRUE(store->get_view("presence"));
  EXPECT_EQ(store->get_view("presence")->first, 17u);
  EXPECT_EQ(store->get_view("presence")->second, bytes);
}

TYPED_TEST_P(EventStore, TheListenerHearsCommittedEventsInOrderAfterTheAnswers) {
  const auto store = this->open();
  std::atomic<std::size_t> answered = 0, heard = 0;
  bool in_order = true, answers_first = true;
  store->listen([&](std::vector<record> group) {
    for (const auto& r : group) {
      in_order = in_order && r.at == heard + 1;
      ++heard;
    }
    answers_first = answers_first && answered >= heard;
  });
  answers waiting;
  for (std::size_t i = 0; i < 200; ++i) {
    const auto done = waiting.next();
    store->submit(appending(call_stream("a"), i, 1, [&answered, done](const append_result& r) {
      ++answered;
      done(r);
    }));
  }
  waiting.all();
  store->stop();
  EXPECT_EQ(heard, 200u);
  EXPECT_TRUE(in_order);
  EXPECT_TRUE(answers_first);
}

TYPED_TEST_P(EventStore, AFullQueueRefusesWithoutWriting) {
  const auto store = this->open(10);
  answers waiting;
  std::atomic<int> refused = 0;
  const auto first = waiting.next();
  std::vector<append_done> more;
  for (int i = 0; i < 10; ++i) more.push_back(waiting.next());
  store->submit(appending(call_stream("a"), 0, 1, [&](const append_result& r) {
    for (std::size_t i = 0; i < more.size(); ++i)
      store->submit(appending(call_stream("b"), i, 1, more[i]));
    for (int i = 0; i < 3; ++i)
      store->submit(appending(call_stream("c"), 0, 1, [&](const append_result& busy) {
        if (busy.error == errc::busy) ++refused;
      }));
    first(r);
  }));
  for (const auto& r : waiting.all()) EXPECT_EQ(r.error, errc::ok);
  EXPECT_EQ(refused, 3);
  EXPECT_TRUE(store->read_stream(call_stream("c"), 1, 1).empty());
  EXPECT_EQ(append_now(*store, call_stream("c"), 0, 1).error, errc::ok);
}

TYPED_TEST_P(EventStore, AStoppedStoreAnswersWhatWaitsAndRefusesTheRest) {
  const auto store = this->open();
  answers waiting;
  for (std::size_t i = 0; i < 50; ++i)
    store->submit(appending(call_stream("a"), i, 1, waiting.next()));
  store->stop();
  for (const auto& r : waiting.all()) EXPECT_EQ(r.error, errc::ok);
  EXPECT_EQ(append_now(*store, call_stream("a"), 50, 1).error, errc::outcome_unknown);
  EXPECT_EQ(store->read_stream(call_stream("a"), 1, 100).size(), 50u);
}

TYPED_TEST_P(EventStore, AKeyIsMadeOnceAndKept) {
  auto store = this->open();
  const subject_id alice{"alice"};
  EXPECT_FALSE(store->find(acme, alice));
  const auto key = store->find_or_create(acme, alice);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(store->find_or_create(acme, alice), key);
  EXPECT_NE(store->find_or_create(other, alice), key);
  store.reset();
  store = this->open();
  EXPECT_EQ(store->find(acme, alice), key);
}

REGISTER_TYPED_TEST_SUITE_P(EventStore, AnEmptyLogHasNothing, EveryFieldOfARecordComesBack,
                            AWrongExpectedVersionRefusesTheAppendWhole,
                            AppendsOfOneStreamAreAnsweredInOrder,
                            ABarrierIsAnsweredWhenEverythingBeforeItIsDurable,
                            ReopeningSeesEverythingThatWasAcknowledged,
                            SequencesOfATenantHaveNoGaps, AStreamCanBeWalkedBackByPreviousPositions,
                            StreamsOfTwoTenantsWithTheSameIdDoNotMix, TheLogIsReadInPages,
                            AStreamIsReadFromAnyVersion, SnapshotsAndViewsComeBackAsTheyWere,
                            TheListenerHearsCommittedEventsInOrderAfterTheAnswers,
                            AFullQueueRefusesWithoutWriting,
                            AStoppedStoreAnswersWhatWaitsAndRefusesTheRest, AKeyIsMadeOnceAndKept);

} // namespace strowger::storage
