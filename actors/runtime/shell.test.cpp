// The shell alone, on a disk that commits when told.
#include "actors/runtime/shell.hpp"

#include "storage/memory_store.hpp"
#include "tests/support/sim_ports.hpp"

#include <gtest/gtest.h>

namespace strowger::runtime {
namespace {

using spec = license::spec;

struct still_clock : clock {
  time_ms at = 1'000'000;
  time_ms now() override { return at; }
};

struct counting_host : shell_host {
  void wake_at(const shell_life&, time_ms) override {}
  void over(const shell_life&) override {}
  void failed(const std::shared_ptr<const shell_life>&) override { ++failures; }
  int failures = 0;
};

struct bench_vice { // one license under the hand
  bench_vice() {
    store->queue_submits(true);
    subject = make();
    send(license::issue{"plan", 10, 2, true, never}, "issue");
    store->commit_one_group(100);
    answers.clear();
  }
  ~bench_vice() { store->stop(); } // answers what waits while there is somebody to hear it
  std::unique_ptr<shell<spec>> make() {
    life.reset(new shell_life{key, 0, host});
    return std::make_unique<shell<spec>>(services, life);
  }
  void send(license::command c, const std::string& id) {
    subject->handle(envelope<spec>{std::move(c),
                                   {key.tenant, "test", command_id{id}, {}, 0},
                                   [this](const result<spec>& r) { answers.push_back(r); }});
  }
  license::take_seat seat(const char* who) {
    return {agent_id{who}, session_id{std::string{"session of "} + who}};
  }
  std::string state_now() {
    std::string plain;
    subject->handle(
        inspection<spec>{[&](errc, const license::state& s) { plain = storage::fingerprint(s); }});
    return plain;
  }

  std::shared_ptr<storage::memory_disk> disk = std::make_shared<storage::memory_disk>();
  std::unique_ptr<storage::memory_store> store = std::make_unique<storage::memory_store>(disk);
  sim::sim_vault vault;
  still_clock time;
  shell_services services{*store, vault, time, 1, 0, {}};
  storage::stream_key key{tenant_id{"t"}, spec::kind, "one"};
  std::shared_ptr<shell_life> life;
  std::unique_ptr<shell<spec>> subject;
  std::vector<result<spec>> answers;
  std::shared_ptr<counting_host> host = std::make_shared<counting_host>();
};

TEST(shell, answers_only_when_the_disk_has_it) {
  bench_vice v;
  v.send(v.seat("a"), "1");
  EXPECT_TRUE(v.answers.empty());
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 1u);
  EXPECT_EQ(v.answers[0].error, errc::ok);
  EXPECT_EQ(v.answers[0].reply.used, 1u);
}

TEST(shell, decides_on_what_is_not_yet_on_the_disk_and_tells_nobody) {
  bench_vice v;
  v.send(v.seat("a"), "1");
  v.send(v.seat("b"), "2");
  v.send(v.seat("c"), "3"); // refused because of two unwritten facts: the refusal waits for them
  EXPECT_TRUE(v.answers.empty());
  v.store->commit_one_group(1);
  EXPECT_EQ(v.answers.size(), 1u);
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 3u);
  EXPECT_EQ(v.answers[2].error, errc::user_limit_reached);
}

TEST(shell, a_repeat_waits_for_the_first_and_has_no_second_effect) {
  bench_vice v;
  v.send(v.seat("a"), "1");
  v.send(v.seat("b"), "1"); // the same id means the same command, whatever it says
  EXPECT_TRUE(v.answers.empty());
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 2u);
  EXPECT_EQ(v.answers[1].error, errc::ok);
  EXPECT_EQ(v.answers[1].reply.used, 1u);
  EXPECT_EQ(v.disk->log().size(), 2u);
}

TEST(shell, a_command_id_with_another_fingerprint_is_refused_and_writes_nothing) {
  bench_vice v;
  v.send(v.seat("a"), "agent/1#0123456789abcdef");
  v.store->commit_one_group(100);
  v.send(v.seat("b"), "agent/1#fedcba9876543210");
  v.send(v.seat("a"), "agent/1#0123456789abcdef");
  v.send(v.seat("b"), "agent/1"); // no fingerprint is another one, too
  v.send(v.seat("b"), "agent/11#fedcba9876543210");
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 5u);
  EXPECT_EQ(v.answers[1].error, errc::command_id_reused);
  EXPECT_EQ(v.answers[2].error, errc::ok);
  EXPECT_EQ(v.answers[3].error, errc::command_id_reused);
  EXPECT_EQ(v.answers[4].error, errc::ok);
  EXPECT_EQ(v.answers[4].reply.used, 2u);
}

