#include "actors/runtime/directory.hpp"

#include "core/planted.hpp"
#include "observe/log.hpp"

namespace strowger::runtime {
namespace {

// Nothing waits in its mailbox: an actor that leaves with something unheard would decide beside the
// one that is revived after it.
bool heard_everything(const caf::strong_actor_ptr& actor) {
  return !static_cast<mailbox_actor*>(actor->get())->has_mail();
}

} // namespace

directory::directory(shell_services& services, lane& lane) : services_(services), lane_(lane) {}

stream_name::stream_name(std::string_view t, std::string_view k, std::string_view i) :
    tenant(t), kind(k), id(i), hash(text_hash(i, text_hash(t, text_hash(k)))) {}

void directory::wake_at(const shell_life& whose, time_ms at) { arm(whose.key, at); }

void directory::failed(const std::shared_ptr<const shell_life>& whose) {
  lane_.post([weak = weak_from_this(), whose] {
    auto self = weak.lock();
    if (!self || whose->in_flight > 0) return;
    const auto it = self->entries_.find(stream_name{whose->key});
    if (it != self->entries_.end() && it->first == whose) self->entries_.erase(it);
  });
}

void directory::arm(const storage::stream_key& key, time_ms at) {
  const auto it = armed_.find(key);
  const auto before = it == armed_.end() ? never : it->second;
  if (before == at) return;
  if (before != never) deadlines_.erase({before, key});
  if (at == never) {
    armed_.erase(key);
    return;
  }
  armed_.insert_or_assign(key, at);
  deadlines_.emplace(at, key);
  schedule();
}

void directory::schedule() {
  if (deadlines_.empty()) return;
  const auto next = deadlines_.begin()->first;
  if (scheduled_ != never && scheduled_ <= next) return;
  scheduled_ = next;
  auto delay = std::max<duration_ms>(0, next - services_.time.now());
  if (buggify(point::timer_is_early)) delay /= 2;
  if (buggify(point::timer_is_late)) delay += 700;
  lane_.post_after(delay, [weak = weak_from_this(), next] {
    auto self = weak.lock();
    if (!self || self->scheduled_ != next) return; // an earlier one was scheduled since
    self->scheduled_ = never;
    self->fire();
  });
}

void directory::fire() {
  const auto now = services_.time.now();
  std::vector<storage::stream_key> due;
  for (const auto& [at, key] : deadlines_) {
    if (at > now) break;
    due.push_back(key);
  }
  for (const auto& key : due) {
    deadlines_.erase({armed_.at(key), key});
    armed_.erase(key);
    if (const auto it = entries_.find(stream_name{key}); it != entries_.end())
      it->first->wake_told = shell_life::untold;
    tick(key);
    if (buggify(point::timer_fires_twice)) tick(key);
  }
  schedule();
}

template <aggregate A> void directory::tick_as(const storage::stream_key& key) {
  origin from{key.tenant, "system/timer", {}, key.id, 0};
  // A tick that could not be written comes again, or the deadline would be lost.
  auto again = [weak = weak_from_this(), lane = &lane_, key](const result<A>& r) {
    const bool unread = r.error == errc::storage_failed; // its stream, this time
    if (!unread && r.error != errc::busy && r.error != errc::outcome_unknown) return;
    if (planted(bug::tick_not_repeated)) return;
    lane->post_after(unread || buggify(point::tick_comes_again_late) ? 1'000 : 100, [weak, key] {
      if (auto self = weak.lock()) self->tick(key);
    });
  };
  deliver<A>(stream_name{key},
             seal(envelope<A>{A::tick_command(), std::move(from), std::move(again)}));
}

void directory::tick(const storage::stream_key& key) {
  if (key.kind == call::spec::kind) return tick_as<call::spec>(key);
  if (key.kind == session::spec::kind) return tick_as<session::spec>(key);
  if (key.kind == extension::spec::kind) return tick_as<extension::spec>(key);
  if (key.kind == license::spec::kind) return tick_as<license::spec>(key);
  if (key.kind == slave::spec::kind) return tick_as<slave::spec>(key);
  if (key.kind == agent::spec::kind) return tick_as<agent::spec>(key);
}

void directory::leave_now(const stream_name& name, bool save) {
  const auto it = entries_.find(name);
  if (it == entries_.end() || it->first->in_flight > 0 || it->first->broken) return;
  if (!heard_everything(it->second.actor) && !planted(bug::leaves_with_mail)) return;
  if (save) it->second.inner->save_snapshot();
  entries_.erase(it);
}

void directory::sweep() {
  const auto now = services_.time.now();
  std::vector<storage::stream_key> idle;
  for (const auto& [life, e] : entries_)
    if (life->in_flight == 0 && !life->broken &&
        (now - e.used_at > limits::passivate_after_ms || buggify(point::every_idle_actor_leaves)))
      idle.push_back(life->key);
  std::ranges::sort(idle); // the same order in every run of the same seed
  for (const auto& key : idle) leave_now(stream_name{key}, true);
}

void directory::over(const shell_life& whose) {
  over_.emplace_back(services_.time.now(), whose.key);
  if (over_.size() > 1) return;
  lane_.post_after(limits::over_after_ms, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->leave_what_is_over();
  });
}

// Without a snapshot: few ask again, and what is over has a short stream. Who asked lately stays
// until the sweep.
void directory::leave_what_is_over() {
  const auto now = services_.time.now();
  for (; !over_.empty() && now - over_.front().first >= limits::over_after_ms; over_.pop_front()) {
    const stream_name name{over_.front().second};
    const auto it = entries_.find(name);
    if (it != entries_.end() && now - it->second.used_at >= limits::over_after_ms)
      leave_now(name, false);
  }
  if (over_.empty()) return;
  const auto next = over_.front().first + limits::over_after_ms - now;
  lane_.post_after(std::max<duration_ms>(1, next), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->leave_what_is_over();
  });
}

void directory::clear() {
  over_.clear();
  deadlines_.clear();
  armed_.clear();
  entries_.clear();
}

void directory::report(const stream_name& name, const char* why) {
  log::error("stream cannot be read",
             {{"kind", std::string{name.kind}}, {"stream", std::string{name.id}}, {"why", why}});
}

} // namespace strowger::runtime
