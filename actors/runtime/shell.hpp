// The shell runs any aggregate: fold, decide, append, and only then answer (promise 1).
// It decides on a tentative state at once; answers wait, in order, for the disk. Lane thread only.
#pragma once

#include "actors/runtime/mailbox_actor.hpp"
#include "actors/runtime/messages.hpp"
#include "actors/runtime/services.hpp"
#include "actors/runtime/shell_snapshot.hpp"
#include "core/buggify.hpp"
#include "core/limits.hpp"
#include "core/planted.hpp"
#include "observe/metrics.hpp"
#include "storage/codec.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace strowger::runtime {

struct shell_life;
// Who keeps shells in memory and wakes them.
class shell_host {
public:
  virtual ~shell_host() = default;
  virtual void wake_at(const shell_life& whose, time_ms at) = 0;           // lane thread
  virtual void over(const shell_life& whose) = 0;                          // lane thread
  virtual void failed(const std::shared_ptr<const shell_life>& whose) = 0; // journal's thread
};

// What a shell shares with its appends in flight, which may outlive it.
struct shell_life {
  const storage::stream_key key;
  const std::uint64_t hash; // of the key, see directory.hpp
  const std::weak_ptr<shell_host> host;
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<bool> broken{false}; // an append failed: the memory must be dropped and folded again
  // The deadline that the host was told last. Lane thread; reset when it has passed.
  static constexpr time_ms untold = never - 1;
  mutable time_ms wake_told = untold;
};

// What can be done with a shell without knowing whose it is.
class any_shell {
public:
  virtual ~any_shell() = default;
  virtual void save_snapshot() = 0; // only when nothing is in flight
};