TEST(shell, a_key_with_a_hash_sign_is_not_another_keys_fingerprint) {
  bench_vice v;
  v.send(v.seat("a"), "agent/a#1#0123456789abcdef");
  v.send(v.seat("b"), "agent/a#fedcba9876543210");
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 2u);
  EXPECT_EQ(v.answers[1].error, errc::ok);
}

TEST(shell, a_failed_write_is_an_unknown_outcome_and_breaks_the_memory) {
  bench_vice v;
  v.send(v.seat("a"), "1");
  v.store->fail_next(storage::memory_store::failure::before_write);
  v.store->commit_one_group(100);
  ASSERT_EQ(v.answers.size(), 1u);
  EXPECT_EQ(v.answers[0].error, errc::outcome_unknown);
  EXPECT_TRUE(v.life->broken);
  EXPECT_EQ(v.host->failures, 1);
  v.send(v.seat("b"), "2");
  EXPECT_EQ(v.answers.back().error, errc::outcome_unknown);
}

TEST(shell, counts_what_it_is_asked_what_it_refuses_and_what_the_disk_owes) {
  const auto shows = [](const std::string& line) {
    return metrics::render().find(line + "\n") != std::string::npos;
  };
  const auto count = [](const std::string& series) {
    const auto page = metrics::render();
    const auto at = page.find("\n" + series + " ");
    return std::stod(page.substr(at + series.size() + 2));
  };
  const std::string kind = R"({kind="license"})";
  bench_vice v;
  const auto asked = count("strowger_commands_total" + kind);
  const auto refused = count("strowger_commands_refused_total" + kind);
  const auto failed = count("strowger_append_failures_total");
  const auto timed = count("strowger_command_seconds_count");
  EXPECT_TRUE(shows("strowger_actors_live" + kind + " 1"));
  for (const auto* who : {"a", "b", "c"}) v.send(v.seat(who), who); // two seats
  EXPECT_TRUE(shows("strowger_journal_waiting 3"));
  v.store->commit_one_group(100);
  EXPECT_TRUE(shows("strowger_journal_waiting 0"));
  EXPECT_EQ(count("strowger_commands_total" + kind), asked + 3);
  EXPECT_EQ(count("strowger_commands_refused_total" + kind), refused + 1);
  EXPECT_EQ(count("strowger_command_seconds_count"), timed + 2);
  v.send(license::release_seat{agent_id{"a"}, session_id{"session of a"}}, "d");
  v.store->fail_next(storage::memory_store::failure::before_write);
  v.store->commit_one_group(100);
  EXPECT_EQ(count("strowger_append_failures_total"), failed + 1);
}

TEST(shell, refuses_when_too_many_answers_wait) {
  bench_vice v;
  for (std::size_t i = 0; i < limits::held_replies_max; ++i) v.send(v.seat("a"), "1");
  EXPECT_TRUE(v.answers.empty());
  v.send(v.seat("a"), "2");
  ASSERT_EQ(v.answers.size(), 1u);
  EXPECT_EQ(v.answers[0].error, errc::busy);
}

TEST(shell, revived_from_a_snapshot_or_from_events_it_is_the_same) {
  bench_vice v;
  v.send(v.seat("a"), "1");
  v.store->commit_one_group(100);
  const auto before = v.state_now();
  v.subject = v.make(); // from events
  EXPECT_EQ(v.state_now(), before);
  v.subject->save_snapshot();
  v.send(v.seat("b"), "2");
  v.store->commit_one_group(100);
  const auto after = v.state_now();
  v.subject = v.make(); // from the snapshot and the event after it
  EXPECT_EQ(v.state_now(), after);
  v.answers.clear();
  v.send(v.seat("c"), "1"); // the window of command ids came back too
  ASSERT_EQ(v.answers.size(), 1u);
  EXPECT_EQ(v.answers[0].reply.used, 2u);
}

} // namespace
} // namespace strowger::runtime
