#include "actors/runtime/directory.hpp"

#include "observe/log.hpp"

namespace strowger::runtime {

directory::directory(shell_services& services, lane& lane) : services_(services), lane_(lane) {}

std::string directory::name_of(const storage::stream_key& key) {
  std::string name;
  name.reserve(key.tenant.value.size() + key.kind.size() + key.id.size() + 2);
  name.append(key.tenant.value).push_back('\0');
  name.append(key.kind).push_back('\0');
  return name.append(key.id);
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
    tick(key);
    if (buggify(point::timer_fires_twice)) tick(key);
  }
  schedule();
}

template <aggregate A> void directory::tick_as(const storage::stream_key& key) {
  origin from{key.tenant, "system/timer", {}, key.id, 0};
  // A tick that could not be written comes again, or the deadline would be lost.
  auto again = [weak = weak_from_this(), lane = &lane_, key](const result<A>& r) {
    if (r.error != errc::busy && r.error != errc::outcome_unknown) return;
    if (planted(bug::tick_not_repeated)) return;
    lane->post_after(buggify(point::tick_comes_again_late) ? 1'000 : 100, [weak, key] {
      if (auto self = weak.lock()) self->tick(key);
    });
  };
  deliver<A>(key.tenant, key.id, {A::tick_command(), std::move(from), std::move(again)});
}

void directory::tick(const storage::stream_key& key) {
  if (key.kind == call::spec::kind) return tick_as<call::spec>(key);
  if (key.kind == session::spec::kind) return tick_as<session::spec>(key);
  if (key.kind == extension::spec::kind) return tick_as<extension::spec>(key);
  if (key.kind == license::spec::kind) return tick_as<license::spec>(key);
  if (key.kind == agent::spec::kind) return tick_as<agent::spec>(key);
}

void directory::drop(const std::string& name) { entries_.erase(name); }

void directory::leave_now(const std::string& name, bool save) {
  const auto it = entries_.find(name);
  if (it == entries_.end() || it->second.life->in_flight > 0 || it->second.life->broken) return;
  if (save) it->second.save();
  entries_.erase(it);
}

void directory::sweep() {
  const auto now = services_.time.now();
  std::vector<std::string> idle;
  for (const auto& [name, e] : entries_)
    if (e.life->in_flight == 0 && !e.life->broken &&
        (now - e.used_at > limits::passivate_after_ms || buggify(point::every_idle_actor_leaves)))
      idle.push_back(name);
  std::ranges::sort(idle); // the same order in every run of the same seed
  for (const auto& name : idle) {
    entries_.at(name).save();
    entries_.erase(name);
  }
}

void directory::clear() {
  deadlines_.clear();
  armed_.clear();
  entries_.clear();
}

void directory::report(const storage::stream_key& key, const char* why) {
  log::error("stream cannot be read", {{"kind", key.kind}, {"stream", key.id}, {"why", why}});
}

} // namespace strowger::runtime
