// What can happen to a license. Tag and fields are the disk format: add, never rename.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/personal.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <variant>

namespace strowger::license {

struct issued { // also a change of terms
  static constexpr auto tag = "license.issued.v1";
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0; // never above max_users
  bool webrtc_extension = false;      // the feature
  time_ms expires_at = never;         // never: no end
  time_ms at = 0;
  time_ms starts_at = 0;
  std::uint32_t sessions_per_user = 0; // 0: no limit
  std::uint32_t overdraft = 0;         // seats beyond the lease while the master is away
  std::string organization;
  std::set<std::string> features; // beside webrtc_extension
  personal<std::string> key;      // what a slave signs in with; its subject is the license
  std::string document;           // on a slave: what its master has signed
  std::string signer;             // and with which key, PEM: from now on with no other
  static constexpr auto fields = std::tuple{field{"plan", &issued::plan},
                                            field{"max_users", &issued::max_users},
                                            field{"webrtc_max_users", &issued::webrtc_max_users},
                                            field{"webrtc_extension", &issued::webrtc_extension},
                                            field{"expires_at", &issued::expires_at},
                                            field{"at", &issued::at},
                                            field{"starts_at", &issued::starts_at},
                                            field{"sessions_per_user", &issued::sessions_per_user},
                                            field{"overdraft", &issued::overdraft},
                                            field{"organization", &issued::organization},
                                            field{"features", &issued::features},
                                            field{"key", &issued::key},
                                            field{"document", &issued::document},
                                            field{"signer", &issued::signer}};
};
struct suspended {
  static constexpr auto tag = "license.suspended.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &suspended::at}};
};
struct resumed {
  static constexpr auto tag = "license.resumed.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &resumed::at}};
};
struct revoked {
  static constexpr auto tag = "license.revoked.v1";
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"at", &revoked::at}};
};
struct seat_taken { // the agent's first session: a seat is used from now on
  static constexpr auto tag = "license.seat_taken.v1";
  agent_id holder;
  session_id session;
  time_ms at = 0;
  bool overdrawn = false; // beyond the lease, while the master was away: a debt
  static constexpr auto fields =
      std::tuple{field{"holder", &seat_taken::holder}, field{"session", &seat_taken::session},
                 field{"at", &seat_taken::at}, field{"overdrawn", &seat_taken::overdrawn}};
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

// On the master: what slaves have.
struct lease_granted { // in place of the one before; without seats: it was given back
  static constexpr auto tag = "license.lease_granted.v1";
  slave_id slave;
  std::uint64_t ask = 0;
  std::uint64_t epoch = 0; // rises with every grant of this license
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
  incarnation node = 0;
  time_ms at = 0;
  static constexpr auto fields = std::tuple{field{"slave", &lease_granted::slave},
                                            field{"ask", &lease_granted::ask},
                                            field{"epoch", &lease_granted::epoch},
                                            field{"seats", &lease_granted::seats},
                                            field{"lease_ms", &lease_granted::lease_ms},
                                            field{"node", &lease_granted::node},
                                            field{"at", &lease_granted::at}};
};
struct lease_ended { // not renewed: the seats are free again
  static constexpr auto tag = "license.lease_ended.v1";
  slave_id slave;
  std::uint64_t epoch = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"slave", &lease_ended::slave}, field{"epoch", &lease_ended::epoch},
                 field{"at", &lease_ended::at}};
};

// On a slave: what it has.
struct seats_asked { // more than `seats` are not used from now on
  static constexpr auto tag = "license.seats_asked.v1";
  std::uint64_t ask = 0;
  std::uint32_t seats = 0;
  incarnation node = 0;
  time_ms at = 0;
  std::string boot;
  std::int64_t boot_ms = 0;
  static constexpr auto fields =
      std::tuple{field{"ask", &seats_asked::ask},   field{"seats", &seats_asked::seats},
                 field{"node", &seats_asked::node}, field{"at", &seats_asked::at},
                 field{"boot", &seats_asked::boot}, field{"boot_ms", &seats_asked::boot_ms}};
};
struct lease_received {
  static constexpr auto tag = "license.lease_received.v1";
  std::uint64_t ask = 0;
  std::uint64_t epoch = 0;
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
  time_ms until = 0; // by the clock of the node that asked
  time_ms at = 0;
  static constexpr auto fields = std::tuple{
      field{"ask", &lease_received::ask},     field{"epoch", &lease_received::epoch},
      field{"seats", &lease_received::seats}, field{"lease_ms", &lease_received::lease_ms},
      field{"until", &lease_received::until}, field{"at", &lease_received::at}};
};
struct lease_woken { // after a restart on a machine that ran on
  static constexpr auto tag = "license.lease_woken.v1";
  incarnation node = 0;
  time_ms until = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"node", &lease_woken::node}, field{"until", &lease_woken::until},
                 field{"at", &lease_woken::at}};
};
struct lease_voided {
  static constexpr auto tag = "license.lease_voided.v1";
  std::uint64_t asks = 0; // the next ask is later than these
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"asks", &lease_voided::asks}, field{"at", &lease_voided::at}};
};

using event = std::variant<issued, suspended, resumed, revoked, seat_taken, seat_shared, seat_left,
                           seat_released, lease_granted, lease_ended, seats_asked, lease_received,
                           lease_woken, lease_voided>;

} // namespace strowger::license
