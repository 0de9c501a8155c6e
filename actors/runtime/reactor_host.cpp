#include "actors/runtime/reactor_host.hpp"

#include "core/buggify.hpp"
#include "core/planted.hpp"

#include <charconv>

namespace strowger::runtime {
namespace {

constexpr duration_ms retry_ms = 50;
constexpr auto view_name = "reactors";

class world_facts : public reactors::facts {
public:
  world_facts(const views::world& w, const views::tenant_world& t, const std::string& closing_id,
              const std::optional<reactors::session_facts>& closing) :
      w_(w),
      t_(t), closing_id_(closing_id), closing_(closing) {}

  std::vector<call_id> calls_of(const device_id& device) const override {
    const auto it = t_.calls_of.find(device);
    if (it == t_.calls_of.end()) return {};
    return {it->second.begin(), it->second.end()};
  }
  const call::state* call(const call_id& id) const override {
    const auto it = t_.calls.find(id);
    return it == t_.calls.end() ? nullptr : &it->second;
  }
  std::optional<reactors::session_facts> session(const session_id& id) const override {
    if (closing_ && id.value == closing_id_) return closing_;
    const auto it = t_.sessions.find(id);
    if (it == t_.sessions.end()) return {};
    return reactors::session_facts{it->second.extension, it->second.agent, it->second.device,
                                   it->second.kind, it->second.seat};
  }
  std::optional<session_id> session_of_device(const device_id& device) const override {
    const auto it = t_.session_of.find(device);
    return it == t_.session_of.end() ? std::nullopt : std::optional{it->second};
  }
  const session::state* open_session(const session_id& id) const override {
    const auto it = t_.sessions.find(id);
    return it == t_.sessions.end() ? nullptr : &it->second;
  }
  const extension::state* known_extension(const extension_id& id) const override {
    return t_.extensions.get(id);
  }
  license_id license_of(const tenant_id& tenant) const override {
    return w_.own_license ? w_.own_license(tenant) : license_id{};
  }

private:
  const views::world& w_;
  const views::tenant_world& t_;
  const std::string& closing_id_;
  const std::optional<reactors::session_facts>& closing_;
};

bool must_come_again(errc e) {
  return e == errc::busy || e == errc::outcome_unknown || e == errc::storage_failed;
}

} // namespace

reactor_host::reactor_host(engine& to, std::shared_ptr<executor> thread) :
    engine_(to), thread_(std::move(thread)) {}

void reactor_host::recover(position kept) {
  if (const auto saved = engine_.services().store.get_view(view_name))
    checkpoint_ = saved_ = saved->first;
  checkpoint_ = std::max(checkpoint_, kept);
}

void reactor_host::react(const views::world& w, const views::committed& e,
                         const std::optional<reactors::session_facts>& ending, bool live_now) {
  seen_ = e.at;
  if (e.at <= checkpoint_) return;
  const auto& tenant = w.tenants.at(e.tenant);
  const world_facts known{w, tenant, e.stream, ending};
  const auto commands = std::visit(
      [&](const auto& event) { return reactors::react(e.tenant, e.stream, event, known); },
      e.event);
  for (const auto& c : commands) {
    owed o{e.at, e.tenant, c};
    ++outstanding_[e.at];
    if (live_now)
      queue(std::move(o));
    else
      waiting_.push_back(std::move(o));
  }
  if (outstanding_.empty() || planted(bug::checkpoint_too_far)) checkpoint_ = seen_;
}

void reactor_host::skip(position at) {
  seen_ = at;
  if (outstanding_.empty()) checkpoint_ = std::max(checkpoint_, at);
}

void reactor_host::start() {
  for (auto& o : std::exchange(waiting_, {})) queue(std::move(o));
}

// One at a time for each target: what must be said again would come after what was said later.
void reactor_host::queue(owed o) {
  auto& line = queues_[target_of(o)];
  line.push_back(std::move(o));
  if (line.size() > 1) return;
  if (!buggify(point::effect_comes_late)) return send(line.front());
  thread_->post_after(200, [this, first = line.front()] { send(first); });
}

template <aggregate A> void reactor_host::send_as(const owed& o, const typename A::command& c) {
  const auto cause = std::to_string(o.cause);
  // The same cause gives the same id after a crash, so the effect happens once.
  origin from{o.tenant, std::string{"system/"}.append(o.what.reactor),
              command_id{std::string{"r/"}
                             .append(cause)
                             .append("/")
                             .append(o.what.reactor)
                             .append("/")
                             .append(o.what.kind)
                             .append("/")
                             .append(o.what.target_id)},
              o.what.target_id, o.cause};
  if (planted(bug::effect_without_id)) from.command = {};
  if (buggify(point::effect_sent_twice)) engine_.send<A>(o.what.target_id, c, from, {});
  engine_.send<A>(o.what.target_id, c, std::move(from), [this, o](const result<A>& r) {
    const bool again = must_come_again(r.error) && !planted(bug::retry_lost);
    if (again || buggify(point::effect_sent_again))
      return thread_->post_after(buggify(point::retry_is_late) ? 20 * retry_ms : retry_ms,
                                 [this, o] { send(o); });
    if (buggify(point::effect_settles_late))
      return thread_->post_after(300, [this, o] { settled(o); });
    thread_->post([this, o] { settled(o); });
  });
}

void reactor_host::send(const owed& o) {
  std::visit(overloaded{[&](const agent::command& c) { send_as<agent::spec>(o, c); },
                        [&](const extension::command& c) { send_as<extension::spec>(o, c); },
                        [&](const session::command& c) { send_as<session::spec>(o, c); },
                        [&](const license::command& c) { send_as<license::spec>(o, c); },
                        [&](const call::command& c) { send_as<call::spec>(o, c); }},
             o.what.command);
}

void reactor_host::settled(const owed& o) {
  const auto it = outstanding_.find(o.cause);
  if (it != outstanding_.end() && --it->second == 0) outstanding_.erase(it);
  checkpoint_ = outstanding_.empty() || planted(bug::checkpoint_too_far)
                    ? seen_
                    : outstanding_.begin()->first - 1;
  const auto line = queues_.find(target_of(o));
  line->second.pop_front();
  if (line->second.empty())
    queues_.erase(line);
  else
    send(line->second.front());
}

void reactor_host::save() {
  if (checkpoint_ == saved_ || buggify(point::checkpoint_not_saved)) return;
  engine_.services().store.put_view(view_name, checkpoint_, "");
  saved_ = checkpoint_;
}

} // namespace strowger::runtime
