// The seats of one license (local role; master and slaves come later). Seats are counted, not
// scanned. A seat belongs to an agent while at least one of its sessions holds it.
#pragma once

#include "core/decision.hpp"
#include "core/fields.hpp"
#include "core/limits.hpp"

#include <map>
#include <set>
#include <string>

namespace strowger::license {

// Events. Tag and fields are the disk format: add, never rename.
struct issued { // also a change of plan
  static constexpr auto tag = "license.issued.v1";
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0; // never above max_users
  bool webrtc_extension = false;      // the feature
  time_ms expires_at = never;         // never: no end
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"plan", &issued::plan},
                                            field{"max_users", &issued::max_users},
                                            field{"webrtc_max_users", &issued::webrtc_max_users},
                                            field{"webrtc_extension", &issued::webrtc_extension},
                                            field{"expires_at", &issued::expires_at},
                                            field{"at", &issued::at}};
};
struct seat_taken { // the agent's first session: a seat is used from now on
  static constexpr auto tag = "license.seat_taken.v1";
  agent_id holder;
  session_id session;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"holder", &seat_taken::holder}, field{"session", &seat_taken::session},
                 field{"at", &seat_taken::at}};
};
struct seat_shared { // another session of an agent that has a seat
  static constexpr auto tag = "license.seat_shared.v1";
  agent_id holder;
  session_id session;
  static constexpr auto fields =
      std::tuple{field{"holder", &seat_shared::holder}, field{"session", &seat_shared::session}};
};
struct seat_left { // one of several sessions ended
  static constexpr auto tag = "license.seat_left.v1";
  agent_id holder;
  session_id session;
  static constexpr auto fields =
      std::tuple{field{"holder", &seat_left::holder}, field{"session", &seat_left::session}};
};
struct seat_released { // the last session ended: the seat is free
  static constexpr auto tag = "license.seat_released.v1";
  agent_id holder;
  session_id session;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"holder", &seat_released::holder}, field{"session", &seat_released::session},
                 field{"at", &seat_released::at}};
};
using event = std::variant<issued, seat_taken, seat_shared, seat_left, seat_released>;

// Commands.
struct issue { // the same again is nothing; webrtc_max_users > max_users: value_out_of_range
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  bool webrtc_extension = false;
  time_ms expires_at = never;
};
struct take_seat { // license_unknown, license_expired, feature_not_licensed, user_limit_reached
  agent_id holder;
  session_id session;
};
struct release_seat { // not held: nothing
  agent_id holder;
  session_id session;
};
struct tick {};
using command = std::variant<issue, take_seat, release_seat, tick>;

struct seat {
  std::set<session_id> sessions;
  time_ms since = 0;
  static constexpr auto fields =
      std::tuple{field{"sessions", &seat::sessions}, field{"since", &seat::since}};
};
struct state {
  bool exists = false;
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  bool webrtc_extension = false;
  time_ms expires_at = never;
  time_ms issued_at = 0;
  std::map<agent_id, seat> held; // its size is the number of seats used
  static constexpr auto fields = std::tuple{field{"exists", &state::exists},
                                            field{"plan", &state::plan},
                                            field{"max_users", &state::max_users},
                                            field{"webrtc_max_users", &state::webrtc_max_users},
                                            field{"webrtc_extension", &state::webrtc_extension},
                                            field{"expires_at", &state::expires_at},
                                            field{"issued_at", &state::issued_at},
                                            field{"held", &state::held}};
};
struct reply {
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  std::uint32_t used = 0;
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);

struct spec {
  static constexpr auto kind = "license";
  using state = license::state;
  using command = license::command;
  using event = license::event;
  using reply = license::reply;
  static decision<event> decide(const state& s, const command& c, const context& ctx) {
    return license::decide(s, c, ctx);
  }
  static state evolve(state s, const event& e) { return license::evolve(std::move(s), e); }
  static reply reply_to(const state& s, const command& c) { return license::reply_to(s, c); }
  static time_ms wake_at(const state&, const context&) { return never; }
  static command tick_command() { return tick{}; }
  static bool over(const state&) { return false; }
};

} // namespace strowger::license
