// One session: one sign-in of one device, with its timeout and its WebRTC state.
// Seed 004's REST session, a /ws sign-in and a licensed login are this one aggregate.
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"
#include "core/personal.hpp"

#include <optional>
#include <string>

namespace strowger::session {

enum class phase { fresh, connecting, connected, closed }; // on the wire: new, connecting, ...
enum class session_kind { websocket, rest, licensed };

struct candidate { // RTCIceCandidateInit; an empty `candidate` text ends the list
  std::string candidate;
  std::string mid;
  std::int32_t line = 0;
  static constexpr auto fields =
      std::tuple{field{"candidate", &candidate::candidate}, field{"mid", &candidate::mid},
                 field{"line", &candidate::line}};
};

// Events. Tag and fields are the disk format: add, never rename. Personal subject: the agent.
struct opened {
  static constexpr auto tag = "session.opened.v1";
  extension_id extension;
  agent_id agent;
  device_id device;
  session_kind kind{};
  std::string peer_connection; // of a licensed one: the REST session that it ends with, if any
  duration_ms timeout_ms = 0;  // 0: ends with its device
  incarnation node = 0;
  time_ms at = 0;
  session_id seat;          // of a device: the licensed session that it came with
  duration_ms grace_ms = 0; // of a licensed one: how long it outlives a lost line unheard
  static constexpr auto fields = std::tuple{field{"extension", &opened::extension},
                                            field{"agent", &opened::agent},
                                            field{"device", &opened::device},
                                            field{"kind", &opened::kind},
                                            field{"peer_connection", &opened::peer_connection},
                                            field{"timeout_ms", &opened::timeout_ms},
                                            field{"node", &opened::node},
                                            field{"at", &opened::at},
                                            field{"seat", &opened::seat},
                                            field{"grace_ms", &opened::grace_ms}};
};
struct offer_set {
  static constexpr auto tag = "session.offer_set.v1";
  personal<std::string> sdp;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"sdp", &offer_set::sdp}, field{"at", &offer_set::at}};
};
struct answer_set {
  static constexpr auto tag = "session.answer_set.v1";
  personal<std::string> sdp;
  time_ms at = 0;
  call_id call; // that rang and shall be answered with it; empty: none rang
  static constexpr auto fields =
      std::tuple{field{"sdp", &answer_set::sdp}, field{"at", &answer_set::at},
                 field{"call", &answer_set::call}};
};
struct candidate_added {
  static constexpr auto tag = "session.candidate_added.v1";
  personal<session::candidate> candidate;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"candidate", &candidate_added::candidate},
                                            field{"at", &candidate_added::at}};
};
struct peer_answered { // the other side's description, as a REST client reads it back
  static constexpr auto tag = "session.peer_answered.v1";
  personal<std::string> sdp; // subject: the peer's agent
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"sdp", &peer_answered::sdp}, field{"at", &peer_answered::at}};
};
struct renewed { // written only when half of the timeout is gone
  static constexpr auto tag = "session.renewed.v1";
  incarnation node = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"node", &renewed::node}, field{"at", &renewed::at}};
};
struct line_lost { // a connection of its client is gone; a sign of life makes it undone
  static constexpr auto tag = "session.line_lost.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &line_lost::at}};
};
struct closed {
  static constexpr auto tag = "session.closed.v1";
  std::string reason; // logout, timeout, device_lost, deleted, replaced, refused
  time_ms at = 0;
  std::string code; // of what was refused
  static constexpr auto fields = std::tuple{field{"reason", &closed::reason},
                                            field{"at", &closed::at}, field{"code", &closed::code}};
};
using event = std::variant<opened, offer_set, answer_set, candidate_added, peer_answered, renewed,
                           line_lost, closed>;

