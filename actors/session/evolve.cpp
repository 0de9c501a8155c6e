#include "actors/session/session.hpp"

namespace strowger::session {

namespace {

void active(state& s, time_ms at) {
  s.last_activity = at;
  s.renewed_at = at; // whatever the client does renews its lease
  s.lost_at = 0;
}

} // namespace

state evolve(state s, const event& e) {
  std::visit(overloaded{[&](const opened& x) {
                          s.exists = true;
                          s.extension = x.extension;
                          s.agent = x.agent;
                          s.device = x.device;
                          s.kind = x.kind;
                          s.peer_connection = x.peer_connection;
                          s.timeout_ms = x.timeout_ms;
                          s.node = x.node;
                          s.created_at = x.at;
                          s.seat = x.seat;
                          s.grace_ms = x.grace_ms;
                          active(s, x.at);
                        },
                        [&](const offer_set& x) {
                          s.offer = x.sdp;
                          s.phase = phase::connecting;
                          active(s, x.at);
                        },
                        [&](const answer_set& x) {
                          s.answer = x.sdp;
                          s.answers = x.call;
                          s.phase = phase::connected;
                          active(s, x.at);
                        },
                        [&](const candidate_added& x) {
                          s.candidates.push_back(x.candidate);
                          active(s, x.at);
                        },
                        [&](const peer_answered& x) { // the peer's act: it renews nothing
                          s.peer_answer = x.sdp;
                          s.phase = phase::connected;
                        },
                        [&](const renewed& x) {
                          s.node = x.node;
                          active(s, x.at);
                        },
                        [&](const line_lost& x) { s.lost_at = x.at; },
                        [&](const closed& x) {
                          s.phase = phase::closed;
                          s.close_reason = x.reason;
                        }},
             e);
  return s;
}

} // namespace strowger::session