template <aggregate A> class shell final : public any_shell {
public:
  shell(shell_services& services, std::shared_ptr<shell_life> life) :
      services_(services), life_(std::move(life)) {
    revive();
  }

  void handle(envelope<A>&& in) {
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
      tell_wake(A::wake_at(state_, ctx));
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

  void save_snapshot() override {
    if (version_ == saved_) return;
    shell_snapshot<A> whole{state_, {}};
    for (std::size_t i = 0; i < window_.size(); ++i)
      whole.commands.push_back(window_[(oldest_ + i) % window_.size()].id);
    if (planted(bug::window_not_in_snapshot)) whole.commands.clear();
    services_.store.put_snapshot(key(),
                                 {version_, storage::encode(whole, key().tenant, services_.vault)});
    saved_ = version_;
  }

private:
  const storage::stream_key& key() const { return life_->key; }
  void tell_wake(time_ms at) {
    if (at == life_->wake_told) return;
    life_->wake_told = at;
    if (const auto host = life_->host.lock()) host->wake_at(*life_, at);
  }
  context now() const { return {services_.time.now(), services_.node, services_.node_started_at}; }

  void revive() {
    if (buggify(point::revival_fails)) throw std::runtime_error{"a stream that cannot be read"};
    if (auto saved = services_.store.get_snapshot(key());
        saved && !buggify(point::snapshot_unused)) {
      auto whole = storage::decode<shell_snapshot<A>>(saved->bytes, key().tenant, services_.vault);
      state_ = std::move(whole.state);
      for (const auto& id : whole.commands) remember(command_id{id});
      version_ = saved_ = saved->version;
      if (planted(bug::snapshot_folded_twice) && version_ > 0) --version_;
    }
    for (;;) {
      const std::size_t page = buggify(point::stream_read_in_small_pages) ? 1 : 1024;
      const auto past = services_.store.read_stream(key(), version_ + 1, page);
      for (const auto& r : past) {
        state_ = A::evolve(std::move(state_), storage::decode_event<typename A::event>(
                                                  r.tag, r.payload, key().tenant, services_.vault));
        version_ = r.version;
        remember(r.meta.command);
      }
      if (past.size() < page) break;
    }
    tell_wake(A::wake_at(state_, now()));
  }

  void write(envelope<A>& in, const std::vector<typename A::event>& events, const context& ctx) {
    std::vector<storage::event_data> data;
    for (const auto& e : events) {
      data.push_back(storage::encode_event(e, key().tenant, services_.vault));
      if (planted(bug::second_event_not_folded) && data.size() > 1) continue;
      state_ = A::evolve(std::move(state_), e); // the next command sees it; nobody outside does yet
    }
    remember(in.from.command);
    const auto wake = A::wake_at(state_, ctx);
    storage::metadata meta{ctx.now,
                           std::move(in.from.principal),
                           std::move(in.from.command),
                           std::move(in.from.correlation),
                           in.from.causation,
                           wake};
    result<A> good{errc::ok, A::reply_to(state_, in.command)};
    if (planted(bug::reply_before_disk)) {
      answer(in, good);
      submit(std::move(data), std::move(meta), [](errc) {});
    } else {
      submit(std::move(data), std::move(meta),
             [done = std::move(in.done), good, since = metrics::stopwatch{}](errc error) {
               if (done) done(error == errc::ok ? good : result<A>{error, {}});
               metrics::observe(metrics::histogram::command_seconds, since.seconds());
             });
    }
    tell_wake(wake);
    if (!A::over(state_)) return;
    if (const auto host = life_->host.lock()) host->over(*life_);
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
    storage::append what{key(), version_, std::move(events), std::move(meta), {}};
    version_ += count;
    what.done = [life = life_, &services = services_,
                 done = std::move(done)](const storage::append_result& r) {
      if (r.error != errc::ok && !planted(bug::broken_actor_goes_on))
        life->broken = true; // before anyone can see a free slot
      if (r.error != errc::ok) metrics::add(metrics::counter::append_failures);
      metrics::change(metrics::gauge::journal_waiting, -1);
      --life->in_flight;
      done(r.error == errc::internal ? errc::outcome_unknown : r.error);
      if (r.error == errc::ok) return;
      if (const auto host = life->host.lock()) host->failed(life);
      if (r.error == errc::outcome_unknown && services.storage_failed) services.storage_failed();
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
    const auto hash = std::hash<std::string_view>{}(name);
    for (const auto& past : window_)
      if (past.hash == hash && without_fingerprint(past.id) == name)
        return past.id == id.value ? seen::before : seen::otherwise;
    return seen::never;
  }
  void remember(const command_id& id) {
    if (id.empty()) return;
    if (!window_.empty() && window_[newest_].id == id.value)
      return; // several events of one command
    heard_id fresh{std::hash<std::string_view>{}(without_fingerprint(id.value)), id.value};
    if (window_.size() < limits::command_window) {
      newest_ = window_.size();
      window_.push_back(std::move(fresh));
    } else {
      newest_ = oldest_;
      window_[oldest_] = std::move(fresh);
      oldest_ = (oldest_ + 1) % window_.size();
    }
  }
  static void answer(const envelope<A>& in, const result<A>& what) {
    if (in.done) in.done(what);
  }

  struct heard_id {
    std::size_t hash; // of the id without its fingerprint
    std::string id;
  };

  shell_services& services_;
  const std::shared_ptr<shell_life> life_;
  metrics::counted alive_{metrics::gauge::actors_live, A::kind};
  typename A::state state_{};
  version version_ = 0;
  version saved_ = 0;
  std::vector<heard_id> window_; // of the last commands that wrote events; a ring when it is full
  std::size_t oldest_ = 0, newest_ = 0;
};

// The actor around a shell.
template <aggregate A> class shell_actor final : public mailbox_actor {
public:
  shell_actor(caf::actor_config& config, std::unique_ptr<shell<A>> inner) :
      mailbox_actor(config), inner_(std::move(inner)) {}
  const char* name() const override { return A::kind; }

protected:
  void take(caf::mailbox_element& what) override {
    auto& content = what.content();
    if (content.template match_element<envelope<A>>(0))
      inner_->handle(std::move(content.template get_mutable_as<envelope<A>>(0)));
    else if (content.template match_element<inspection<A>>(0))
      inner_->handle(content.template get_as<inspection<A>>(0));
  }

private:
  const std::unique_ptr<shell<A>> inner_;
};

} // namespace strowger::runtime