// Commands. All but `open` and `close`: session_unknown before it is opened, session_closed after.
struct open {
  extension_id extension;
  agent_id agent;
  device_id device;
  session_kind kind{};
  std::string peer_connection;
  duration_ms timeout_ms = 0;
  session_id seat;          // see opened
  duration_ms grace_ms = 0; // see opened
};
struct set_offer {
  personal<std::string> sdp;
};
struct set_answer {
  personal<std::string> sdp;
  call_id call; // see answer_set
};
struct add_candidate { // too_many_candidates beyond the limit; a repeat of the last one is nothing
  personal<session::candidate> candidate;
};
struct note_peer_answer {
  personal<std::string> sdp;
};
struct renew {};
struct lose_line {}; // see line_lost; of one that is over: nothing
struct keep_line {}; // a device of it is there: undoes that, and renews nothing else
struct close {
  std::string reason, code;
};
struct remove {}; // by its client: what is gone already is refused
struct tick {};
using command = std::variant<open, set_offer, set_answer, add_candidate, note_peer_answer, renew,
                             lose_line, keep_line, close, remove, tick>;

struct state {
  bool exists = false;
  session::phase phase{};
  extension_id extension;
  agent_id agent;
  device_id device;
  session_kind kind{};
  std::string peer_connection;
  duration_ms timeout_ms = 0;
  incarnation node = 0;
  time_ms created_at = 0;
  time_ms last_activity = 0;
  time_ms renewed_at = 0;
  std::optional<personal<std::string>> offer, answer, peer_answer;
  call_id answers; // the call that `answer` is for, when one rang
  std::vector<personal<session::candidate>> candidates; // kept, also those before the offer
  std::string close_reason;
  session_id seat;
  duration_ms grace_ms = 0;
  time_ms lost_at = 0; // 0: its client was heard since
  static constexpr auto fields = std::tuple{field{"exists", &state::exists},
                                            field{"phase", &state::phase},
                                            field{"extension", &state::extension},
                                            field{"agent", &state::agent},
                                            field{"device", &state::device},
                                            field{"kind", &state::kind},
                                            field{"peer_connection", &state::peer_connection},
                                            field{"timeout_ms", &state::timeout_ms},
                                            field{"node", &state::node},
                                            field{"created_at", &state::created_at},
                                            field{"last_activity", &state::last_activity},
                                            field{"renewed_at", &state::renewed_at},
                                            field{"offer", &state::offer},
                                            field{"answer", &state::answer},
                                            field{"peer_answer", &state::peer_answer},
                                            field{"answers", &state::answers},
                                            field{"candidates", &state::candidates},
                                            field{"close_reason", &state::close_reason},
                                            field{"seat", &state::seat},
                                            field{"grace_ms", &state::grace_ms},
                                            field{"lost_at", &state::lost_at}};
};
struct reply {
  session::phase phase{};
  device_id device;
  extension_id extension;
  time_ms created_at = 0;
  time_ms last_activity = 0;
  call_id answers; // of set_answer: the call that this very answer is for, if any
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);
// End of the timeout, or of the grace of a licensed one whose line is lost. Time in which the
// server was down does not count: a lease written by an earlier start of the node runs from this
// start.
time_ms wake_at(const state& now, const context& ctx);

struct spec {
  static constexpr auto kind = "session";
  using state = session::state;
  using command = session::command;
  using event = session::event;
  using reply = session::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return session::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return session::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return session::reply_to(s, c); }
  static time_ms wake_at(const state& s, const context& ctx) { return session::wake_at(s, ctx); }
  static command tick_command() { return tick{}; }
  static bool over(const state& s) { return s.phase == session::phase::closed; }
};

} // namespace strowger::session

template <> struct strowger::enum_names<strowger::session::phase> {
  static constexpr std::array<std::string_view, 4> value{"new", "connecting", "connected",
                                                         "closed"};
};
template <> struct strowger::enum_names<strowger::session::session_kind> {
  static constexpr std::array<std::string_view, 3> value{"websocket", "rest", "licensed"};
};
