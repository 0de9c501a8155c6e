#include "actors/runtime/mailbox_actor.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace strowger::runtime {
namespace {

struct heard {
  std::mutex mutex;
  std::vector<int> numbers;
  bool ended = false;
};

class listener final : public mailbox_actor {
public:
  listener(caf::actor_config& config, std::shared_ptr<heard> to) :
      mailbox_actor(config), to_(std::move(to)) {}
  ~listener() override {
    std::lock_guard lock{to_->mutex};
    to_->ended = true;
  }
  const char* name() const override { return "listener"; }

protected:
  void take(caf::mailbox_element& what) override {
    std::lock_guard lock{to_->mutex};
    if (what.content().match_element<int>(0)) to_->numbers.push_back(what.content().get_as<int>(0));
  }

private:
  const std::shared_ptr<heard> to_;
};

// A unit that resumes when the test says so.
struct by_hand : caf::execution_unit {
  explicit by_hand(caf::actor_system& system) : execution_unit(&system) {}
  void exec_later(caf::resumable* what) override { ready.push_back(what); }
  caf::resumable::resume_result step(std::size_t messages_max) {
    auto* what = ready.front();
    const auto result = what->resume(this, messages_max);
    if (result == caf::resumable::resume_later) return result;
    ready.pop_front();
    intrusive_ptr_release(what);
    return result;
  }
  std::deque<caf::resumable*> ready;
};

struct mailbox_actor_test : testing::Test {
  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<heard> to = std::make_shared<heard>();
};

void send(const caf::actor& whom, int number, caf::execution_unit* unit) {
  whom->enqueue(nullptr, caf::make_message_id(), caf::make_message(number), unit);
}
bool has_mail(const caf::actor& whom) {
  return static_cast<mailbox_actor*>(caf::actor_cast<caf::abstract_actor*>(whom))->has_mail();
}

TEST_F(mailbox_actor_test, messages_are_taken_in_order_and_it_is_woken_once) {
  by_hand unit{system};
  auto one = system.spawn<listener>(to);
  EXPECT_FALSE(has_mail(one));
  for (int i = 0; i < 5; ++i) send(one, i, &unit);
  ASSERT_EQ(unit.ready.size(), 1u);
  EXPECT_TRUE(has_mail(one));
  EXPECT_EQ(unit.step(16), caf::resumable::awaiting_message);
  EXPECT_EQ(to->numbers, (std::vector{0, 1, 2, 3, 4}));
  EXPECT_FALSE(has_mail(one));
}

TEST_F(mailbox_actor_test, a_turn_ends_after_its_share_and_what_came_meanwhile_comes_after) {
  by_hand unit{system};
  auto one = system.spawn<listener>(to);
  for (int i = 0; i < 3; ++i) send(one, i, &unit);
  EXPECT_EQ(unit.step(2), caf::resumable::resume_later);
  EXPECT_TRUE(has_mail(one));
  send(one, 3, &unit);
  EXPECT_EQ(unit.ready.size(), 1u);
  EXPECT_EQ(unit.step(16), caf::resumable::awaiting_message);
  EXPECT_EQ(to->numbers, (std::vector{0, 1, 2, 3}));
}

TEST_F(mailbox_actor_test, it_ends_with_its_last_reference_and_forgets_what_waits) {
  by_hand unit{system};
  {
    auto one = system.spawn<listener>(to);
    for (int i = 0; i < 3; ++i) send(one, i, &unit);
    EXPECT_EQ(unit.step(1), caf::resumable::resume_later);
  }
  EXPECT_FALSE(to->ended); // it is still to be resumed
  intrusive_ptr_release(unit.ready.front());
  EXPECT_TRUE(to->ended);
  system.await_all_actors_done();
}

TEST_F(mailbox_actor_test, many_threads_may_send_to_it) {
  constexpr int threads = 4, each = 5'000;
  {
    auto one = system.spawn<listener>(to); // resumed by CAF's own scheduler
    std::vector<std::thread> senders;
    for (int t = 0; t < threads; ++t)
      senders.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) send(one, t * each + i, nullptr);
      });
    for (auto& s : senders) s.join();
  }
  system.await_all_actors_done();
  ASSERT_EQ(to->numbers.size(), static_cast<std::size_t>(threads * each));
  std::vector<int> last(threads, -1);
  for (const auto n : to->numbers) { // of each sender in order
    EXPECT_LT(last[static_cast<std::size_t>(n / each)], n);
    last[static_cast<std::size_t>(n / each)] = n;
  }
}

} // namespace
} // namespace strowger::runtime
