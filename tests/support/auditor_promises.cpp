// Promises about single events: nothing readable on the disk, one effect per cause, leases that
// last, refusals that were true.
#include "tests/support/auditor.hpp"

#include <algorithm>
#include <array>

namespace strowger::sim {
namespace {

// What the people of the simulation say, and what is known of them.
constexpr std::array<std::string_view, 4> secrets{"text ", "words ", "@example.org", "hash of "};

// By these a reactor's cause may lead to several appends in one stream.
constexpr std::array<std::string_view, 5> no_reactors{
    "system/publisher", "system/timer", "system/connection", "system/takeover", "system/refused"};

// What only the call itself says.
constexpr std::array of_the_call{errc::answered_elsewhere, errc::call_over, errc::call_not_ringing,
                                 errc::call_not_answered, errc::not_in_call};

} // namespace

void auditor::check_sealed(const storage::record& r) {
  for (const auto secret : secrets)
    if (r.payload.find(secret) != std::string::npos)
      fail("a person can be read on the disk, at " + std::to_string(r.at) + " in " + r.tag);
}

void auditor::appended_once(const storage::stream_key& stream, const storage::metadata& meta) {
  if (meta.causation == 0 || !meta.principal.starts_with("system/")) return;
  if (std::ranges::find(no_reactors, meta.principal) != no_reactors.end()) return;
  if (meta.command.empty())
    fail("an effect of event " + std::to_string(meta.causation) + " without an id, in " +
         stream.kind + "/" + stream.id);
  if (!derived_.emplace(stream, meta.principal, meta.causation).second)
    fail("a second effect of event " + std::to_string(meta.causation) + " in " + stream.kind + "/" +
         stream.id);
}

void auditor::check_session(const views::committed& e, const session::event& event) {
  const session_id id{e.stream};
  auto& s = sessions_[{e.tenant, id}];
  const auto* over = std::get_if<session::closed>(&event);
  if (over != nullptr && over->reason == "timeout") {
    if (over->at < std::max(s.renewed_at, started_) + s.timeout_ms)
      fail("a session lapsed too early: " + e.stream);
    if (const auto it = renewed_.find(id);
        it != renewed_.end() && over->at < it->second + s.timeout_ms / 2)
      fail("a session lapsed in spite of its heartbeats: " + e.stream);
  }
  s = session::evolve(std::move(s), event);
}

void auditor::renewed(const tenant_id&, const session_id& session, time_ms sent) {
  auto& last = renewed_[session];
  last = std::max(last, sent);
}

void auditor::turned_away(const tenant_id& tenant, const session_id& id, errc why) {
  if (why != errc::session_closed && why != errc::session_unknown) return;
  read();
  const auto it = sessions_.find({tenant, id});
  if (it == sessions_.end() || it->second.phase == session::phase::closed) return;
  if (world_.tenants.at(tenant).devices.contains(it->second.device))
    fail("turned away from an open session: " + id.value);
}

void auditor::check_races() {
  const auto wrote = [this](const auto& t, const auto& command) {
    return has_call_command(t, command);
  };
  if (const auto* call = races.broken(calls_, wrote); call != nullptr)
    fail("the answers of those who wanted a call fit no order: " + call->value);
}

void auditor::check_seats() {
  for (const auto& [key, s] : sessions_) {
    const bool open = s.kind == session::session_kind::licensed &&
                      s.phase != session::phase::closed && seated_.contains(key.second);
    if (!open) continue;
    bool held = false;
    for (const auto& [id, l] : world_.tenants.at(key.first).licenses) {
      const auto seat = l.held.find(s.agent);
      held = held || (seat != l.held.end() && seat->second.sessions.contains(key.second));
    }
    if (!held)
      fail("signed in with a seat that is free: session " + key.second.value);
  }
}

void auditor::refused_justly(const tenant_id& tenant, const call_id& id, const std::string& command,
                             const call::command& asked, version since, errc why) {
  if (std::ranges::find(of_the_call, why) == of_the_call.end()) return;
  read();
  const auto it = calls_.find({tenant, id});
  if (it == calls_.end()) return;
  for (auto v = since; v < it->second.size(); ++v) {
    const auto d = call::decide(it->second[v], asked, {threads_.now(), 1, 0});
    if (d.refused() && d.why() == why) return;
  }
  fail("refused for what is not on the disk: " + command + ", errc " +
       std::to_string(static_cast<unsigned>(why)));
}

} // namespace strowger::sim
