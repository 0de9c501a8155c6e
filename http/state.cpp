#include "http/state.hpp"

#include "security/random.hpp"

#include <chrono>

namespace strowger::http {
namespace {

options with_defaults(options o) {
  if (!o.now)
    o.now = [] {
      using namespace std::chrono;
      return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    };
  if (!o.new_id) {
    auto source = std::make_shared<security::system_random>();
    o.new_id = [source] { return security::random_id(*source); };
  }
  return o;
}

} // namespace

state::state(options o) :
    opt(with_defaults(std::move(o))), files(static_files::load(opt.web_dir)),
    started_at(opt.now()) {}

void registry::add(connection* what, std::weak_ptr<connection> handle) {
  std::lock_guard lock{mutex_};
  (draining_ ? late_ : open_).insert_or_assign(what, std::move(handle));
}

void registry::remove(connection* what) {
  std::lock_guard lock{mutex_};
  late_.erase(what);
  open_.erase(what);
  if (open_.empty()) empty_.notify_all();
}

std::size_t registry::size() const {
  std::lock_guard lock{mutex_};
  return open_.size() + late_.size();
}

std::vector<std::shared_ptr<connection>> registry::all() const {
  std::vector<std::shared_ptr<connection>> out;
  std::lock_guard lock{mutex_};
  for (const auto* some : {&open_, &late_})
    for (const auto& [key, handle] : *some)
      if (auto alive = handle.lock()) out.push_back(std::move(alive));
  return out;
}

void registry::drain_all() {
  {
    std::lock_guard lock{mutex_};
    draining_ = true;
  }
  for (const auto& each : all()) each->drain();
}

void registry::cut_all() {
  for (const auto& each : all()) each->cut();
}

bool registry::wait_empty(duration_ms at_most) {
  std::unique_lock lock{mutex_};
  return empty_.wait_for(lock, std::chrono::milliseconds{at_most}, [&] { return open_.empty(); });
}

} // namespace strowger::http
