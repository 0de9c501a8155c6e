// Pairs of devices that call each other: dial, ring, answer, both told, hang up, both told. The
// same steps against Strowger and against the relays.
#pragma once

#include "bench/load/fleet.hpp"
#include "bench/support/measure.hpp"

#include <deque>

namespace strowger::load {

struct tally {                // since begin(); times in ns, from when a call was due
  bench::percentiles ring;    // until the callee hears of it
  bench::percentiles set_up;  // until both know that it was answered
  bench::percentiles refusal; // until a dial was refused
  std::uint64_t dialled = 0, rang = 0, answered = 0, ended = 0; // answered: both were told
  std::uint64_t refused = 0, failed = 0, lost = 0;              // lost: connections
  std::uint64_t answers_refused = 0, hang_ups_refused = 0;
  std::string last_refusal; // its code
};

class callers {
public:
  // `at_once`: calls of one pair at a time; Strowger allows eight of a device.
  callers(target& at, std::size_t pairs, std::size_t at_once = 1);

  // Keeps `under_way` calls going until the deadline; a caller who is refused waits as long as the
  // server asks for, and others call meanwhile.
  void keep_going(std::size_t under_way, nanos deadline);
  // One call each 1/rate seconds. Calls that find no free pair wait, and their time runs.
  void at_rate(double rate, double seconds);
  void finish(double patience_s); // places no more and waits for those under way
  void begin();                   // forgets the tally

  const tally& told() const { return tally_; }
  std::size_t under_way() const { return under_way_; }
  std::size_t waiting() const { return waiting_.size(); } // due, without a free pair
  fleet& devices() { return devices_; }

private:
  struct call {
    std::uint64_t dial = 0; // the message's id
    nanos due = 0;
    std::string id; // empty until it is known
    bool caller_told = false, callee_told = false, caller_done = false, callee_done = false;
  };
  struct early { // heard of at the callee, before the caller was told its id
    std::string id;
    nanos at = 0;
  };
  struct pair {
    std::vector<call> calls;
    std::vector<early> unnamed;
    std::vector<std::string> answered, taken; // told caller or callee before the id was known
    nanos not_before = 0;                     // after a refusal, without a rate
  };
  struct news;

  bool place(nanos due);
  void heard(std::size_t device, std::string_view text);
  void caller_heard(std::size_t index, const news& n);
  void callee_heard(std::size_t index, const news& n);
  void replied(std::size_t index, bool caller, const news& n);
  void name(std::size_t index, call& c, std::string_view id);
  void rang(const call& c, nanos at);
  void check_answered(std::size_t index, call& c);
  void check_ended(std::size_t index, call& c);
  void drop(std::size_t index, call& c);
  call* find(std::size_t index, std::string_view id);
  call* find_dialled(std::size_t index, std::uint64_t dial);

  target& target_;
  loop loop_;
  fleet devices_; // the callers, then the callees in the same order
  std::vector<pair> pairs_;
  const std::size_t at_once_;
  tally tally_;
  std::deque<nanos> waiting_;
  std::uint64_t next_id_ = 0;
  std::size_t next_pair_ = 0, under_way_ = 0, wanted_ = 0;
};

} // namespace strowger::load
