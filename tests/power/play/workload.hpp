// What a store is asked to do between two starts: appends to many streams, wrong ones among them,
// snapshots, views, keys, reads. For power::play.
#pragma once

#include "tests/power/play/oracle.hpp"

#include <condition_variable>

namespace strowger::power {

struct work {
  std::size_t steps = 20;      // each sends a batch and does something beside it
  std::size_t batch_max = 8;   // appends
  std::size_t streams = 12;    // of two tenants
  std::size_t bytes_max = 400; // of a payload; one in ten has more
  std::size_t producers = 0;   // threads that send as they like; 0: the writer's thread sends the
                               // next batch when it has answered the last one, the same every time
};

class workload {
public:
  workload(storage::rocks_store& store, oracle& judge, dice luck, work what);
  void run(); // until the work is done, or the store answers that it cannot

private:
  using stream_key = storage::stream_key;
  stream_key stream(std::uint64_t number) const;
  void step();
  void send_batch();
  void send(const stream_key& to, bool wrong);
  void got(std::uint64_t id, bool wrong, const storage::append_result& result);
  void do_something_beside(dice& luck);
  void make_a_key(dice& luck);
  void finish();
  void wait();
  void produce(std::size_t number, dice luck);

  storage::rocks_store& store_;
  oracle& judge_;
  dice luck_;
  const work what_;
  std::map<stream_key, version> heads_; // of what was sent
  std::map<stream_key, version> sure_;  // of what was acknowledged

  std::mutex mutex_; // of what follows
  std::condition_variable changed_;
  std::size_t unanswered_ = 0, steps_ = 0;
  bool finished_ = false, failed_ = false;
};

} // namespace strowger::power
