// Committed event -> commands to other aggregates: the only place that sees several of them. Pure;
// the reactor host delivers at least once and in order per target, so each command may be repeated.
#pragma once

#include "actors/agent/agent.hpp"
#include "actors/call/call.hpp"
#include "actors/extension/extension.hpp"
#include "actors/license/license.hpp"
#include "actors/session/session.hpp"
#include "actors/slave/slave.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strowger::reactors {

// One command to another stream of the same tenant. Its command id is a digest of (position of the
// cause, reactor, kind and target): one event makes at most one command per reactor and target.
struct derived {
  std::string_view reactor; // a constant name, e.g. "session_closed"
  std::string kind;         // of the target, e.g. "call"
  std::string target_id;    // the target's stream id
  std::variant<agent::command, extension::command, session::command, license::command,
               call::command>
      command;
};

struct session_facts { // what `opened` says of a session, also after it was closed
  extension_id extension;
  agent_id agent;
  device_id device;
  session::session_kind kind{};
  session_id seat; // of a device: the licensed session that it came with
};

// What a reactor may ask: one tenant's log, folded up to and including the event it reacts to.
class facts {
public:
  virtual ~facts() = default;
  virtual std::vector<call_id> calls_of(const device_id& device) const = 0; // those not ended
  virtual const call::state* call(const call_id& id) const = 0;             // null: unknown
  virtual std::optional<session_facts> session(const session_id& id) const = 0;
  // The open session of this device, the latest when it signed in anew; empty: none.
  virtual std::optional<session_id> session_of_device(const device_id& device) const = 0;
  virtual const session::state* open_session(const session_id& id) const = 0; // null: none
  virtual const extension::state* known_extension(const extension_id& id) const = 0; // null: none
  virtual license_id license_of(const tenant_id& tenant) const = 0;
};

// `stream` is the id of the stream that the event belongs to.
std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const extension::event& e, const facts& known);
std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const session::event& e, const facts& known);
std::vector<derived> react(const tenant_id& tenant, const std::string& stream, const call::event& e,
                           const facts& known);
std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const agent::event& e, const facts& known);
std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const license::event& e, const facts& known);
std::vector<derived> react(const tenant_id& tenant, const std::string& stream,
                           const slave::event& e, const facts& known);

} // namespace strowger::reactors
