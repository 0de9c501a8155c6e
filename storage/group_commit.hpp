// The writer's thread of rocks_store: takes every waiting append, numbers the events, writes them
// as one synced group, and answers. For rocks_store.
#pragma once

#include "storage/durable_mark.hpp"
#include "storage/record_format.hpp"
#include "storage/rocks_folder.hpp"
#include "storage/stream_index.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace strowger::storage {

class group_commit {
public:
  // `last` is the log's last position.
  group_commit(rocks_folder& folder, stream_index& index, std::size_t waiting_max, position last);
  ~group_commit();

  void start(durable_mark& mark); // which must outlive this
  void submit(append what);       // any thread
  void listen(commit_listener listener) { listener_ = std::move(listener); }
  // Before start: told how many seconds each group took until it was synced. Writer's thread.
  void time(std::function<void(double)> timed) { timed_ = std::move(timed); }
  void own(incarnation epoch) { epoch_ = epoch; }
  position durable() const { return durable_.load(std::memory_order_acquire); }
  std::string failure() const;
  void stop();

private:
  struct answered {
    std::size_t appends = 0; // how many of the taken ones the group holds
    std::vector<append_result> results;
    std::vector<record> records;
  };
  void run();
  bool take_waiting();
  void commit_some();
  answered stage(std::size_t first);
  void write(const std::vector<record>& records, const group_writer& bytes);
  void fail(const std::string& why);

  rocks_folder& folder_;
  stream_index& index_;
  const std::size_t waiting_max_;
  durable_mark* mark_ = nullptr; // set while it runs
  commit_listener listener_;
  std::function<void(double)> timed_;
  std::atomic<incarnation> epoch_ = 0;
  std::atomic<position> durable_;

  mutable std::mutex mutex_;
  std::condition_variable waiting_changed_;
  std::vector<append> waiting_;
  std::string failure_;
  bool stopping_ = false;
  bool sleeping_ = false;
  std::atomic<std::size_t> unanswered_ = 0;
  std::atomic<bool> closed_ = true; // not started, failed or stopped

  std::vector<append> taken_; // the writer's own
  std::size_t next_ = 0;      // of taken_
  std::string prefix_;        // of the append that is being staged
  group_writer group_;
  std::thread thread_;
};

} // namespace strowger::storage
