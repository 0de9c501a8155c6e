// The directory of one lane: finds or revives the actor of (tenant, kind, id), wakes it at its
// deadline, and lets idle ones leave memory. Everything here runs on the lane's thread.
#pragma once

#include "actors/runtime/lane.hpp"
#include "actors/runtime/shell.hpp"
#include "core/text_hash.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <set>

namespace strowger::runtime {

// Which stream, without texts of one's own.
struct stream_name {
  std::string_view tenant, kind, id;
  std::uint64_t hash = 0;

  stream_name(std::string_view tenant, std::string_view kind, std::string_view id);
  stream_name(std::string_view t, std::string_view k, std::string_view i, std::uint64_t h) :
      tenant(t), kind(k), id(i), hash(h) {} // made before
  explicit stream_name(const storage::stream_key& key) :
      stream_name(key.tenant.value, key.kind, key.id) {}
  bool is(const shell_life& life) const {
    return life.hash == hash && life.key.id == id && life.key.kind == kind &&
           life.key.tenant.value == tenant;
  }
  storage::stream_key key() const {
    return {tenant_id{std::string{tenant}}, std::string{kind}, std::string{id}};
  }
};

// A message on its way into a mailbox: one allocation from the sender to the actor.
template <class Message> using letter =
    std::unique_ptr<caf::mailbox_element_vals<Message>, caf::detail::disposer>;
template <class Message> letter<Message> seal(Message what) {
  return letter<Message>{
      new caf::mailbox_element_vals<Message>(nullptr, caf::make_message_id(), {}, std::move(what))};
}
template <class Message> Message& content(letter<Message>& of) {
  return of->content().template get_mutable_as<Message>(0);
}

class directory final : public shell_host, public std::enable_shared_from_this<directory> {
public:
  directory(shell_services& services, lane& lane);

  template <aggregate A> void deliver(const stream_name& to, letter<envelope<A>> message) {
    if (put<A>(to, message)) return;
    if (auto& done = content<envelope<A>>(message).done) done({errc::storage_failed, {}});
  }
  template <aggregate A> void inspect(const stream_name& to, letter<inspection<A>> message) {
    if (!put<A>(to, message)) content<inspection<A>>(message).look(errc::storage_failed, {});
  }

  // Arms a deadline of a stream that may have no actor (start of the node).
  void arm(const storage::stream_key& key, time_ms at);
  void sweep(); // passivates what has been idle for limits::passivate_after_ms
  void clear(); // ends every actor; the last thing that happens here
  std::size_t actors() const { return entries_.size(); }

  void wake_at(const shell_life& whose, time_ms at) override;
  void over(const shell_life& whose) override;
  void failed(const std::shared_ptr<const shell_life>& whose) override; // any thread

private:
  struct entry {
    caf::strong_actor_ptr actor;
    any_shell* inner = nullptr; // the actor's
    time_ms used_at = 0;
  };
  using life_ptr = std::shared_ptr<shell_life>;
  struct hash_of {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const stream_name& name) const { return name.hash; }
    std::size_t operator()(const life_ptr& life) const { return life->hash; }
  };
  struct same_stream {
    using is_transparent = void;
    bool operator()(const stream_name& name, const life_ptr& life) const { return name.is(*life); }
    bool operator()(const life_ptr& life, const stream_name& name) const { return name.is(*life); }
    bool operator()(const life_ptr& a, const life_ptr& b) const { return a->key == b->key; }
  };
  // Never iterated for its order.
  using entries = boost::unordered_flat_map<life_ptr, entry, hash_of, same_stream>;

  void leave_now(const stream_name& name, bool save); // when it is idle
  void leave_what_is_over();
  void fire();
  void schedule();
  void tick(const storage::stream_key& key);
  template <aggregate A> void tick_as(const storage::stream_key& key);

  // Its actor; revived when there is none. A broken one answers outcome_unknown until its appends
  // in flight are settled: a revived one would decide on a log that may still grow under it.
  template <aggregate A> entry* find_or_revive(const stream_name& name) {
    const auto it = entries_.find(name);
    if (it != entries_.end()) {
      const auto& life = *it->first;
      if (!life.broken || life.in_flight > 0) return &it->second;
      entries_.erase(it);
    }
    try {
      life_ptr life{new shell_life{name.key(), name.hash, weak_from_this()}};
      auto inner = std::make_unique<shell<A>>(services_, life);
      auto* bare = inner.get();
      auto actor = lane_.unit()->system().spawn<shell_actor<A>>(std::move(inner));
      entry fresh{caf::actor_cast<caf::strong_actor_ptr>(std::move(actor)), bare};
      return &entries_.emplace(std::move(life), std::move(fresh)).first->second;
    } catch (const std::exception& error) {
      report(name, error.what());
      return nullptr;
    }
  }

  // Takes the message when there is an actor for it.
  template <aggregate A, class Message> bool put(const stream_name& to, letter<Message>& message) {
    if (buggify(point::idle_actor_leaves_now)) leave_now(to, true);
    if (buggify(point::idle_actor_leaves_unsaved)) leave_now(to, false);
    auto* found = find_or_revive<A>(to);
    if (found == nullptr) return false;
    found->used_at = services_.time.now();
    found->actor->enqueue(caf::mailbox_element_ptr{message.release()}, lane_.unit());
    return true;
  }
  static void report(const stream_name& name, const char* why);

  shell_services& services_;
  lane& lane_;
  entries entries_;
  std::set<std::pair<time_ms, storage::stream_key>> deadlines_;
  std::map<storage::stream_key, time_ms> armed_;
  time_ms scheduled_ = never; // when the lane will call fire()
  std::deque<std::pair<time_ms, storage::stream_key>> over_; // since when
};

} // namespace strowger::runtime
