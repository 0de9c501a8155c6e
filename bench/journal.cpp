// How fast the log acknowledges durable events, beside a plain RocksDB writer keyed by (stream,
// version) with one batch and one sync per group, in the same run.
//   journal_bench [seconds per row] [streams] [folder]
#include "storage/bytes.hpp"
#include "storage/rocks_store.hpp"
#include "storage/temporary_folder.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <sys/resource.h>
#include <thread>
#include <unordered_map>

namespace strowger::bench {
namespace {

using clock = std::chrono::steady_clock;
using storage::append;
using storage::append_result;

constexpr std::size_t payload_bytes = 200;

// Half text that repeats, half noise: what a log of sealed events compresses like.
std::string payload(std::uint64_t seed) {
  std::string out = "status:registered;tenant:acme-corp;ext:1001;reason:normal;codec:opus;at:2026;";
  out.resize(payload_bytes / 2, '.');
  while (out.size() < payload_bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    out.push_back(static_cast<char>(seed >> 56));
  }
  return out;
}

// The obvious design: what the log is compared with. Checks expected versions, too.
class plain_writer {
public:
  explicit plain_writer(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 64 << 20;
    options.max_background_jobs = 2;
    options.compression = rocksdb::kLZ4Compression;
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(options, path, &opened).ok()) throw std::runtime_error{"no database"};
    db_.reset(opened);
    thread_ = std::thread{[this] { run(); }};
  }
  ~plain_writer() {
    {
      std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
    db_->Close().PermitUncheckedError();
  }
  void submit(append what) {
    {
      std::lock_guard lock{mutex_};
      waiting_.push_back(std::move(what));
    }
    changed_.notify_one();
  }

private:
  void run() {
    std::vector<append> taken;
    for (;;) {
      taken.clear();
      {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        taken.swap(waiting_);
      }
      commit(taken);
    }
  }
  void commit(std::vector<append>& group) {
    rocksdb::WriteBatch batch;
    rocksdb::WriteOptions how;
    how.sync = true;
    bool good = true;
    for (auto& a : group) {
      auto& version = versions_[a.stream.id];
      good = good && version == a.expected;
      for (auto& e : a.events) {
        std::string key = a.stream.tenant.value + '/' + a.stream.kind + '/' + a.stream.id + '/';
        storage::put_be64(key, ++version);
        const auto value = e.tag + e.payload + a.meta.principal + a.meta.command.value;
        good = good && batch.Put(key, value).ok();
      }
    }
    good = good && db_->Write(how, &batch).ok();
    for (auto& a : group) a.done({good ? errc::ok : errc::internal, 0});
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::unordered_map<std::string, std::uint64_t> versions_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<append> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

struct measured {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0; // of all threads, per event: what remains comparable on a busy machine
  std::size_t refused = 0;
};

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// `producers` closed loops, each with one append under way, driven by one thread: the next append
// of a producer is submitted when its last one was acknowledged.
class producers {
public:
  producers(std::size_t count, std::size_t streams) : next_(count), versions_(streams) {
    for (std::size_t p = 0; p < count; ++p) next_[p] = p % streams;
    for (std::size_t i = 0; i < 64; ++i) payloads_.push_back(payload(i));
  }

  template <class Store> measured run(Store& store, std::chrono::duration<double> time) {
    const auto start = clock::now();
    const auto cpu_before = cpu_seconds();
    for (std::size_t p = 0; p < next_.size(); ++p) store.submit(make(p));
    std::vector<std::size_t> got;
    std::size_t under_way = next_.size();
    while (under_way > 0) {
      {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return !done_.empty(); });
        got.swap(done_);
      }
      const auto now = clock::now();
      const bool over = now - start > time;
      for (const auto p : got) {
        latencies_.push_back(std::chrono::duration<float, std::micro>(now - sent_[p]).count());
        if (over)
          --under_way;
        else
          store.submit(make(p));
      }
      got.clear();
    }
    return sum_up(std::chrono::duration<double>(clock::now() - start).count(),
                  cpu_seconds() - cpu_before);
  }

private:
  append make(std::size_t producer) {
    const auto s = next_[producer];
    const auto further = s + next_.size();
    next_[producer] = further < versions_.size() ? further : producer % versions_.size();
    append out;
    out.stream = {tenant_id{"default"}, "call", "stream-" + std::to_string(s)};
    out.expected = versions_[s]++;
    out.events.push_back({"call.placed.v1", payloads_[(s + out.expected) % payloads_.size()]});
    out.meta.time = 1'700'000'000'000;
    out.meta.principal = "agent-7f3k2m9x";
    out.meta.command = command_id{"command-" + std::to_string(latencies_.size())};
    out.done = [this, producer](const append_result& r) {
      std::lock_guard lock{mutex_};
      if (r.error != errc::ok) ++refused_;
      done_.push_back(producer);
      if (done_.size() == 1) changed_.notify_one();
    };
    sent_.resize(next_.size());
    sent_[producer] = clock::now();
    return out;
  }

  measured sum_up(double seconds, double cpu) {
    std::ranges::sort(latencies_);
    const auto at = [&](double part) {
      return static_cast<double>(
          latencies_[static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1))]);
    };
    const auto events = static_cast<double>(latencies_.size());
    return {events / seconds, at(0.5), at(0.99), cpu / events * 1e6, refused_};
  }

  std::vector<std::size_t> next_;       // stream of each producer's next append
  std::vector<std::uint64_t> versions_; // of each stream; producers never share one at a time
  std::vector<clock::time_point> sent_;
  std::vector<std::string> payloads_;
  std::vector<float> latencies_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> done_;
  std::size_t refused_ = 0;
};

void print(const char* name, std::size_t count, const measured& m) {
  std::printf("| %-14s | %9zu | %10.0f | %8.0f | %8.0f | %9.2f |\n", name, count, m.per_second,
              m.p50_us, m.p99_us, m.cpu_us);
  if (m.refused > 0) std::printf("  %zu appends were refused: this row is wrong\n", m.refused);
  std::fflush(stdout);
}

int compare(double seconds, std::size_t streams, const std::string& folder) {
  const std::chrono::duration<double> time{seconds};
  security::system_random random;
  bool all_good = true;
  std::printf("200-byte events, %zu streams, %.1f s a row, in %s\n\n", streams, seconds,
              folder.c_str());
  std::printf("| writer         | producers |   events/s |   p50 us |   p99 us | cpu us/ev |\n");
  std::printf("| -------------- | --------: | ---------: | -------: | -------: | --------: |\n");
  for (const std::size_t count : {1, 64, 256, 1024}) {
    const auto place = folder + "/" + std::to_string(count);
    measured plain, log;
    {
      plain_writer store{place + "-plain"};
      plain = producers{count, streams}.run(store, time);
    }
    {
      storage::rocks_options options;
      options.path = place + "-log";
      storage::rocks_store store{options, random};
      log = producers{count, streams}.run(store, time);
    }
    print("plain RocksDB", count, plain);
    print("strowger log", count, log);
    all_good = all_good && plain.refused == 0 && log.refused == 0;
    std::filesystem::remove_all(place + "-plain");
    std::filesystem::remove_all(place + "-log");
  }
  return all_good ? 0 : 1;
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  const double seconds = count > 1 ? std::stod(words[1]) : 3.0;
  const std::size_t streams = count > 2 ? std::stoul(words[2]) : 10'000;
  const strowger::storage::temporary_folder own;
  return strowger::bench::compare(seconds, streams, count > 3 ? words[3] : own.path());
}
