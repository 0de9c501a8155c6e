// The live picture of one tenant, folded from the committed log: what the door needs to know to
// decide (facts), what REST asks for, and what reactors look up. Pure; owned by the publisher.
#pragma once

#include "actors/views/committed.hpp"
#include "actors/views/notices.hpp"
#include "actors/views/table.hpp"
#include "core/request.hpp"

#include <map>
#include <set>

namespace strowger::views {

struct history_row {
  extension_id caller, callee;
  subject_id caller_subject, callee_subject, transferred_subject; // whose numbers the row shows
  answer::call_row row;
};
struct marker {}; // of a row that is all key

// A device that is known must be found at once, and so must its extension.
inline bool stays_at_hand(const extension::state& s) { return !s.devices.empty(); }

struct tenant_world {
  table<agent_id, agent::state> agents;
  table<extension_id, extension::state> extensions;
  table<device_id, extension_id> devices;     // known: attached or within their grace
  table<session_id, session::state> sessions; // not closed
  table<device_id, session_id> session_of;
  table<call_id, call::state> calls;                           // not ended
  table<call_id, position> placed_at;                          // of those
  std::map<device_id, std::set<call_id>> calls_of;             // follows from `calls`
  table<position, history_row> history;                        // by the position of `placed`
  table<std::pair<extension_id, position>, marker> history_of; // rows an extension stands in
  table<std::string, time_ms> revoked;                         // token ids
  table<agent_id, time_ms> void_tokens;                        // those issued until then
  table<license_id, license::state> licenses;
  table<session_id, position> seat_at; // the event that gave this session its seat
  table<slave_id, slave::state> slaves;
  std::uint64_t calls_total = 0, calls_answered = 0, calls_failed = 0;
  position changed = 0; // by the last event of the tenant
};

struct world {
  std::map<tenant_id, tenant_world> tenants;
  position folded = 0;
  // The license that a tenant's own seats are of; the others are leased from. Empty: there is none.
  std::function<license_id(const tenant_id&)> own_license;
  // Told of a tenant before anything of it is folded or asked for. Empty: tables stand alone.
  std::function<void(const tenant_id&, tenant_world&)> met;

  tenant_world& tenant(const tenant_id& id);
};

// Folds one event; returns what devices are told because of it.
std::vector<addressed> fold(world& w, const committed& e);

// After `calls` was restored: the table that follows from it.
void index_calls(tenant_world& t);

// Small questions about the picture.
const extension::state* known_extension(const tenant_world& t, const extension_id& id);
std::set<call_id> calls_of_extension(const tenant_world& t, const extension_id& id);
std::string username_of(const tenant_world& t, const agent_id& id); // does not keep it at hand
// `of`: the extension with the number that the query names; unknown: every row is looked at.
answer::call_page history_page(const tenant_world& t, const request::history& query,
                               const std::optional<extension_id>& of);
// Walks every extension: for lists that show all of them.
std::map<std::string, extension_id> numbers_of(const tenant_world& t);

} // namespace strowger::views
