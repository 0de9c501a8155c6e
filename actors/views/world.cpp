#include "actors/views/world.hpp"

#include <charconv>
#include <limits>

namespace strowger::views {
namespace {

void forget_expired(tenant_world& t, time_ms now, position at) {
  std::vector<std::string> expired;
  for (const auto& [jti, until] : t.revoked)
    if (until < now) expired.push_back(jti);
  for (const auto& jti : expired) t.revoked.erase(jti, at);
}

// Tokens name the extension and, by their session, the seat: with another one they are void. Those
// of who was removed are for good, until the name is somebody's again.
void void_tokens(tenant_world& t, const committed& x, const agent::state& before,
                 const agent::event& e) {
  const agent_id id{x.stream};
  if (std::holds_alternative<agent::removed>(e))
    t.void_tokens.put(id, std::numeric_limits<time_ms>::max(), x.at);
  if (const auto* moved = std::get_if<agent::moved>(&e)) t.void_tokens.put(id, moved->at, x.at);
  if (const auto* changed = std::get_if<agent::changed>(&e))
    if (changed->typology != before.typology) t.void_tokens.put(id, changed->at, x.at);
  if (const auto* anew = std::get_if<agent::registered>(&e))
    if (t.void_tokens.contains(id)) t.void_tokens.put(id, anew->at, x.at);
}

std::vector<addressed> fold_agent(tenant_world& t, const committed& x, const agent::event& e) {
  auto& s = t.agents.edit(agent_id{x.stream}, x.at);
  void_tokens(t, x, s, e);
  s = agent::evolve(std::move(s), e);
  if (const auto* revoked = std::get_if<agent::token_revoked>(&e)) {
    t.revoked.put(revoked->jti, revoked->expires_at, x.at);
    if (t.revoked.size() % 256 == 0) // a token that has expired is refused by itself
      forget_expired(t, x.time, x.at);
  }
  return {};
}

std::vector<addressed> fold_extension(tenant_world& t, const committed& x,
                                      const extension::event& e) {
  const extension_id id{x.stream};
  auto& s = t.extensions.edit(id, x.at);
  s = extension::evolve(std::move(s), e);
  if (const auto* attached = std::get_if<extension::device_attached>(&e))
    t.devices.put(attached->device, id, x.at);
  if (const auto* forgotten = std::get_if<extension::device_forgotten>(&e))
    t.devices.erase(forgotten->device, x.at);
  return {};
}

std::vector<addressed> fold_session(tenant_world& t, const committed& x, const session::event& e) {
  const session_id id{x.stream};
  auto& s = t.sessions.edit(id, x.at);
  s = session::evolve(std::move(s), e);
  if (const auto* opened = std::get_if<session::opened>(&e); opened && !opened->device.empty())
    t.session_of.put(opened->device, id, x.at);
  if (std::holds_alternative<session::closed>(e)) {
    const auto* latest = t.session_of.get(s.device);
    if (latest != nullptr && *latest == id) t.session_of.erase(s.device, x.at);
    t.sessions.erase(id, x.at);
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

void list(tenant_world& t, const extension_id& id, position place, position at) {
  t.history_of.put({id, place}, {}, at);
}

// Rows are named after the event that opens them, so nothing has their names before it.
history_row& open_row(tenant_world& t, const call_id& id, position at, const call::state& s) {
  if (const auto* place = t.placed_at.get(id)) return t.history.edit(*place, at);
  t.placed_at.put(id, at, at);
  auto& entry = t.history.add(at, {}, at);
  const auto& caller = s.legs.at(1).who;
  const auto& callee = s.legs.at(2).who;
  entry.caller = caller.extension;
  entry.callee = callee.extension;
  entry.caller_subject = caller.number.subject();
  entry.callee_subject = callee.number.subject();
  entry.row.call = id;
  entry.row.caller = caller.number.reveal();
  entry.row.callee = callee.number.reveal();
  entry.row.started_at = instant{s.placed_at};
  if (!s.campaign.empty()) entry.row.campaign = s.campaign;
  if (!s.lead.empty()) entry.row.lead = s.lead;
  t.history_of.add({entry.caller, at}, {}, at);
  if (entry.callee != entry.caller) t.history_of.add({entry.callee, at}, {}, at);
  return entry;
}

void write_row(tenant_world& t, const call_id& id, position at, const call::state& s) {
  auto& row = open_row(t, id, at, s).row;
  if (s.answered_at != 0) {
    row.answered_at = instant{s.answered_at};
    row.answered_by = s.legs.at(2).device;
  }
  row.state = s.phase != call::phase::ended ? std::string{name_of(s.phase)}
              : s.answered_at != 0          ? "completed"
                                            : "failed";
  if (s.phase == call::phase::ended) {
    row.cause = name_of(s.why);
    row.ended_at = instant{s.ended_at};
    row.duration_ms = s.answered_at != 0 ? s.ended_at - s.answered_at : 0;
  }
}

void write_transfer(tenant_world& t, const call_id& id, position at, const call::party& to) {
  const auto place = t.placed_at.at(id);
  auto& entry = t.history.edit(place, at);
  entry.transferred_subject = to.number.subject();
  entry.row.transferred_to = to.number.reveal();
  list(t, to.extension, place, at);
}

// Where a call's row stands: found among the newest of one extension when the call is over.
std::optional<position> row_of(const tenant_world& t, const call_id& id, const extension_id& of) {
  if (const auto* place = t.placed_at.get(id)) return *place;
  std::optional<position> found;
  int looked_at = 0;
  t.history_of.descend({of, ~position{0}}, [&](const auto& key, const marker&) {
    if (key.first != of || ++looked_at > limits::quality_rows_looked_at_max) return false;
    if (t.history.at(key.second).row.call == id) found = key.second;
    return !found;
  });
  return found;
}

void write_quality(tenant_world& t, const call_id& id, position at, const call::quality_noted& x) {
  const auto place = row_of(t, id, x.extension);
  if (!place) return;
  auto& row = t.history.edit(*place, at).row;
  if (!row.quality) row.quality.emplace();
  row.quality->push_back({x.leg, x.device, x.mos_x100, x.jitter_us, x.loss_permyriad, x.rtt_us,
                          x.packets});
}

void count(tenant_world& t, const call::event& e, const call::state& before,
           const call::state& after) {
  if (std::holds_alternative<call::placed>(e)) ++t.calls_total;
  if (before.answered_at == 0 && after.answered_at != 0) ++t.calls_answered;
  if (after.phase == call::phase::ended && after.answered_at == 0) ++t.calls_failed;
}

std::vector<addressed> fold_call(tenant_world& t, const committed& x, const call::event& e) {
  static const call::state none;
  const call_id id{x.stream};
  const auto* known = t.calls.get(id);
  if (const auto* noted = std::get_if<call::quality_noted>(&e)) write_quality(t, id, x.at, *noted);
  if (known == nullptr && call::may_follow_the_end(e)) return {};
  const auto& before = known == nullptr ? none : *known;
  auto after = call::evolve(before, e);
  auto told = notices_of(id, before, e, after);
  index_devices(t, id, before, after);
  count(t, e, before, after);
  if (after.phase != before.phase || after.answered_at != before.answered_at ||
      std::holds_alternative<call::answered>(e))
    write_row(t, id, x.at, after);
  if (const auto* moved = std::get_if<call::transferred>(&e))
    write_transfer(t, id, x.at, after.legs.at(moved->to).who);
  if (after.phase == call::phase::ended) {
    t.calls.erase(id, x.at);
    t.placed_at.erase(id, x.at);
  } else {
    t.calls.put(id, std::move(after), x.at);
  }
  return told;
}

std::vector<addressed> fold_license(tenant_world& t, const committed& x, const license::event& e) {
  auto& s = t.licenses.edit(license_id{x.stream}, x.at);
  s = license::evolve(std::move(s), e);
  if (const auto* taken = std::get_if<license::seat_taken>(&e))
    t.seat_at.put(taken->session, x.at, x.at);
  if (const auto* shared = std::get_if<license::seat_shared>(&e))
    t.seat_at.put(shared->session, x.at, x.at);
  if (const auto* left = std::get_if<license::seat_left>(&e)) t.seat_at.erase(left->session, x.at);
  if (const auto* released = std::get_if<license::seat_released>(&e))
    t.seat_at.erase(released->session, x.at);
  return {};
}

std::vector<addressed> fold_slave(tenant_world& t, const committed& x, const slave::event& e) {
  auto& s = t.slaves.edit(slave_id{x.stream}, x.at);
  s = slave::evolve(std::move(s), e);
  return {};
}

} // namespace

tenant_world& world::tenant(const tenant_id& id) {
  const auto [entry, fresh] = tenants.try_emplace(id);
  if (fresh && met) met(id, entry->second);
  return entry->second;
}

std::vector<addressed> fold(world& w, const committed& e) {
  auto& t = w.tenant(e.tenant);
  w.folded = e.at;
  t.changed = e.at;
  return std::visit(overloaded{[&](const agent::event& x) { return fold_agent(t, e, x); },
                               [&](const extension::event& x) { return fold_extension(t, e, x); },
                               [&](const session::event& x) { return fold_session(t, e, x); },
                               [&](const license::event& x) { return fold_license(t, e, x); },
                               [&](const slave::event& x) { return fold_slave(t, e, x); },
                               [&](const call::event& x) { return fold_call(t, e, x); }},
                    e.event);
}

void index_calls(tenant_world& t) {
  t.calls_of.clear();
  t.calls.each([&](const call_id& id, const call::state& s) { index_devices(t, id, {}, s); });
}

const extension::state* known_extension(const tenant_world& t, const extension_id& id) {
  const auto* s = t.extensions.get(id);
  return s == nullptr || !s->exists || s->number.erased() ? nullptr : s;
}

std::set<call_id> calls_of_extension(const tenant_world& t, const extension_id& id) {
  std::set<call_id> out;
  const auto* s = t.extensions.get(id);
  if (s == nullptr) return out;
  for (const auto& [device, state] : s->devices)
    if (const auto found = t.calls_of.find(device); found != t.calls_of.end())
      out.insert(found->second.begin(), found->second.end());
  return out;
}

std::string username_of(const tenant_world& t, const agent_id& id) {
  const auto s = t.agents.peek(id);
  return s ? s->username.reveal() : std::string{};
}

std::map<std::string, extension_id> numbers_of(const tenant_world& t) {
  std::map<std::string, extension_id> out;
  t.extensions.each([&](const extension_id& id, const extension::state& s) {
    if (s.exists && !s.number.erased()) out.insert_or_assign(s.number.reveal(), id);
  });
  return out;
}

namespace {

bool asked_for(const answer::call_row& row, const request::history& query) {
  if (query.extension && row.caller != *query.extension && row.callee != *query.extension &&
      row.transferred_to != *query.extension)
    return false;
  if (query.state && row.state != *query.state) return false;
  if (query.from != 0 && row.started_at.at < query.from) return false;
  return query.to == 0 || row.started_at.at <= query.to;
}

} // namespace

answer::call_page history_page(const tenant_world& t, const request::history& query,
                               const std::optional<extension_id>& of) {
  answer::call_page page;
  position below = ~position{0};
  position last = 0; // of the oldest row on this page: the next one starts below it
  if (!query.cursor.empty())
    std::from_chars(query.cursor.data(), query.cursor.data() + query.cursor.size(), below);
  const auto take = [&](position at, const answer::call_row& row) {
    if (!asked_for(row, query)) return true;
    if (page.calls.size() == query.limit) {
      page.next_cursor = std::to_string(last);
      return false;
    }
    page.calls.push_back(row);
    last = at;
    return true;
  };
  if (of)
    t.history_of.descend({*of, below}, [&](const auto& key, const marker&) {
      return key.first == *of && take(key.second, t.history.at(key.second).row);
    });
  else
    t.history.descend(below, [&](position at, const history_row& r) { return take(at, r.row); });
  return page;
}

} // namespace strowger::views
