#include "media/recorder.hpp"

#include "core/decision.hpp"
#include "core/limits.hpp"
#include "media/recorder_file.hpp"
#include "media/recorder_track.hpp"
#include "observe/log.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace strowger::media {
namespace {

constexpr std::int64_t again_ms = 5'000; // what could not be filed is tried again

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

namespace job {
struct begin {
  std::int64_t at_us;
};
struct pause {
  std::int64_t at_us;
};
struct resume {
  std::int64_t at_us;
};
struct end {};
struct packet {
  std::uint32_t leg;
  sound codec;
  std::uint32_t ssrc, timestamp;
  std::int64_t arrived_us;
  std::vector<std::uint8_t> payload;
};
struct mend {};
struct filed {
  std::string file;
  errc how;
};
} // namespace job

struct task {
  recording_key key;
  std::variant<job::begin, job::pause, job::resume, job::end, job::packet, job::mend, job::filed>
      what;
};

class disk_recorder final : public recorder {
public:
  disk_recorder(std::string folder, recorder_port to) :
      root_(std::move(folder)), port_(std::move(to)), thread_([this] { run(); }) {}

  ~disk_recorder() override {
    {
      std::lock_guard lock{inbox_->mutex};
      inbox_->stop = true;
    }
    inbox_->ready.notify_one();
    thread_.join();
  }

  void begin(const recording_key& k, std::int64_t at) override { post({k, job::begin{at}}); }
  void pause(const recording_key& k, std::int64_t at) override { post({k, job::pause{at}}); }
  void resume(const recording_key& k, std::int64_t at) override { post({k, job::resume{at}}); }
  void end(const recording_key& k) override { post({k, job::end{}}); }
  void mend_all() override { post({{}, job::mend{}}); }

  tap_sink leg(const recording_key& key, std::uint32_t leg, std::vector<voice> from) override {
    return [box = inbox_, key, leg, from = std::move(from)](const tapped& p) {
      for (const auto& each : from) {
        if (each.payload_type != p.payload_type) continue;
        box->post({key, job::packet{leg,
                                    each.codec,
                                    p.ssrc,
                                    p.timestamp,
                                    p.arrived_us,
                                    {p.payload.begin(), p.payload.end()}}});
        return;
      }
    };
  }

private:
  struct inbox { // outlives the recorder for those that answer late
    std::mutex mutex;
    std::condition_variable ready;
    std::deque<task> tasks;
    std::size_t bytes = 0;
    std::uint64_t dropped = 0;
    bool stop = false;

    void post(task what) {
      {
        std::lock_guard lock{mutex};
        if (const auto* p = std::get_if<job::packet>(&what.what)) {
          if (stop || bytes + p->payload.size() > limits::recorder_queue_bytes_max) {
            ++dropped;
            return;
          }
          bytes += p->payload.size() + sizeof(task);
        }
        tasks.push_back(std::move(what));
      }
      ready.notify_one();
    }
  };
  struct open_file {
    recorder_file file;
    recording_track track;
  };
  struct recording {
    recording_clock clock;
    std::map<std::pair<std::uint32_t, sound>, open_file> files;
    bool refused = false; // it was told that it ends: what still comes is dropped
  };
  struct waiting {
    recording_key key;
    answer::recorded_file file;
    std::int64_t again_at;
  };

  void post(task what) { inbox_->post(std::move(what)); }
  void run();
  void work(std::deque<task> batch);
  void take(const recording_key&, const job::packet&);
  void finish(const recording_key&);
  void mend_left();
  void sync_all();
  void refuse(const recording_key&, recording&, recording_end);
  void file(const recording_key&, const answer::recorded_file&);
  void answered(const recording_key&, const job::filed&);
  void file_again();

