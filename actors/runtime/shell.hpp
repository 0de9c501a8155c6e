// The shell runs any aggregate: fold, decide, append, and only then answer (promise 1).
// It decides on a tentative state at once; answers wait, in order, for the disk. Lane thread only.
#pragma once

#include "actors/runtime/messages.hpp"
#include "actors/runtime/ports.hpp"
#include "actors/runtime/shell_snapshot.hpp"
#include "core/buggify.hpp"
#include "core/limits.hpp"
#include "core/planted.hpp"
#include "observe/metrics.hpp"
#include "storage/codec.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <deque>
#include <memory>

namespace strowger::runtime {

struct shell_services { // of one shard; shared by all shells
  storage::event_store& store;
  storage::vault& vault;
  clock& time;
  incarnation node = 0;
  time_ms node_started_at = 0;
  // The log takes no more: what is in memory can no longer be trusted. Journal's thread.
  std::function<void()> storage_failed{};
};

// Shared between a shell and its appends in flight, which may outlive it.
struct shell_life {
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<bool> broken{false}; // an append failed: the memory must be dropped and folded again
};

template <aggregate A> class shell {
public:
  // Told after every command: the next deadline, and that an append failed (journal's thread).
  struct observer {
    std::function<void(time_ms)> wake_at;
    std::function<void()> failed;
  };

  shell(shell_services& services, storage::stream_key key, std::shared_ptr<shell_life> life,
        observer watch) :
      services_(services),
      key_(std::move(key)), life_(std::move(life)), watch_(std::move(watch)) {
    revive();
  }

  void handle(const envelope<A>& in) {
    metrics::add(metrics::counter::commands, A::kind);
    if (life_->broken) return answer(in, {errc::outcome_unknown, {}});
    if (buggify(point::snapshot_now) && life_->in_flight == 0) save_snapshot();
    if (life_->in_flight >= limits::held_replies_max || buggify(point::actor_is_busy))
      return answer(in, {errc::busy, {}});
    const auto heard = known(in.from.command);
    if (heard == seen::before) return settle(in, {errc::ok, A::reply_to(state_, in.command)});
    if (heard == seen::otherwise) return settle(in, {errc::command_id_reused, {}});
    const auto ctx = now();
    const auto outcome = A::decide(state_, in.command, ctx);
    if (outcome.refused()) {
      metrics::add(metrics::counter::commands_refused, A::kind);
      if (planted(bug::no_barrier_on_refusal)) return answer(in, {outcome.why(), {}});
      return settle(in, {outcome.why(), {}});
    }
    if (outcome.events().empty()) {
      watch_.wake_at(A::wake_at(state_, ctx));
      return settle(in, {errc::ok, A::reply_to(state_, in.command)});
    }
    write(in, outcome.events(), ctx);
    if (planted(bug::snapshot_of_unwritten)) save_snapshot();
  }

  void handle(const inspection<A>& in) {
    if (life_->broken) return in.look(errc::outcome_unknown, {});
    if (life_->in_flight == 0) return in.look(errc::ok, state_);
    auto copy = std::make_shared<const typename A::state>(state_);
    submit({}, {}, [look = in.look, copy](errc error) { look(error, *copy); });
  }

  void save_snapshot() { // only when nothing is in flight
    if (version_ == saved_) return;
    shell_snapshot<A> whole{state_, {window_.begin(), window_.end()}};
    if (planted(bug::window_not_in_snapshot)) whole.commands.clear();
    services_.store.put_snapshot(key_,
                                 {version_, storage::encode(whole, key_.tenant, services_.vault)});
    saved_ = version_;
  }

private:
  context now() const { return {services_.time.now(), services_.node, services_.node_started_at}; }

  void revive() {
    if (buggify(point::revival_fails)) throw std::runtime_error{"a stream that cannot be read"};
    if (auto saved = services_.store.get_snapshot(key_);
        saved && !buggify(point::snapshot_unused)) {
      auto whole = storage::decode<shell_snapshot<A>>(saved->bytes, key_.tenant, services_.vault);
      state_ = std::move(whole.state);
      window_.assign(whole.commands.begin(), whole.commands.end());
      version_ = saved_ = saved->version;
      if (planted(bug::snapshot_folded_twice) && version_ > 0) --version_;
    }
    for (;;) {
      const std::size_t page = buggify(point::stream_read_in_small_pages) ? 1 : 1024;
      const auto past = services_.store.read_stream(key_, version_ + 1, page);
      for (const auto& r : past) {
        state_ = A::evolve(std::move(state_), storage::decode_event<typename A::event>(
                                                  r.tag, r.payload, key_.tenant, services_.vault));
        version_ = r.version;
        remember(r.meta.command);
      }
      if (past.size() < page) break;
    }
    watch_.wake_at(A::wake_at(state_, now()));
  }

  void write(const envelope<A>& in, const std::vector<typename A::event>& events,
             const context& ctx) {
    std::vector<storage::event_data> data;
    for (const auto& e : events) {
      data.push_back(storage::encode_event(e, key_.tenant, services_.vault));
      if (planted(bug::second_event_not_folded) && data.size() > 1) continue;
      state_ = A::evolve(std::move(state_), e); // the next command sees it; nobody outside does yet
    }
    remember(in.from.command);
    const auto wake = A::wake_at(state_, ctx);
    storage::metadata meta{
        ctx.now, in.from.principal, in.from.command, in.from.correlation, in.from.causation, wake};
    result<A> good{errc::ok, A::reply_to(state_, in.command)};
    if (planted(bug::reply_before_disk)) {
      answer(in, good);
      submit(std::move(data), std::move(meta), [](errc) {});
    } else {
      submit(std::move(data), std::move(meta),
             [done = in.done, good, since = metrics::stopwatch{}](errc error) {
               if (done) done(error == errc::ok ? good : result<A>{error, {}});
               metrics::observe(metrics::histogram::command_seconds, since.seconds());
             });
    }
    watch_.wake_at(wake);
  }

  // Nothing new to write. An answer that repeats an unwritten fact waits for that fact.
  void settle(const envelope<A>& in, result<A> what) {
    const bool nothing_waits = life_->in_flight == 0 || planted(bug::no_barrier);
    if (nothing_waits && !buggify(point::barrier_anyway)) return answer(in, what);
    submit({}, {}, [done = in.done, what](errc error) {
      if (done) done(error == errc::ok ? what : result<A>{error, {}});
    });
  }

  void submit(std::vector<storage::event_data> events, storage::metadata meta,
              std::function<void(errc)> done) {
    ++life_->in_flight;
    metrics::change(metrics::gauge::journal_waiting, 1);
    const auto count = events.size();
    storage::append what{key_, version_, std::move(events), std::move(meta), {}};
    version_ += count;
    what.done = [life = life_, failed = watch_.failed, fatal = services_.storage_failed,
                 done = std::move(done)](const storage::append_result& r) {
      if (r.error != errc::ok && !planted(bug::broken_actor_goes_on))
        life->broken = true; // before anyone can see a free slot
      if (r.error != errc::ok) metrics::add(metrics::counter::append_failures);
      metrics::change(metrics::gauge::journal_waiting, -1);
      --life->in_flight;
      done(r.error == errc::internal ? errc::outcome_unknown : r.error);
      if (r.error != errc::ok) failed();
      if (r.error == errc::outcome_unknown && fatal) fatal();
    };
    services_.store.submit(std::move(what));
  }

  static std::string_view without_fingerprint(std::string_view id) {
    if (id.size() <= fingerprint_size) return id;
    const auto at = id.size() - fingerprint_size - 1;
    return id[at] == fingerprint_mark ? id.substr(0, at) : id;
  }
  enum class seen { never, before, otherwise }; // otherwise: with another fingerprint
  seen known(const command_id& id) const {
    if (planted(bug::no_command_window) || id.empty()) return seen::never;
    const auto name = without_fingerprint(id.value);
    for (const auto& past : window_)
      if (past.starts_with(name) && without_fingerprint(past) == name)
        return past == id.value ? seen::before : seen::otherwise;
    return seen::never;
  }
  void remember(const command_id& id) {
    if (id.empty()) return;
    if (!window_.empty() && window_.back() == id.value) return; // several events of one command
    window_.push_back(id.value);
    if (window_.size() > limits::command_window) window_.pop_front();
  }
  static void answer(const envelope<A>& in, const result<A>& what) {
    if (in.done) in.done(what);
  }

  shell_services& services_;
  storage::stream_key key_;
  std::shared_ptr<shell_life> life_;
  observer watch_;
  metrics::counted alive_{metrics::gauge::actors_live, A::kind};
  typename A::state state_{};
  version version_ = 0;
  version saved_ = 0;
  std::deque<std::string> window_; // ids of the last commands that wrote events
};

// The actor around a shell.
template <aggregate A> struct shell_holder {
  static constexpr const char* name = A::kind;
  std::shared_ptr<shell<A>> inner;
};
template <aggregate A> caf::behavior shell_actor(caf::stateful_actor<shell_holder<A>>* self,
                                                 std::shared_ptr<shell<A>> inner) {
  self->state.inner = std::move(inner);
  return {[self](const envelope<A>& in) { self->state.inner->handle(in); },
          [self](const inspection<A>& in) { self->state.inner->handle(in); }};
}

} // namespace strowger::runtime
