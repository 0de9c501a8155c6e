// Serves durable commands to load/durable.cpp: routed to the actor, decided, written, answered
// after the sync, as the server does it: one lane's thread with the actors and the client's socket
// on it, the log's own writer thread.
//   durable_server --fd N [--actors N] [--folder F]
// Peer: peers/prototype.cpp.
#include "actors/runtime/engine.hpp"
#include "bench/support/command_port.hpp"
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
  side(int fd, std::size_t actors, const std::string& folder) :
      ids_(actor_ids(actors)), store_(in(folder), random_), client_(lane_->context(), fd) {
    lane_->start();
  }
  ~side() { lane_->stop(); }

  void run() {
    lane_->post([this] { // everybody is there before the time runs
      for (const auto& id : ids_) {
        engine_.send<license::spec>(id, license::tick{}, from_,
                                    [this](const auto&) { finished_.release(); });
      }
    });
    for (std::size_t i = 0; i < ids_.size(); ++i) finished_.acquire();
    lane_->post([this] {
      write_all(client_.native_handle(), std::vector<answered>(1));
      read();
    });
    finished_.acquire();
  }

private:
  void read() { // on the lane
    client_.async_read_some(http::net::buffer(bytes_), [this](const auto& gone, std::size_t size) {
      if (gone) return finished_.release();
      asked_.take({bytes_.data(), size}, [this](const asked& one) { ask(one); });
      read();
    });
  }
  void ask(const asked& one) {
    from_.command = id_of(one);
    engine_.send<license::spec>(
        ids_[one.actor], command_of(one), from_,
        [this, slot = one.slot](const auto& result) { done(slot, result.error == errc::ok); });
  }
  void done(std::uint32_t slot, bool good) { // on the writer's thread
    std::lock_guard lock{mutex_};
    done_.push_back({slot, good ? 0u : 1u});
    if (done_.size() == 1) lane_->post([this] { tell(); });
  }
  void tell() { // on the lane
    {
      std::lock_guard lock{mutex_};
      told_.swap(done_);
    }
    write_all(client_.native_handle(), told_);
    told_.clear();
  }

  const std::vector<std::string> ids_;
  security::system_random random_;
  storage::rocks_store store_;
  storage::sealing_vault vault_{store_, random_};
  steady_time time_;
  std::shared_ptr<http::lane> lane_ = std::make_shared<http::lane>();
  runtime::engine engine_{{store_, vault_, time_, {lane_}}, 1};
  runtime::origin from_{tenant_id{"default"}, "agent-7f3k2m9x", {}, "session-1", 0};
  http::net::posix::stream_descriptor client_;
  std::array<char, 64 * 1024> bytes_;
  frames<asked> asked_;
  std::counting_semaphore<> finished_{0};
  std::mutex mutex_;
  std::vector<answered> done_, told_;
};

void run(const arguments& how) {
  const storage::temporary_folder own;
  const auto fd = static_cast<int>(how.number("--fd", -1));
  side{fd, how.count("--actors", 10'000), how.text("--folder", own.path())}.run();
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
