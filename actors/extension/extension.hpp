// One extension: a number, its owner and its devices. Stream id: keyed digest of (tenant, number).
// "Attached" is history; who is online is decided by the live connection table (promise 3).
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/personal.hpp"

#include <map>
#include <string>

namespace strowger::extension {

enum class device_kind { websocket, rest, socketio, sip, echo };
enum class busy_policy { call_waiting, busy };

// Events. Tag and fields are the disk format: add, never rename.
struct created {
  static constexpr auto tag = "extension.created.v1";
  personal<std::string> number; // subject: the owner
  agent_id owner;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"number", &created::number}, field{"owner", &created::owner},
                 field{"at", &created::at}};
};
struct assigned { // to another owner
  static constexpr auto tag = "extension.assigned.v1";
  personal<std::string> number;
  agent_id owner;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"number", &assigned::number}, field{"owner", &assigned::owner},
                 field{"at", &assigned::at}};
};
struct released { // nobody owns it
  static constexpr auto tag = "extension.released.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &released::at}};
};
struct policy_set {
  static constexpr auto tag = "extension.policy_set.v1";
  busy_policy when_busy{};
  duration_ms ring_ms = 0; // 0: the site's default
  static constexpr auto fields = std::tuple{field{"when_busy", &policy_set::when_busy},
                                            field{"ring_ms", &policy_set::ring_ms}};
};
struct device_attached { // a new device, or one that came back
  static constexpr auto tag = "extension.device_attached.v1";
  device_id device;
  session_id session;
  device_kind kind{};
  personal<std::string> user_agent;
  incarnation node = 0;
  duration_ms grace_ms = 0; // how long it may be away
  time_ms at = 0;
  session_id seat; // the licensed session that it came with, here and below
  static constexpr auto fields = std::tuple{
      field{"device", &device_attached::device}, field{"session", &device_attached::session},
      field{"kind", &device_attached::kind},     field{"user_agent", &device_attached::user_agent},
      field{"node", &device_attached::node},     field{"grace_ms", &device_attached::grace_ms},
      field{"at", &device_attached::at},         field{"seat", &device_attached::seat}};
};
struct device_detached { // its connection is gone; it may come back within the grace time
  static constexpr auto tag = "extension.device_detached.v1";
  device_id device;
  std::string reason;
  incarnation node = 0;
  time_ms at = 0;
  session_id seat;
  static constexpr auto fields =
      std::tuple{field{"device", &device_detached::device},
                 field{"reason", &device_detached::reason}, field{"node", &device_detached::node},
                 field{"at", &device_detached::at}, field{"seat", &device_detached::seat}};
};
struct device_forgotten { // logout, closed session, or the grace time ran out
  static constexpr auto tag = "extension.device_forgotten.v1";
  device_id device;
  session_id session;
  std::string reason;
  time_ms at = 0;
  session_id seat;
  static constexpr auto fields = std::tuple{
      field{"device", &device_forgotten::device}, field{"session", &device_forgotten::session},
      field{"reason", &device_forgotten::reason}, field{"at", &device_forgotten::at},
      field{"seat", &device_forgotten::seat}};
};
using event = std::variant<created, assigned, released, policy_set, device_attached,
                           device_detached, device_forgotten>;

// Commands.
struct claim { // creates it, or takes it over from `from` (extension_in_use otherwise); a repeat by
               // its owner is nothing
  personal<std::string> number;
  agent_id owner;
  agent_id from; // empty: only when free
};
struct release { // only by its owner
  agent_id owner;
};
struct set_policy {
  busy_policy when_busy{};
  duration_ms ring_ms = 0;
};
struct attach_device { // resume: the device must be known and not forgotten (device_unknown)
  device_id device;
  session_id session;
  device_kind kind{};
  personal<std::string> user_agent;
  duration_ms grace_ms = 0;
  bool resume = false;
  session_id seat; // see device_attached
};
struct detach_device { // unknown or already detached: nothing
  device_id device;
  std::string reason;
  incarnation node =
      0; // of the connection that was lost; an older one than the attachment's is ignored
};
struct forget_device { // unknown: nothing
  device_id device;
  std::string reason;
  session_id
      session; // empty: whichever; another one than the device's: nothing (it came back anew)
};
struct tick {};
using command =
    std::variant<claim, release, set_policy, attach_device, detach_device, forget_device, tick>;

struct device {
  session_id session;
  device_kind kind{};
  personal<std::string> user_agent;
  bool attached = false;
  incarnation node = 0; // of its last attach or detach
  duration_ms grace_ms = 0;
  time_ms since = 0; // last attach or detach
  session_id seat;
  static constexpr auto fields = std::tuple{field{"session", &device::session},
                                            field{"kind", &device::kind},
                                            field{"user_agent", &device::user_agent},
                                            field{"attached", &device::attached},
                                            field{"node", &device::node},
                                            field{"grace_ms", &device::grace_ms},
                                            field{"since", &device::since},
                                            field{"seat", &device::seat}};
};
struct state {
  bool exists = false;
  personal<std::string> number;
  agent_id owner;
  busy_policy when_busy{};
  duration_ms ring_ms = 0;
  std::map<device_id, device> devices; // attached, or within their grace
  static constexpr auto fields =
      std::tuple{field{"exists", &state::exists},   field{"number", &state::number},
                 field{"owner", &state::owner},     field{"when_busy", &state::when_busy},
                 field{"ring_ms", &state::ring_ms}, field{"devices", &state::devices}};
};
struct reply {
  agent_id owner;
  session_id session; // of the device in question
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);
// When the next device's grace ends. A REST device has none: its session's timeout ends it. A
// device of an earlier start of the node is away since this start.
time_ms wake_at(const state& now, const context& ctx);

struct spec {
  static constexpr auto kind = "extension";
  using state = extension::state;
  using command = extension::command;
  using event = extension::event;
  using reply = extension::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return extension::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return extension::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return extension::reply_to(s, c); }
  static time_ms wake_at(const state& s, const context& ctx) { return extension::wake_at(s, ctx); }
  static command tick_command() { return tick{}; }
  static bool over(const state&) { return false; }
};

} // namespace strowger::extension

template <> struct strowger::enum_names<strowger::extension::device_kind> {
  static constexpr std::array<std::string_view, 5> value{"websocket", "rest", "socketio", "sip",
                                                         "echo"};
};
template <> struct strowger::enum_names<strowger::extension::busy_policy> {
  static constexpr std::array<std::string_view, 2> value{"call_waiting", "busy"};
};
