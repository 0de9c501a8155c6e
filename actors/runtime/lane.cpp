#include "actors/runtime/lane.hpp"

#include "core/buggify.hpp"

#include <caf/detail/test_actor_clock.hpp>

namespace strowger::runtime {
namespace {

constexpr std::size_t messages_per_turn = 16; // then the next actor of the lane has its turn

thread_local caf::execution_unit* here = nullptr;

// Actors are only ever woken by jobs that run on their lane; a resumable from anywhere else (an
// actor destroyed late, CAF's own helpers at shutdown) is kept and released at the end.
class coordinator : public caf::scheduler::abstract_coordinator {
public:
  using abstract_coordinator::abstract_coordinator;

  void enqueue(caf::resumable* what) override {
    if (here != nullptr) {
      here->exec_later(what);
      return;
    }
    std::lock_guard lock{mutex_};
    foreign_.push_back(what);
  }
  bool detaches_utility_actors() const override { return false; }
  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override {}
  void stop() override {
    for (auto* what : foreign_) cleanup_and_release(what);
    foreign_.clear();
  }

private:
  caf::detail::test_actor_clock
      clock_; // unused: deadlines are the runtime's own (timers are state)
  std::mutex mutex_;
  std::vector<caf::resumable*> foreign_;
};

} // namespace

struct lane::unit_impl : caf::execution_unit {
  explicit unit_impl(caf::actor_system* system) : execution_unit(system) {}

  void exec_later(caf::resumable* what) override { ready.push_back(what); }

  void run(const std::function<void()>& job) {
    auto* outer = std::exchange(here, this);
    job();
    while (!ready.empty()) {
      if (buggify(point::newest_actor_first)) std::swap(ready.front(), ready.back());
      auto* what = ready.front();
      ready.pop_front();
      const auto turn = buggify(point::actor_has_a_short_turn) ? 1 : messages_per_turn;
      switch (what->resume(this, turn)) {
      case caf::resumable::resume_later:
        ready.push_back(what);
        break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
        caf::intrusive_ptr_release(what);
        break;
      case caf::resumable::shutdown_execution_unit:
        break;
      }
    }
    here = outer;
  }

  std::deque<caf::resumable*> ready;
};

lane::lane(caf::actor_system& system, std::shared_ptr<executor> thread) :
    unit_(std::make_unique<unit_impl>(&system)), thread_(std::move(thread)) {}
lane::~lane() = default;

void lane::post(std::function<void()> job) {
  thread_->post([unit = unit_.get(), job = std::move(job)] { unit->run(job); });
}
void lane::post_after(duration_ms delay, std::function<void()> job) {
  thread_->post_after(delay, [unit = unit_.get(), job = std::move(job)] { unit->run(job); });
}
void lane::run_here(const std::function<void()>& job) { unit_->run(job); }
caf::execution_unit* lane::unit() { return unit_.get(); }

std::unique_ptr<caf::actor_system_config> lane_config() {
  auto config = std::make_unique<caf::actor_system_config>();
  config->module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new coordinator(system);
  });
  return config;
}

} // namespace strowger::runtime
