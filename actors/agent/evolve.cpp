#include "actors/agent/agent.hpp"

#include <algorithm>

namespace strowger::agent {

namespace {

// decide lets no token in beside `revoked_tokens_max` that still count, so the one that goes is
// dead by itself.
void drop_earliest(std::map<std::string, time_ms>& revoked) {
  revoked.erase(std::ranges::min_element(revoked, {}, [](const auto& r) { return r.second; }));
}

} // namespace

state evolve(state s, const event& e) {
  std::visit(overloaded{[&](const registered& x) {
                          s = {.exists = true,
                               .sample = x.sample,
                               .username = x.username,
                               .email = x.email,
                               .number = x.number,
                               .password_hash = x.password_hash,
                               .extension = x.extension,
                               .typology = x.typology,
                               .roles = x.roles,
                               .revoked = std::move(s.revoked),
                               .registered_at = x.at};
                        },
                        [&](const first_used&) { s.used = true; },
                        [&](const retired&) { s.gone = true; },
                        [&](const token_revoked& x) {
                          if (s.revoked.size() >= limits::revoked_tokens_max)
                            drop_earliest(s.revoked);
                          s.revoked[x.jti] = x.expires_at;
                        },
                        [&](const password_set& x) { s.password_hash = x.password_hash; },
                        [&](const changed& x) {
                          s.email = x.email;
                          s.typology = x.typology;
                        },
                        [&](const moved& x) {
                          s.number = x.number;
                          s.extension = x.extension;
                        },
                        [&](const removed&) { s.gone = true; }},
             e);
  return s;
}

} // namespace strowger::agent
