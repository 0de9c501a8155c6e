#include "actors/license/license.hpp"

namespace strowger::license {

state evolve(state s, const event& e) {
  std::visit(overloaded{[&](const issued& x) {
                          s.exists = true;
                          s.plan = x.plan;
                          s.max_users = x.max_users;
                          s.webrtc_max_users = x.webrtc_max_users;
                          s.webrtc_extension = x.webrtc_extension;
                          s.expires_at = x.expires_at;
                          s.issued_at = x.at;
                        },
                        [&](const seat_taken& x) {
                          s.held[x.holder] = {{x.session}, x.at};
                        },
                        [&](const seat_shared& x) { s.held[x.holder].sessions.insert(x.session); },
                        [&](const seat_left& x) { s.held[x.holder].sessions.erase(x.session); },
                        [&](const seat_released& x) { s.held.erase(x.holder); }},
             e);
  return s;
}

} // namespace strowger::license
