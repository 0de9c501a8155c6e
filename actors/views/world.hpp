// The live picture of one tenant, folded from the committed log: what the door needs to know to
// decide (facts), what REST asks for, and what reactors look up. Pure; owned by the publisher.
#pragma once

#include "actors/views/committed.hpp"
#include "actors/views/notices.hpp"
#include "core/request.hpp"

#include <map>
#include <set>

namespace strowger::views {

struct history_row {
  extension_id caller, callee;
  answer::call_row row;
};

struct tenant_world {
  std::map<agent_id, agent::state> agents;
  std::map<extension_id, extension::state> extensions;
  std::map<std::string, extension_id> numbers;
  std::map<device_id, extension_id> devices;     // known: attached or within their grace
  std::map<session_id, session::state> sessions; // not closed
  std::map<device_id, session_id> session_of;
  std::map<call_id, call::state> calls; // not ended
  std::map<device_id, std::set<call_id>> calls_of;
  std::map<position, history_row> history; // by the position of `placed`
  std::map<call_id, position> placed_at;
  license::state license;
  std::string license_stream;
  std::map<std::string, time_ms> revoked; // token ids
  std::uint64_t calls_total = 0, calls_answered = 0, calls_failed = 0;
};

struct world {
  std::map<tenant_id, tenant_world> tenants;
  position folded = 0;
};

// Folds one event; returns what devices are told because of it.
std::vector<addressed> fold(world& w, const committed& e);

// Small questions about the picture.
const extension::state* extension_by_number(const tenant_world& t, const std::string& number);
std::set<call_id> calls_of_extension(const tenant_world& t, const extension_id& id);
std::string username_of(const tenant_world& t, const agent_id& id);
answer::call_page history_page(const tenant_world& t, const request::history& query);

} // namespace strowger::views
