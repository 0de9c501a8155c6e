#include "actors/views/world.hpp"

#include <charconv>

namespace strowger::views {
namespace {

std::vector<addressed> fold_agent(tenant_world& t, const std::string& stream, const agent::event& e,
                                  time_ms now) {
  auto& s = t.agents[agent_id{stream}];
  s = agent::evolve(std::move(s), e);
  if (const auto* revoked = std::get_if<agent::token_revoked>(&e)) {
    t.revoked.insert_or_assign(revoked->jti, revoked->expires_at);
    if (t.revoked.size() % 256 == 0) // a token that has expired is refused by itself
      std::erase_if(t.revoked, [&](const auto& r) { return r.second < now; });
  }
  return {};
}

std::vector<addressed> fold_extension(tenant_world& t, const std::string& stream,
                                      const extension::event& e) {
  const extension_id id{stream};
  auto& s = t.extensions[id];
  s = extension::evolve(std::move(s), e);
  if (s.exists && !s.number.erased()) t.numbers.insert_or_assign(s.number.reveal(), id);
  if (const auto* attached = std::get_if<extension::device_attached>(&e))
    t.devices.insert_or_assign(attached->device, id);
  if (const auto* forgotten = std::get_if<extension::device_forgotten>(&e))
    t.devices.erase(forgotten->device);
  return {};
}

std::vector<addressed> fold_session(tenant_world& t, const std::string& stream,
                                    const session::event& e) {
  const session_id id{stream};
  auto& s = t.sessions[id];
  s = session::evolve(std::move(s), e);
  if (const auto* opened = std::get_if<session::opened>(&e); opened && !opened->device.empty())
    t.session_of.insert_or_assign(opened->device, id);
  if (std::holds_alternative<session::closed>(e)) {
    const auto it = t.session_of.find(s.device);
    if (it != t.session_of.end() && it->second == id) t.session_of.erase(it);
    t.sessions.erase(id);
  }
  return {};
}

// Which devices take part in a call: every device of every leg, rung ones while they ring.
std::set<device_id> devices_in(const call::state& s) {
  std::set<device_id> out;
  if (s.phase == call::phase::ended) return out;
  for (const auto& [number, l] : s.legs) {
    if (l.phase == call::leg_phase::left) continue;
    if (!l.device.empty()) out.insert(l.device);
    if (l.phase == call::leg_phase::ringing)
      for (const auto& [device, phase] : l.rung)
        if (phase == call::ring_phase::ringing) out.insert(device);
  }
  return out;
}

void index_devices(tenant_world& t, const call_id& id, const call::state& before,
                   const call::state& after) {
  const auto old_set = devices_in(before);
  const auto new_set = devices_in(after);
  for (const auto& d : new_set) t.calls_of[d].insert(id);
  for (const auto& d : old_set) {
    if (new_set.contains(d)) continue;
    auto it = t.calls_of.find(d);
    if (it == t.calls_of.end()) continue;
    it->second.erase(id);
    if (it->second.empty()) t.calls_of.erase(it);
  }
}

void write_row(tenant_world& t, const call_id& id, position at, const call::state& s) {
  const auto place = t.placed_at.try_emplace(id, at).first->second;
  auto& entry = t.history[place];
  auto& row = entry.row;
  const auto& caller = s.legs.at(1);
  const auto& callee = s.legs.at(2);
  entry.caller = caller.who.extension;
  entry.callee = callee.who.extension;
  row.call = id;
  row.caller = caller.who.number.reveal();
  row.callee = callee.who.number.reveal();
  row.started_at = instant{s.placed_at};
  if (s.answered_at != 0) {
    row.answered_at = instant{s.answered_at};
    row.answered_by = callee.device;
  }
  row.state = s.phase != call::phase::ended ? std::string{name_of(s.phase)}
              : s.answered_at != 0          ? "completed"
                                            : "failed";
  if (s.phase == call::phase::ended) {
    row.cause = name_of(s.why);
    row.ended_at = instant{s.ended_at};
    row.duration_ms = s.answered_at != 0 ? s.ended_at - s.answered_at : 0;
  }
  if (!s.campaign.empty()) row.campaign = s.campaign;
  if (!s.lead.empty()) row.lead = s.lead;
}

std::vector<addressed> fold_call(tenant_world& t, const std::string& stream, position at,
                                 const call::event& e) {
  const call_id id{stream};
  const auto before = t.calls[id];
  auto after = call::evolve(before, e);
  auto told = notices_of(id, before, e, after);
  index_devices(t, id, before, after);
  write_row(t, id, at, after);
  if (const auto* moved = std::get_if<call::transferred>(&e))
    t.history.at(t.placed_at.at(id)).row.transferred_to =
        after.legs.at(moved->to).who.number.reveal();
  if (std::holds_alternative<call::placed>(e)) ++t.calls_total;
  if (before.answered_at == 0 && after.answered_at != 0) ++t.calls_answered;
  if (after.phase == call::phase::ended) {
    if (after.answered_at == 0) ++t.calls_failed;
    t.calls.erase(id);
  } else {
    t.calls.insert_or_assign(id, std::move(after));
  }
  return told;
}

} // namespace

std::vector<addressed> fold(world& w, const committed& e) {
  auto& t = w.tenants[e.tenant];
  w.folded = e.at;
  return std::visit(
      overloaded{[&](const agent::event& x) { return fold_agent(t, e.stream, x, e.time); },
                 [&](const extension::event& x) { return fold_extension(t, e.stream, x); },
                 [&](const session::event& x) { return fold_session(t, e.stream, x); },
                 [&](const license::event& x) {
                   t.license = license::evolve(std::move(t.license), x);
                   t.license_stream = e.stream;
                   return std::vector<addressed>{};
                 },
                 [&](const call::event& x) { return fold_call(t, e.stream, e.at, x); }},
      e.event);
}

const extension::state* extension_by_number(const tenant_world& t, const std::string& number) {
  const auto it = t.numbers.find(number);
  if (it == t.numbers.end()) return nullptr;
  const auto found = t.extensions.find(it->second);
  return found == t.extensions.end() || !found->second.exists ? nullptr : &found->second;
}

std::set<call_id> calls_of_extension(const tenant_world& t, const extension_id& id) {
  std::set<call_id> out;
  const auto it = t.extensions.find(id);
  if (it == t.extensions.end()) return out;
  for (const auto& [device, state] : it->second.devices)
    if (const auto found = t.calls_of.find(device); found != t.calls_of.end())
      out.insert(found->second.begin(), found->second.end());
  return out;
}

std::string username_of(const tenant_world& t, const agent_id& id) {
  const auto it = t.agents.find(id);
  return it == t.agents.end() ? std::string{} : it->second.username.reveal();
}

answer::call_page history_page(const tenant_world& t, const request::history& query) {
  answer::call_page page;
  position below = ~position{0};
  position last = 0; // of the oldest row on this page: the next one starts below it
  if (!query.cursor.empty())
    std::from_chars(query.cursor.data(), query.cursor.data() + query.cursor.size(), below);
  for (auto it = t.history.lower_bound(below); it != t.history.begin();) {
    --it;
    const auto& row = it->second.row;
    if (query.extension && row.caller != *query.extension && row.callee != *query.extension &&
        row.transferred_to != *query.extension)
      continue;
    if (query.state && row.state != *query.state) continue;
    if (query.from != 0 && row.started_at.at < query.from) continue;
    if (query.to != 0 && row.started_at.at > query.to) continue;
    if (page.calls.size() == query.limit) {
      page.next_cursor = std::to_string(last);
      break;
    }
    page.calls.push_back(row);
    last = it->first;
  }
  return page;
}

} // namespace strowger::views
