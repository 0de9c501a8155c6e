// What a long log costs: license events (a seat taken, a seat released) over many streams, written
// as fast as they go; then, at each size, the folder is opened anew and read.
//   replay_bench [--sizes 1000000,10000000] [--streams N] [--folder F] [--json]
// One line per size: events/s while it grew, bytes on disk per event, bytes written per byte of
// payload, milliseconds to open, one stream of a hundred events read (p50, p99), and on one core:
// replay (read, decode, fold every event) and verify (read, checksums, positions, versions, chain).
#include "actors/license/license.hpp"
#include "bench/support/license_question.hpp"
#include "bench/support/measure.hpp"
#include "storage/codec.hpp"
#include "storage/rocks_store.hpp"
#include "storage/sealing_vault.hpp"
#include "storage/temporary_folder.hpp"

#include <atomic>
#include <optional>
#include <semaphore>
#include <sstream>
#include <unordered_map>

namespace strowger::bench {
namespace {

constexpr std::ptrdiff_t in_flight = 1'024; // appends, so groups have a usual size
constexpr std::size_t page = 4096;
constexpr auto day_ms = 1'700'000'000'000;
const tenant_id tenant{"default"};

class growing_log {
public:
  growing_log(std::string path, std::size_t streams) :
      path_(std::move(path)), ids_(actor_ids(streams)) {
    open();
  }

  void grow_to(std::size_t size) {
    for (; made_ < size; ++made_) {
      free_.acquire();
      store_->submit(make(made_));
    }
    for (std::ptrdiff_t i = 0; i < in_flight; ++i) free_.acquire(); // everything was answered
    free_.release(in_flight);
    if (refused_ > 0) throw std::runtime_error{"an append was refused"};
  }
  void close() { store_.reset(); }
  void open() {
    storage::rocks_options options;
    options.path = path_;
    store_.emplace(options, random_);
    vault_.emplace(*store_, random_);
  }

  std::size_t replay() {
    std::unordered_map<std::string, license::state> all;
    each([&](const storage::record& r) {
      auto& state = all[r.stream];
      state =
          license::evolve(std::move(state),
                          storage::decode_event<license::event>(r.tag, r.payload, tenant, *vault_));
    });
    return all.size();
  }
  std::size_t verify() {
    std::unordered_map<std::string, std::pair<version, position>> heads;
    position last = 0;
    each([&](const storage::record& r) {
      auto& head = heads[r.stream];
      const bool good = r.at == ++last && r.tenant_sequence == last &&
                        r.version == head.first + 1 && r.previous == head.second;
      if (!good) throw std::runtime_error{"the log is wrong at " + std::to_string(r.at)};
      head = {r.version, r.at};
    });
    return last;
  }
  percentiles read_streams() {
    percentiles out;
    for (std::size_t i = 0; i < 50; ++i) {
      const storage::stream_key key{tenant, "license", ids_[i * 7919 % ids_.size()]};
      const auto start = steady::now();
      const auto found = store_->read_stream(key, 1, 100).size();
      out.add_since(start);
      if (found != std::min<std::size_t>(100, made_ / ids_.size()))
        throw std::runtime_error{"a stream is short"};
    }
    return out;
  }

  double payload() const { return payload_; }
  const std::string& path() const { return path_; }

private:
  template <class Visit> void each(Visit visit) {
    for (position from = 1;;) {
      const auto records = store_->read_log(from, page);
      if (records.empty()) return;
      for (const auto& r : records) visit(r);
      from = records.back().at + 1;
    }
  }
  license::event event(std::size_t n, version v) const {
    const agent_id holder{ids_[(n + v / 2) % ids_.size()]};
    const session_id session{ids_[(n * 31 + v / 2) % ids_.size()]};
    if (v == 0) return license::issued{"standard", 250, 250, true, never, day_ms};
    if (v % 2 == 1) return license::seat_taken{holder, session, day_ms};
    return license::seat_released{agent_id{ids_[(n + (v - 1) / 2) % ids_.size()]}, session, day_ms};
  }
  storage::append make(std::size_t i) {
    storage::append out;
    const auto stream = i % ids_.size();
    out.stream = {tenant, "license", ids_[stream]};
    out.expected = i / ids_.size();
    out.events.push_back(storage::encode_event(event(stream, out.expected), tenant, *vault_));
    payload_ += static_cast<double>(out.events.front().payload.size());
    out.meta.time = day_ms + static_cast<time_ms>(i);
    out.meta.principal = "agent-7f3k2m9x";
    out.meta.command = command_id{ids_[i * 13 % ids_.size()]};
    out.done = [this](const storage::append_result& r) {
      if (r.error != errc::ok) ++refused_;
      free_.release();
    };
    return out;
  }

  std::string path_;
  std::vector<std::string> ids_;
  security::system_random random_;
  std::optional<storage::rocks_store> store_;
  std::optional<storage::sealing_vault> vault_;
  std::size_t made_ = 0;
  double payload_ = 0;
  std::counting_semaphore<in_flight> free_{in_flight};
  std::atomic<std::size_t> refused_ = 0;
};

void at(growing_log& log, double size, line& out) {
  auto start = steady::now();
  log.open();
  out.with("open_ms", seconds_since(start) * 1000);
  const auto streams = log.read_streams();
  out.with("stream_p50_us", streams.us(0.5)).with("stream_p99_us", streams.us(0.99));
  start = steady::now();
  log.replay();
  out.with("replay_per_second", size / seconds_since(start));
  start = steady::now();
  log.verify();
  out.with("verify_per_second", size / seconds_since(start));
}

void run(const arguments& how) {
  const storage::temporary_folder own;
  growing_log log{how.text("--folder", own.path()) + "/log", how.count("--streams", 10'000)};
  const auto written = written_bytes();
  std::istringstream sizes{how.text("--sizes", "1000000")};
  std::size_t before = 0;
  for (std::string word; std::getline(sizes, word, ',');) {
    const auto size = std::stoul(word);
    const auto start = steady::now();
    log.grow_to(size);
    line out;
    out.with("events", static_cast<double>(size));
    out.with("per_second", static_cast<double>(size - before) / seconds_since(start));
    log.close();
    out.with("disk_per_event", folder_bytes(log.path()) / static_cast<double>(size));
    out.with("disk_per_payload", folder_bytes(log.path()) / log.payload());
    out.with("written_per_payload", (written_bytes() - written) / log.payload());
    at(log, static_cast<double>(size), out);
    out.print(how);
    before = size;
  }
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
