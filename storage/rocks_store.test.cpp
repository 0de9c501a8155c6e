#include "storage/rocks_store.hpp"

#include "storage/conformance.hpp"
#include "storage/rocks_test_disk.hpp"

#include <csignal>
#include <fstream>
#include <set>
#include <sys/resource.h>
#include <thread>

namespace strowger::storage {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Rocks, EventStore, rocks_test_disk);

constexpr std::size_t reported_streams = 10;

std::vector<version> heads_of(event_store& store) {
  std::vector<version> out;
  for (std::size_t s = 0; s < reported_streams; ++s)
    out.push_back(store.read_stream(call_stream(std::to_string(s)), 1, 1'000'000).size());
  return out;
}

void append_and_report(rocks_store& store, int pipe, std::size_t appends) {
  auto heads = heads_of(store);
  for (std::size_t i = 0; i < appends; ++i)
    store.submit(appending(call_stream(std::to_string(i % reported_streams)),
                           heads[i % reported_streams]++, 1, [pipe](const append_result& r) {
                             const position last = r.error == errc::ok ? r.last : 0;
                             if (::write(pipe, &last, sizeof last) != sizeof last) ::_exit(1);
                           }));
}

TEST(RocksStore, KillingTheProcessInMidAppendLosesNothingAcknowledged) {
  rocks_test_disk disk; // one folder: the later rounds recover what the earlier ones left torn
  position before = 0;
  for (int round = 0; round < 5; ++round) {
    const auto [child, pipe] = in_a_child([&](int out) {
      const auto store = disk.open();
      append_and_report(*store, out, 90'000);
      std::this_thread::sleep_for(std::chrono::seconds{60});
    });
    position acknowledged = 0, next = 0;
    const position enough = before + 200 + 2'000 * static_cast<position>(round);
    while (acknowledged < enough && ::read(pipe, &next, sizeof next) == sizeof next)
      acknowledged = std::max(acknowledged, next);
    ::kill(child, SIGKILL);
    while (::read(pipe, &next, sizeof next) == sizeof next)
      acknowledged = std::max(acknowledged, next);
    ::waitpid(child, nullptr, 0);
    ::close(pipe);
    EXPECT_GE(acknowledged, enough);

    const auto store = disk.open();
    EXPECT_GE(store->durable(), acknowledged);
    EXPECT_EQ(count_from(*store), store->durable());
    const auto heads = heads_of(*store);
    for (std::size_t s = 0; s < reported_streams; ++s)
      EXPECT_EQ(append_now(*store, call_stream(std::to_string(s)), heads[s], 1).error, errc::ok);
    before = store->durable();
  }
}

TEST(RocksStore, AfterAFailedWriteEveryOutcomeIsUnknownAndNothingAcknowledgedIsLost) {
  rocks_test_disk disk;
  const auto [child, pipe] = in_a_child([&](int out) {
    const auto store = disk.open(100'000, 1'000'000); // no index file hits the limit first
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{64 * 1024, 64 * 1024}; // the disk is "full" behind this many bytes
    ::setrlimit(RLIMIT_FSIZE, &full);
    int refused = 0;
    for (std::size_t i = 0; i < 20'000; ++i) {
      const auto r = append_now(*store, call_stream("a"), i, 8);
      const position last = r.error == errc::ok ? r.last : 0;
      if (::write(out, &last, sizeof last) != sizeof last) ::_exit(1);
      if (r.error != errc::ok && store->failure().empty()) ::_exit(2);
      if (r.error != errc::ok && ++refused > 3) ::_exit(0); // a full disk closes nothing
      i += 7;
    }
    ::_exit(3);
  });
  position acknowledged = 0, next = 0;
  std::size_t unknown = 0, acknowledged_after = 0;
  while (::read(pipe, &next, sizeof next) == sizeof next) {
    if (next == 0) ++unknown;
    if (next != 0 && unknown > 0) ++acknowledged_after;
    acknowledged = std::max(acknowledged, next);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(pipe);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(acknowledged, 0u);
  EXPECT_GT(unknown, 0u);
  EXPECT_EQ(acknowledged_after, 0u);
  const auto store = disk.open();
  EXPECT_GE(store->durable(), acknowledged);
  EXPECT_EQ(count_from(*store), store->durable());
}

TEST(RocksStore, AHundredThousandEventsOverTenThousandStreamsComeBack) {
  constexpr std::size_t streams = 10'000, versions = 10;
  rocks_test_disk disk;
  {
    const auto store = disk.open(200'000, 10'000);
    answers waiting;
    for (std::size_t v = 0; v < versions; ++v)
      for (std::size_t s = 0; s < streams; ++s)
        store->submit(appending(call_stream(std::to_string(s)), v, 1, waiting.next()));
    for (const auto& r : waiting.all()) ASSERT_EQ(r.error, errc::ok);
  }
  const auto store = disk.open(200'000, 10'000);
  EXPECT_EQ(store->durable(), streams * versions);
  EXPECT_EQ(count_from(*store), streams * versions);
  for (std::size_t s = 0; s < streams; s += 97) {
    const auto found = store->read_stream(call_stream(std::to_string(s)), 1, 100);
    ASSERT_EQ(found.size(), versions);
    position previous = 0;
    for (std::size_t v = 0; v < versions; ++v) {
      EXPECT_EQ(found[v].version, v + 1);
      EXPECT_EQ(found[v].previous, std::exchange(previous, found[v].at));
    }
    EXPECT_EQ(append_now(*store, call_stream(std::to_string(s)), versions, 1).error, errc::ok);
  }
}

// The marker of the index says how far it reaches, and RocksDB's log files what a start must read.
TEST(RocksStore, AStopThatSparesTheNextStartLeavesNothingToReadAgain) {
  rocks_test_disk disk;
  const stream_key stream{tenant_id{"t"}, "k", "s"};
  {
    auto store = disk.open(100'000, 1'000'000); // nothing is frozen while it runs
    for (version v = 0; v < 100; ++v)
      store->submit({stream, v, {{"tag", std::string(200, 'x')}}, {}, {}});
    store->stop();
    store->spare_the_next_start();
  }
  std::uintmax_t to_read = 0, tables = 0;
  for (const auto& file : std::filesystem::directory_iterator{disk.folder.path() + "/db"}) {
    if (file.path().extension() == ".log") to_read += file.file_size();
    if (file.path().extension() == ".sst") ++tables;
  }
  EXPECT_LT(to_read, 1000u);
  EXPECT_GE(tables, 2u); // the log and its index
  auto store = disk.open();
  EXPECT_EQ(store->durable(), 100u);
  EXPECT_EQ(store->read_stream(stream, 1, 1000).size(), 100u);
  EXPECT_EQ(count_from(*store), 100u);
}

TEST(RocksStore, ReadersBesideTheWriterSeeWholeStreams) {
  rocks_test_disk disk;
  const auto store = disk.open(100'000, 500);
  std::atomic<bool> done = false;
  std::atomic<version> answered = 0;
  std::thread reader{[&] {
    while (!done) {
      const auto before = answered.load();
      const auto found = store->read_stream(call_stream("a"), 1, 100'000);
      EXPECT_GE(found.size(), before);
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].version, i + 1);
    }
  }};
  answers waiting;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const auto next = waiting.next();
    store->submit(appending(call_stream("a"), i, 1, [&, next](const append_result& r) {
      ++answered;
      next(r);
    }));
    store->submit(appending(call_stream("noise " + std::to_string(i)), 0, 1));
  }
  for (const auto& r : waiting.all()) EXPECT_EQ(r.error, errc::ok);
  done = true;
  reader.join();
}

TEST(RocksStore, AFolderOfAnotherFormatIsRefused) {
  rocks_test_disk disk;
  disk.open().reset();
  std::ofstream{disk.folder.path() + "/FORMAT"} << "strowger-data-2\n";
  try {
    disk.open();
    FAIL() << "an unknown format was opened";
  } catch (const storage_error& e) {
    EXPECT_NE(std::string{e.what()}.find("strowger-data-2"), std::string::npos);
  }
}

TEST(RocksStore, ASecondProcessIsRefusedButMayRead) {
  rocks_test_disk disk;
  const auto store = disk.open();
  append_now(*store, call_stream("a"), 0, 3);
  EXPECT_THROW(disk.open(), storage_error);
  rocks_options beside;
  beside.path = disk.folder.path();
  beside.read_only = true;
  rocks_store reader{beside, random_bytes()};
  EXPECT_EQ(reader.read_log(1, 10).size(), 3u);
  EXPECT_EQ(reader.read_stream(call_stream("a"), 2, 10).size(), 2u);
  EXPECT_EQ(append_now(reader, call_stream("a"), 3, 1).error, errc::outcome_unknown);
}

TEST(RocksStore, AFolderItMakesIsItsOwnersAlone) {
  temporary_folder outside;
  rocks_options options;
  options.path = outside.path() + "/data";
  rocks_store{options, random_bytes()}.stop();
  EXPECT_EQ(std::filesystem::status(options.path).permissions(), std::filesystem::perms::owner_all);
}

TEST(RocksStore, TheKeysOfManyAreMadeAtOnceAndKept) {
  rocks_test_disk disk;
  auto store = disk.open();
  const subject_id first{"0"};
  const auto known = store->find_or_create(acme, first);
  std::vector<subject_id> people;
  for (int i = 0; i < 500; ++i) people.push_back(subject_id{std::to_string(i)});
  store->create_missing(acme, people);
  EXPECT_EQ(store->find(acme, first), known);
  std::set<std::string> keys;
  for (const auto& one : people) keys.insert(*store->find(acme, one));
  EXPECT_EQ(keys.size(), people.size()); // no two are alike
  store->create_missing(acme, people);
  store.reset();
  store = disk.open();
  for (const auto& one : people) EXPECT_TRUE(keys.contains(*store->find(acme, one)));
  EXPECT_EQ(store->find(acme, first), known);
}

} // namespace
} // namespace strowger::storage
