// Durable commands: routed to the actor, decided, written, answered after the sync, as the server
// does it: a lane's thread with the actors and the client on it, the log's own writer thread. An
// answer counts when it is back on the client's lane.
//   durable_bench [--in-flight N] [--actors N] [--seconds S] [--folder F] [--json]
// Peers: peers/prototype.cpp (the same commands), peers/journal_file.cpp --bare (one bare sync).
#include "actors/runtime/engine.hpp"
#include "bench/support/commands_in_flight.hpp"
#include "http/lane.hpp"
#include "storage/rocks_store.hpp"
#include "storage/sealing_vault.hpp"
#include "storage/temporary_folder.hpp"

#include <semaphore>

namespace strowger::bench {
namespace {

struct steady_time : runtime::clock {
  time_ms now() override {
    const auto since = steady::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
};

storage::rocks_options in(const std::string& folder) {
  storage::rocks_options out;
  out.path = folder + "/log";
  return out;
}

class side {
public:
  side(const arguments& how, const std::string& folder) :
      commands_(how), sent_(commands_.in_flight), store_(in(folder), random_) {
    lane_->start();
  }
  ~side() { lane_->stop(); }

  void run(line& out) {
    lane_->post([this] { // everybody is there before the time runs
      for (std::size_t i = 0; i < commands_.ids.size(); ++i) {
        engine_.send<license::spec>(commands_.ids[i], license::tick{}, from_,
                                    [this](const auto&) { finished_.release(); });
      }
    });
    for (std::size_t i = 0; i < commands_.ids.size(); ++i) finished_.acquire();
    const auto cpu_before = cpu_seconds();
    lane_->post([this] {
      start_ = steady::now();
      for (std::size_t slot = 0; slot < commands_.in_flight; ++slot) ask(slot);
    });
    finished_.acquire();
    const auto events = static_cast<double>(times_.total());
    out.with("per_second", events / took_).with(times_);
    out.with("cpu_us", (cpu_seconds() - cpu_before) / events * 1e6);
    if (failed_ > 0) throw std::runtime_error{std::to_string(failed_) + " commands were refused"};
  }

private:
  void ask(std::size_t slot) { // on the lane
    auto next = commands_.next();
    from_.command = std::move(next.id);
    sent_[slot] = steady::now();
    ++under_way_;
    engine_.send<license::spec>(
        commands_.ids[next.actor], std::move(next.what), from_,
        [this, slot](const auto& result) { answered(slot, result.error == errc::ok); });
  }
  void answered(std::size_t slot, bool good) { // on the writer's thread
    std::lock_guard lock{mutex_};
    if (!good) ++failed_;
    done_.push_back(slot);
    if (done_.size() == 1) lane_->post([this] { go_on(); });
  }
  void go_on() { // on the lane
    {
      std::lock_guard lock{mutex_};
      got_.swap(done_);
    }
    const bool over = seconds_since(start_) > commands_.seconds;
    for (const auto slot : got_) {
      times_.add_since(sent_[slot]);
      --under_way_;
    }
    if (!over)
      for (const auto slot : got_) ask(slot);
    got_.clear();
    if (under_way_ > 0) return;
    took_ = seconds_since(start_);
    finished_.release();
  }

  command_source commands_;
  std::vector<steady::time_point> sent_;
  security::system_random random_;
  storage::rocks_store store_;
  storage::sealing_vault vault_{store_, random_};
  steady_time time_;
  std::shared_ptr<http::lane> lane_ = std::make_shared<http::lane>();
  runtime::engine engine_{{store_, vault_, time_, {lane_}}, 1};
  runtime::origin from_{tenant_id{"default"}, "agent-7f3k2m9x", {}, "session-1", 0};
  steady::time_point start_;
  percentiles times_;
  std::size_t under_way_ = 0;
  double took_ = 0;
  std::counting_semaphore<> finished_{0};
  std::mutex mutex_;
  std::vector<std::size_t> done_, got_;
  std::size_t failed_ = 0;
};

void run(const arguments& how) {
  const storage::temporary_folder own;
  line out;
  side{how, how.text("--folder", own.path())}.run(out);
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
