#include "actors/runtime/lane.hpp"

#include "core/buggify.hpp"

#include <caf/detail/test_actor_clock.hpp>

#include <deque>
#include <mutex>

namespace strowger::runtime {
namespace {

constexpr std::size_t messages_per_turn = 16; // then the next actor of the lane has its turn
constexpr std::size_t jobs_per_turn = 256;    // then the thread looks after its sockets

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

  // A turn: some of what waits, then the actors. True when more waits.
  bool take_turn() {
    auto* outer = std::exchange(here, this);
    const auto more = take_jobs();
    for (auto& what : taken) what->run();
    taken.clear();
    run_actors();
    here = outer;
    return more;
  }
  void run(const std::function<void()>& what) {
    auto* outer = std::exchange(here, this);
    what();
    run_actors();
    here = outer;
  }

  bool take_jobs() {
    const std::size_t most = buggify(point::lane_takes_one_job) ? 1 : jobs_per_turn;
    std::lock_guard lock{mutex};
    if (waiting.size() <= most) {
      taken.swap(waiting);
    } else {
      const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(most);
      taken.assign(std::move_iterator{waiting.begin()}, std::move_iterator{end});
      waiting.erase(waiting.begin(), end);
    }
    told = !waiting.empty();
    return told;
  }

  void run_actors() {
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
  }

  std::deque<caf::resumable*> ready;
  std::vector<std::unique_ptr<job>> taken;
  std::mutex mutex; // of the two below
  std::vector<std::unique_ptr<job>> waiting;
  bool told = false; // the thread is on its way to what waits
};

lane::lane(caf::actor_system& system, std::shared_ptr<executor> thread) :
    unit_(std::make_shared<unit_impl>(&system)), thread_(std::move(thread)) {}
lane::~lane() = default;

void lane::enqueue(std::unique_ptr<job> what) {
  {
    std::lock_guard lock{unit_->mutex};
    unit_->waiting.push_back(std::move(what));
    if (std::exchange(unit_->told, true)) return;
  }
  tell_thread();
}
void lane::tell_thread() {
  thread_->post([this] {
    if (unit_->take_turn()) tell_thread();
  });
}
void lane::post_after(duration_ms delay, std::function<void()> what) {
  thread_->post_after(delay, [unit = unit_, what = std::move(what)] { unit->run(what); });
}
void lane::run_here(const std::function<void()>& what) { unit_->run(what); }
void lane::forget() {
  unit_->waiting.clear();
  unit_->taken.clear();
}
caf::execution_unit* lane::unit() { return unit_.get(); }

std::unique_ptr<caf::actor_system_config> lane_config() {
  auto config = std::make_unique<caf::actor_system_config>();
  config->module_factories.push_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new coordinator(system);
  });
  return config;
}

} // namespace strowger::runtime
