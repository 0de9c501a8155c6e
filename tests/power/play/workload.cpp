#include "tests/power/play/workload.hpp"

#include <chrono>
#include <thread>

namespace strowger::power {

using storage::append_result;
using storage::storage_error;

workload::workload(storage::rocks_store& store, oracle& judge, dice luck, work what) :
    store_(store), judge_(judge), luck_(luck), what_(what), heads_(judge.heads()), sure_(heads_) {}

storage::stream_key workload::stream(std::uint64_t number) const {
  return {tenant_id{number % 3 == 0 ? "acme" : "other"}, number % 2 == 0 ? "call" : "extension",
          "stream " + std::to_string(number)};
}

void workload::run() {
  if (what_.producers > 0) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < what_.producers; ++i)
      threads.emplace_back([this, i, luck = dice{luck_.next()}] { produce(i, luck); });
    for (auto& t : threads) t.join();
    return;
  }
  storage::append barrier; // its answer comes on the writer's thread: from there on all is in order
  barrier.done = [this](const append_result& r) {
    if (r.error == errc::ok)
      step();
    else
      finish();
  };
  store_.submit(std::move(barrier));
  wait();
}

void workload::wait() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return finished_; })) {
    std::fprintf(stderr, "an append was not answered within a minute\n");
    std::abort(); // its callback would come into what is gone
  }
}

void workload::finish() {
  std::lock_guard lock{mutex_};
  finished_ = true;
  changed_.notify_all();
}

void workload::step() {
  if (failed_ || steps_++ == what_.steps) return finish();
  try {
    do_something_beside(luck_);
  } catch (const storage_error&) {
    return finish(); // the disk says no; whether it may, the player knows
  }
  send_batch();
}

void workload::send_batch() {
  const auto size = luck_.between(1, what_.batch_max);
  unanswered_ = size;
  for (std::size_t i = 0; i < size; ++i) send(stream(luck_.below(what_.streams)), luck_.chance(3));
}

void workload::send(const stream_key& to, bool wrong) {
  const auto events = luck_.chance(3) ? 0 : luck_.chance(60) ? 1 : luck_.between(2, 5);
  const auto bytes =
      luck_.below(10) == 0 ? luck_.below(20 * what_.bytes_max) : luck_.below(what_.bytes_max);
  auto& head = heads_[to];
  std::uint64_t id = 0;
  auto what = judge_.next(to, wrong ? head + luck_.between(1, 3) : head, events, bytes, id);
  if (!wrong) head += events;
  const auto after = head;
  what.done = [this, id, wrong, to, after](const append_result& r) {
    if (r.error == errc::ok) sure_[to] = after;
    got(id, wrong, r);
  };
  store_.submit(std::move(what));
}

void workload::got(std::uint64_t id, bool wrong, const append_result& r) {
  judge_.answered(id, r);
  if (r.error == errc::outcome_unknown)
    failed_ = true;
  else if ((r.error == errc::ok) == wrong)
    judge_.fail("append " + std::to_string(id) +
                (wrong ? " with a wrong version was not refused"
                       : " with a right version was refused with error " +
                             std::to_string(static_cast<int>(r.error))));
  if (--unanswered_ == 0) step();
}

void workload::do_something_beside(dice& luck) {
  const auto some = stream(luck.below(what_.streams));
  if (luck.chance(20)) judge_.put_snapshot(store_, some, sure_[some], luck);
  if (luck.chance(10)) judge_.put_view(store_, "view " + std::to_string(luck.below(3)), luck);
  if (luck.chance(15)) make_a_key(luck);
  if (luck.chance(15)) judge_.check_stream(store_, some, sure_[some]);
}

void workload::make_a_key(dice& luck) {
  const tenant_id tenant{luck.chance(50) ? "acme" : "other"};
  const subject_id subject{"person " + std::to_string(luck.below(20))};
  judge_.key_made(tenant, subject, store_.find_or_create(tenant, subject));
}

// Streams of its own, so that it knows their versions; up to eight appends under way.
void workload::produce(std::size_t number, dice luck) {
  std::map<stream_key, version> heads = judge_.heads();
  std::size_t under_way = 0;
  bool failed = false;
  const auto all_but = [&](std::size_t left) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return under_way <= left; });
    return !failed;
  };
  for (std::size_t i = 0; i < what_.steps * what_.batch_max / 2 && all_but(7); ++i) {
    const auto to = stream(luck.below(what_.streams) * what_.producers + number);
    auto& head = heads[to];
    std::uint64_t id = 0;
    const auto events = luck.between(1, 3);
    auto what = judge_.next(to, head, events, luck.below(what_.bytes_max), id);
    head += events;
    what.done = [&, id](const append_result& r) {
      judge_.answered(id, r);
      if (r.error != errc::ok && r.error != errc::outcome_unknown)
        judge_.fail("a right version was refused");
      std::lock_guard lock{mutex_};
      failed |= r.error != errc::ok;
      --under_way;
      changed_.notify_all();
    };
    {
      std::lock_guard lock{mutex_};
      ++under_way;
    }
    store_.submit(std::move(what));
    try {
      if (luck.chance(5)) make_a_key(luck);
    } catch (const storage_error&) {
      break;
    }
  }
  all_but(0);
}

} // namespace strowger::power
