#include "actors/extension/extension.hpp"

namespace strowger::extension {

state evolve(state s, const event& e) {
  std::visit(overloaded{[&](const created& x) {
                          s.exists = true;
                          s.number = x.number;
                          s.owner = x.owner;
                        },
                        [&](const assigned& x) {
                          s.number = x.number;
                          s.owner = x.owner;
                        },
                        [&](const released&) { s.owner = {}; },
                        [&](const policy_set& x) {
                          s.when_busy = x.when_busy;
                          s.ring_ms = x.ring_ms;
                        },
                        [&](const device_attached& x) {
                          s.devices[x.device] = {x.session, x.kind,     x.user_agent, true,
                                                 x.node,    x.grace_ms, x.at,         x.seat};
                        },
                        [&](const device_detached& x) {
                          auto& d = s.devices[x.device];
                          d.attached = false;
                          d.node = x.node;
                          d.since = x.at;
                        },
                        [&](const device_forgotten& x) { s.devices.erase(x.device); }},
             e);
  return s;
}

} // namespace strowger::extension
