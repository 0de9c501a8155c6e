#include "tests/support/sim_store.hpp"

namespace strowger::sim {

sim_store::sim_store(storage::event_store& inner, sim_threads& threads,
                     std::shared_ptr<sim_thread> writer) :
    inner_(inner),
    threads_(threads), writer_(std::move(writer)) {}

void sim_store::submit(storage::append what) {
  if (failed_) {
    writer_->post([done = std::move(what.done)] {
      if (done) done({errc::outcome_unknown, 0});
    });
    return;
  }
  waiting_.push_back(std::move(what));
  if (buggify(point::append_is_refused)) refuse_last();
}

void sim_store::sleep(duration_ms span) {
  asleep_ = true;
  writer_->post_after(span, [this] { asleep_ = false; });
}

// Late news go with those that come next, in log order.
void sim_store::tell_news() {
  if (news_.empty()) return;
  const auto group = std::move(news_.front());
  news_.pop_front();
  if (!listener_) return;
  if (!buggify(point::news_in_pieces)) return listener_(group);
  for (const auto& r : group) listener_({r});
}

std::vector<sim_store::answer> sim_store::write(std::size_t count) {
  std::vector<answer> answers;
  for (; count > 0 && !waiting_.empty(); --count) {
    auto what = std::move(waiting_.front());
    waiting_.pop_front();
    answer a{std::move(what.done), {}};
    what.done = [&a](const storage::append_result& r) { a.result = r; };
    const auto key = what.stream;
    const auto meta = what.meta;
    const bool writes = !what.events.empty();
    inner_.submit(std::move(what));
    if (on_append && writes && a.result.error == errc::ok) on_append(key, meta);
    answers.push_back(std::move(a));
  }
  return answers;
}

void sim_store::commit(std::size_t count) {
  const auto before = inner_.durable();
  auto answers = write(count);
  const auto after = inner_.durable();
  threads_.mix(after);
  // Each answer is a step of its own, then the group is news: a crash may fall between any two.
  for (auto& a : answers)
    writer_->post([a = std::move(a)] {
      if (a.done) a.done(a.result);
    });
  if (after == before) return;
  news_.push_back(inner_.read_log(before + 1, after - before));
  if (buggify(point::news_is_late)) return writer_->post_after(100, [this] { tell_news(); });
  writer_->post([this] { tell_news(); });
}

void sim_store::fail_write(std::size_t count, bool written) {
  failed_ = true;
  if (written) {
    for (auto& a : write(count)) {
      a.result = {errc::outcome_unknown, 0};
      writer_->post([a = std::move(a)] {
        if (a.done) a.done(a.result);
      });
    }
  }
  for (auto& what : std::exchange(waiting_, {}))
    writer_->post([done = std::move(what.done)] {
      if (done) done({errc::outcome_unknown, 0});
    });
}

void sim_store::refuse_last() {
  if (waiting_.empty()) return;
  auto what = std::move(waiting_.back());
  waiting_.pop_back();
  writer_->post([done = std::move(what.done)] {
    if (done) done({errc::busy, 0});
  });
}

} // namespace strowger::sim
