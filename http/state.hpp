// What all connections of one server share. Thread-safe where it changes.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "http/eio_table.hpp"
#include "http/options.hpp"
#include "http/static_files.hpp"
#include "security/rate_limit.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

namespace strowger::http {

// A live line to a client, as the drain sees it.
class connection {
public:
  virtual ~connection() = default;
  virtual void drain() = 0; // any thread: finish what runs, then close
  virtual void cut() = 0;   // any thread: close now
};

// The open connections, so that a drain can reach and await them.
class registry {
public:
  void add(connection* what, std::weak_ptr<connection> handle);
  void remove(connection* what);
  std::size_t size() const;
  // Asks each. A connection that comes afterwards sees state::draining; nobody waits for it.
  void drain_all();
  void cut_all();
  bool wait_empty(duration_ms at_most);

private:
  std::vector<std::shared_ptr<connection>> all() const;

  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::unordered_map<connection*, std::weak_ptr<connection>> open_, late_;
  bool draining_ = false;
};

// Wrong license keys, by address. Any thread.
class key_guard {
public:
  duration_ms wait_ms(const std::string& who, time_ms now) const {
    std::lock_guard lock{mutex_};
    return counts_.wait_ms(who, now);
  }
  void failed(const std::string& who, time_ms now) {
    std::lock_guard lock{mutex_};
    counts_.failed(who, now);
  }

private:
  mutable std::mutex mutex_;
  security::rate_limit counts_;
};

class media_door;

struct state {
  explicit state(options o);

  const options opt;
  std::atomic<runtime::gateway*> site{nullptr}; // null while it recovers
  const static_files files;
  const time_ms started_at;
  registry connections;
  std::atomic<media_door*> media{nullptr}; // set before site, if there is one
  key_guard link_keys;
  eio_table engine;
  std::atomic<bool> draining{false};

  bool recovered() const { return site.load() != nullptr; }
  bool serving() const { return !draining && recovered() && gateway().ready(); }
  runtime::gateway& gateway() const { return *site.load(); } // once it has recovered
  time_ms now() const { return opt.now(); }
};

} // namespace strowger::http
