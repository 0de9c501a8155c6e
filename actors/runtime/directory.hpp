// The directory of one lane: finds or revives the actor of (tenant, kind, id), wakes it at its
// deadline, and lets idle ones leave memory. Everything here runs on the lane's thread.
#pragma once

#include "actors/runtime/lane.hpp"
#include "actors/runtime/shell.hpp"

#include <set>
#include <unordered_map>

namespace strowger::runtime {

class directory : public std::enable_shared_from_this<directory> {
public:
  directory(shell_services& services, lane& lane);

  template <aggregate A>
  void deliver(const tenant_id& tenant, const std::string& id, envelope<A> message) {
    const auto done = message.done;
    if (!send<A>(tenant, id, std::move(message)) && done) done({errc::storage_failed, {}});
  }
  template <aggregate A>
  void inspect(const tenant_id& tenant, const std::string& id, inspection<A> message) {
    const auto look = message.look;
    if (!send<A>(tenant, id, std::move(message))) look(errc::storage_failed, {});
  }

  // Arms a deadline of a stream that may have no actor (start of the node).
  void arm(const storage::stream_key& key, time_ms at);
  void sweep(); // passivates what has been idle for limits::passivate_after_ms
  void clear(); // ends every actor; the last thing that happens here
  std::size_t actors() const { return entries_.size(); }

private:
  struct entry {
    caf::actor actor;
    std::shared_ptr<shell_life> life;
    std::function<void()> save;
    time_ms used_at = 0;
  };

  static std::string name_of(const storage::stream_key& key);
  void drop(const std::string& name);
  void leave_now(const std::string& name, bool save); // when it is idle
  void fire();
  void schedule();
  void tick(const storage::stream_key& key);
  template <aggregate A> void tick_as(const storage::stream_key& key);

  template <aggregate A> entry* find(const storage::stream_key& key) {
    const auto name = name_of(key);
    // A broken one answers outcome_unknown until its appends in flight are settled: a revived one
    // would decide on a log that may still grow under it.
    if (auto it = entries_.find(name);
        it != entries_.end() && (!it->second.life->broken || it->second.life->in_flight > 0))
      return &it->second;
    return revive<A>(key, name);
  }

  template <aggregate A> entry* revive(const storage::stream_key& key, const std::string& name) {
    auto life = std::make_shared<shell_life>();
    typename shell<A>::observer watch{[this, key](time_ms at) { arm(key, at); },
                                      [weak = weak_from_this(), lane = &lane_, name, life] {
                                        lane->post([weak, name, life] {
                                          auto self = weak.lock();
                                          if (!self) return;
                                          auto it = self->entries_.find(name);
                                          if (it != self->entries_.end() &&
                                              it->second.life == life && life->in_flight == 0)
                                            self->drop(name);
                                        });
                                      }};
    try {
      auto inner = std::make_shared<shell<A>>(services_, key, life, std::move(watch));
      entry fresh{lane_.unit()->system().spawn(shell_actor<A>, inner), life,
                  [inner] { inner->save_snapshot(); }, services_.time.now()};
      return &entries_.insert_or_assign(name, std::move(fresh)).first->second;
    } catch (const std::exception& error) {
      report(key, error.what());
      return nullptr;
    }
  }

  template <aggregate A, class Message>
  bool send(const tenant_id& tenant, const std::string& id, Message message) {
    if (buggify(point::idle_actor_leaves_now)) leave_now(name_of({tenant, A::kind, id}), true);
    if (buggify(point::idle_actor_leaves_unsaved)) leave_now(name_of({tenant, A::kind, id}), false);
    auto* to = find<A>({tenant, A::kind, id});
    if (to == nullptr) return false;
    to->used_at = services_.time.now();
    caf::actor_cast<caf::abstract_actor*>(to->actor)->enqueue(
        nullptr, caf::make_message_id(), caf::make_message(std::move(message)), lane_.unit());
    return true;
  }
  static void report(const storage::stream_key& key, const char* why);

  shell_services& services_;
  lane& lane_;
  std::unordered_map<std::string, entry> entries_; // never iterated for its order
  std::set<std::pair<time_ms, storage::stream_key>> deadlines_;
  std::map<storage::stream_key, time_ms> armed_;
  time_ms scheduled_ = never; // when the lane will call fire()
};

} // namespace strowger::runtime