  const std::string root_;
  const recorder_port port_;
  const std::shared_ptr<inbox> inbox_ = std::make_shared<inbox>();
  // The thread's own.
  std::map<recording_key, recording> open_;
  std::vector<waiting> unfiled_;
  std::size_t files_ = 0;
  std::uint64_t dropped_ = 0;
  std::int64_t synced_at_ = 0;
  std::thread thread_; // last: it uses all of these
};

void disk_recorder::run() {
  synced_at_ = steady_ms();
  for (;;) {
    std::deque<task> batch;
    bool stop = false;
    std::uint64_t dropped = 0;
    {
      std::unique_lock lock{inbox_->mutex};
      inbox_->ready.wait_for(lock, std::chrono::milliseconds{1'000},
                             [&] { return !inbox_->tasks.empty() || inbox_->stop; });
      batch = std::exchange(inbox_->tasks, {});
      inbox_->bytes = 0;
      stop = inbox_->stop;
      dropped = inbox_->dropped;
    }
    work(std::move(batch));
    if (dropped != std::exchange(dropped_, dropped))
      log::warning("The disk is too slow for what is recorded", {{"packets_dropped", dropped}});
    const auto now = steady_ms();
    if (now - synced_at_ >= limits::recording_sync_ms) {
      synced_at_ = now;
      sync_all();
      file_again();
    }
    if (stop) break;
  }
  while (!open_.empty()) finish(open_.begin()->first);
}

void disk_recorder::work(std::deque<task> batch) {
  for (auto& each : batch) {
    const auto it = open_.find(each.key);
    const bool known = it != open_.end();
    std::visit(
        overloaded{[&](const job::begin& x) {
                     open_.try_emplace(each.key, recording{recording_clock{x.at_us}, {}, false});
                   },
                   [&](const job::pause& x) {
                     if (!known) return;
                     it->second.clock.pause(x.at_us);
                     for (auto& [leg, f] : it->second.files) f.track.begin_anew();
                   },
                   [&](const job::resume& x) {
                     if (known) it->second.clock.resume(x.at_us);
                   },
                   [&](const job::end&) { finish(recording_key{each.key}); },
                   [&](const job::packet& x) { take(each.key, x); },
                   [&](const job::mend&) { mend_left(); },
                   [&](const job::filed& x) { answered(each.key, x); }},
        each.what);
  }
}

void disk_recorder::take(const recording_key& key, const job::packet& p) {
  const auto it = open_.find(key);
  if (it == open_.end() || it->second.refused || it->second.clock.paused()) return;
  auto& r = it->second;
  auto f = r.files.find({p.leg, p.codec});
  if (f == r.files.end()) {
    if (files_ >= limits::recorder_files_max) return refuse(key, r, recording_end::limit_reached);
    std::error_code ignored;
    std::filesystem::create_directories(root_, ignored);
    auto made = free_bytes(root_) < limits::recording_disk_free_bytes_min
                    ? std::nullopt
                    : recorder_file::make(root_, key, p.leg, p.codec);
    if (!made) return refuse(key, r, recording_end::storage_failed);
    ++files_;
    f = r.files
            .try_emplace({p.leg, p.codec},
                         open_file{std::move(*made), recording_track{rate_of(p.codec)}})
            .first;
  }
  auto& [file, track] = f->second;
  const auto silence =
      track.gap(p.ssrc, p.timestamp, r.clock.elapsed_us(p.arrived_us), file.samples());
  if (!silence) return;
  if (!file.add(p.payload, *silence)) return refuse(key, r, recording_end::storage_failed);
  if (file.bytes() > limits::recording_bytes_max || file.length_ms() > limits::recording_ms_max)
    refuse(key, r, recording_end::limit_reached);
}

// The call is told; it ends the recording, and that ends it here.
void disk_recorder::refuse(const recording_key& key, recording& r, recording_end why) {
  r.refused = true;
  log::warning("A recording ends", {{"call_id", key.call.value}, {"why", name_of(why)}});
  port_.ended(key, why);
}

void disk_recorder::finish(const recording_key& key) {
  auto it = open_.find(key);
  if (it == open_.end()) return;
  auto files = std::move(it->second.files);
  open_.erase(it);
  for (auto& [leg, f] : files) {
    --files_;
    if (const auto done = f.file.end()) file(key, *done);
  }
}

void disk_recorder::sync_all() {
  const bool full = !open_.empty() && free_bytes(root_) < limits::recording_disk_free_bytes_min;
  for (auto& [key, r] : open_)
    for (auto& [leg, f] : r.files)
      if (!r.refused && (full || !f.file.sync())) refuse(key, r, recording_end::storage_failed);
}

void disk_recorder::mend_left() {
  for (const auto& note : notes_below(root_)) {
    bool of_this_start = false;
    const auto left = mend_file(
        note, [&](const recording_key& key) { return of_this_start = open_.contains(key); });
    if (of_this_start) continue;
    if (!left) {
      log::warning("A recording cannot be mended", {{"note", note}});
      continue;
    }
    port_.ended(left->key, recording_end::server_restarted);
    file(left->key, left->file);
  }
}

void disk_recorder::file(const recording_key& key, const answer::recorded_file& what) {
  unfiled_.push_back({key, what, steady_ms() + again_ms});
  port_.filed(key, what, [box = inbox_, key, name = what.file](errc how) {
    box->post({key, job::filed{name, how}});
  });
}

void disk_recorder::answered(const recording_key& key, const job::filed& x) {
  // What the call will never take is left as it is; what it may take later is asked again.
  const bool later = x.how == errc::busy || x.how == errc::outcome_unknown ||
                     x.how == errc::storage_failed || x.how == errc::media_unavailable;
  if (later) return;
  if (x.how != errc::ok)
    log::warning("A recording is not in its call", {{"call_id", key.call.value}, {"file", x.file}});
  remove_note(root_, key, x.file);
  std::erase_if(unfiled_, [&](const auto& w) { return w.key == key && w.file.file == x.file; });
}

void disk_recorder::file_again() {
  const auto now = steady_ms();
  for (auto& each : unfiled_) {
    if (each.again_at > now) continue;
    each.again_at = now + again_ms;
    port_.filed(each.key, each.file,
                [box = inbox_, key = each.key, name = each.file.file](errc how) {
                  box->post({key, job::filed{name, how}});
                });
  }
}

} // namespace

std::unique_ptr<recorder> recorder::start(std::string folder, recorder_port to) {
  return std::make_unique<disk_recorder>(std::move(folder), std::move(to));
}

} // namespace strowger::media
