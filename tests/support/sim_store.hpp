// Test only: an event store whose writer is a simulated thread. Between submit, the disk, the
// answers and the publisher's news other threads run; appends can be refused or lost on the way.
#pragma once

#include "core/buggify.hpp"
#include "storage/event_store.hpp"
#include "tests/support/sim_threads.hpp"

namespace strowger::sim {

class sim_store : public storage::event_store {
public:
  // `inner` commits at once and survives; `writer` dies with the server.
  sim_store(storage::event_store& inner, sim_threads& threads, std::shared_ptr<sim_thread> writer);

  std::size_t waiting() const { return waiting_.size(); }
  bool next_writes() const { return !waiting_.empty() && !waiting_.front().events.empty(); }
  // The writer commits the first `count` waiting appends as one group.
  void commit(std::size_t count);
  void commit_silently() { write(1); } // and nobody is told: the server dies now
  // The write of the first `count` fails: they are on the disk or not, nobody is told. From now on
  // everything is answered outcome_unknown.
  void fail_write(std::size_t count, bool written);
  // The queue is full for the last waiting append: it is refused, nothing is written.
  void refuse_last();
  void drop() { waiting_.clear(); } // a crash: what was not written is gone
  bool failed() const { return failed_; }
  void sleep(duration_ms span); // nothing is written meanwhile
  bool asleep() const { return asleep_; }
  // Told of every append that reached the disk: where one ends and the next begins.
  std::function<void(const storage::stream_key&, const storage::metadata&)> on_append;

  void submit(storage::append what) override;
  std::vector<storage::record> read_stream(const storage::stream_key& s, version from,
                                           std::size_t max) const override {
    return inner_.read_stream(s, from, max);
  }
  std::vector<storage::record> read_log(position from, std::size_t max) const override {
    return inner_.read_log(from, max);
  }
  position durable() const override { return inner_.durable(); }
  void put_snapshot(const storage::stream_key& s, const storage::snapshot& what) override {
    if (!buggify(point::snapshot_not_kept)) inner_.put_snapshot(s, what);
  }
  std::optional<storage::snapshot> get_snapshot(const storage::stream_key& s) const override {
    return inner_.get_snapshot(s);
  }
  void put_view(std::string_view name, position up_to, std::string_view bytes) override {
    if (!buggify(point::view_not_kept)) inner_.put_view(name, up_to, bytes);
  }
  std::optional<std::pair<position, std::string>> get_view(std::string_view name) const override {
    return inner_.get_view(name);
  }
  void listen(storage::commit_listener listener) override { listener_ = std::move(listener); }
  void own(incarnation epoch) override { inner_.own(epoch); }
  void stop() override { failed_ = true; }

private:
  struct answer {
    storage::append_done done;
    storage::append_result result;
  };
  std::vector<answer> write(std::size_t count);
  void tell_news();

  storage::event_store& inner_;
  sim_threads& threads_;
  std::shared_ptr<sim_thread> writer_;
  storage::commit_listener listener_;
  std::deque<storage::append> waiting_;
  bool failed_ = false;
  bool asleep_ = false;
  std::deque<std::vector<storage::record>> news_; // of the publisher, in log order
};

} // namespace strowger::sim
