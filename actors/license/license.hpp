// The seats of one license. A master's license counts its own seats and those it has leased to
// slaves; a slave's has the terms of a signed document and as many seats as its lease says. A seat
// belongs to an agent while at least one of its sessions holds it.
#pragma once

#include "actors/license/events.hpp"
#include "core/decision.hpp"
#include "core/limits.hpp"

#include <map>
#include <optional>

namespace strowger::license {

// Commands.
struct issue { // the same again is nothing; webrtc_max_users > max_users: value_out_of_range;
               // fewer seats than are used or leased: user_limit_reached
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  bool webrtc_extension = false;
  time_ms expires_at = never;
  time_ms starts_at = 0;
  std::uint32_t sessions_per_user = 0; // 0: as many as there are devices
  std::uint32_t overdraft = 0;         // seats beyond the lease while the master is away
  std::string organization;
  std::set<std::string> features;           // beside webrtc_extension
  std::optional<personal<std::string>> key; // none: as it is
  std::string document, signer;             // a slave's: what its master has signed, and the key
};
// What is named, of a license that is there: license_unknown; license_changed when its tag is
// another one than `if_tag`; else as `issue`.
struct change {
  std::optional<std::string> plan, organization;
  std::optional<bool> webrtc_extension;
  std::optional<std::set<std::string>> features;
  std::optional<std::uint32_t> max_users, webrtc_max_users, sessions_per_user, overdraft;
  std::optional<time_ms> starts_at, expires_at;
  std::optional<std::string> if_tag;
  std::uint32_t seats_where_none = 0; // at most: where there are no seats yet
};
struct suspend {}; // no new seats until `resume`; who has one keeps it
struct resume {};
struct revoke {};  // for good: every seat is void
struct take_seat { // see `validity_of`; signed_in_elsewhere, user_limit_reached, master_away
  agent_id holder;
  session_id session;
  bool away = false; // a slave's: the master cannot be asked
};
struct confirm_seat { // a heartbeat: seat_lost when this session has none, or no right to it
  agent_id holder;
  session_id session;
  bool away = false;
};
struct release_seat { // not held: nothing
  agent_id holder;
  session_id session;
};
// On the master.
struct grant { // a slave asks for so many seats in all: stale_lease for an older ask
  slave_id slave;
  std::uint64_t ask = 0; // rises with every ask of this slave
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
};
// On a slave. It asks for all seats it wants to have: what it gives back is not used from the ask
// on, whatever becomes of it.
struct ask {
  std::uint32_t seats = 0; // never fewer than are held
  std::string boot;        // of the machine: where `boot_ms` counts from
  std::int64_t boot_ms = 0;
};
struct receive { // the answer to the latest ask of this start of the node; others: stale_lease
  std::uint64_t ask = 0, epoch = 0;
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
};
struct wake_lease { // at a start: the machine ran on, so the rest of the lease still holds
  std::string boot;
  std::int64_t boot_ms = 0;
};
struct void_lease { // the master knows of later asks than we do: our log is an older copy
  std::uint64_t asks = 0;
};
struct tick {};
using command = std::variant<issue, change, suspend, resume, revoke, take_seat, confirm_seat,
                             release_seat, grant, ask, receive, wake_lease, void_lease, tick>;

struct seat {
  std::set<session_id> sessions;
  time_ms since = 0;
  bool overdrawn = false;
  static constexpr auto fields =
      std::tuple{field{"sessions", &seat::sessions}, field{"since", &seat::since},
                 field{"overdrawn", &seat::overdrawn}};
};
struct leased { // to one slave
  std::uint64_t ask = 0, epoch = 0;
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
  incarnation node = 0;
  time_ms at = 0;
  static constexpr auto fields =
      std::tuple{field{"ask", &leased::ask},     field{"epoch", &leased::epoch},
                 field{"seats", &leased::seats}, field{"lease_ms", &leased::lease_ms},
                 field{"node", &leased::node},   field{"at", &leased::at}};
};
struct lease {            // what a slave has
  std::uint64_t asks = 0; // so many were made; of the last one:
  std::uint32_t asked_seats = 0;
  incarnation asked_by = 0;
  time_ms asked_at = 0;
  std::string boot;
  std::int64_t asked_boot_ms = 0;
  std::uint64_t epoch = 0; // of the last one received:
  std::uint32_t seats = 0; // usable until `until`, by the start `node` alone
  duration_ms usable_ms = 0;
  std::string from_boot; // since then by the machine's own clock
  std::int64_t from_boot_ms = 0;
  incarnation node = 0;
  time_ms until = 0;
  static constexpr auto fields = std::tuple{field{"asks", &lease::asks},
                                            field{"asked_seats", &lease::asked_seats},
                                            field{"asked_by", &lease::asked_by},
                                            field{"asked_at", &lease::asked_at},
                                            field{"boot", &lease::boot},
                                            field{"asked_boot_ms", &lease::asked_boot_ms},
                                            field{"epoch", &lease::epoch},
                                            field{"seats", &lease::seats},
                                            field{"usable_ms", &lease::usable_ms},
                                            field{"from_boot", &lease::from_boot},
                                            field{"from_boot_ms", &lease::from_boot_ms},
                                            field{"node", &lease::node},
                                            field{"until", &lease::until}};
};
struct state {
  bool exists = false;
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  bool webrtc_extension = false;
  time_ms expires_at = never;
  time_ms issued_at = 0; // first
  time_ms changed_at = 0;
  time_ms starts_at = 0;
  std::uint32_t sessions_per_user = 0;
  std::uint32_t overdraft = 0;
  std::string organization;
  std::set<std::string> features;
  personal<std::string> key;
  std::string document, signer;
  bool suspended = false;
  bool revoked = false;
  std::map<agent_id, seat> held; // its size is the number of seats used here
  std::uint64_t epochs = 0;
  std::map<slave_id, leased> slaves;
  license::lease lease; // where there is a document
  static constexpr auto fields = std::tuple{field{"exists", &state::exists},
                                            field{"plan", &state::plan},
                                            field{"max_users", &state::max_users},
                                            field{"webrtc_max_users", &state::webrtc_max_users},
                                            field{"webrtc_extension", &state::webrtc_extension},
                                            field{"expires_at", &state::expires_at},
                                            field{"issued_at", &state::issued_at},
                                            field{"changed_at", &state::changed_at},
                                            field{"starts_at", &state::starts_at},
                                            field{"sessions_per_user", &state::sessions_per_user},
                                            field{"overdraft", &state::overdraft},
                                            field{"organization", &state::organization},
                                            field{"features", &state::features},
                                            field{"key", &state::key},
                                            field{"document", &state::document},
                                            field{"signer", &state::signer},
                                            field{"suspended", &state::suspended},
                                            field{"revoked", &state::revoked},
                                            field{"held", &state::held},
                                            field{"epochs", &state::epochs},
                                            field{"slaves", &state::slaves},
                                            field{"lease", &state::lease}};
  bool delegated() const { return !document.empty(); }
};
struct reply {
  std::string plan;
  std::uint32_t max_users = 0;
  std::uint32_t webrtc_max_users = 0;
  std::uint32_t used = 0;
  std::uint64_t ask = 0, epoch = 0; // of grant: what this slave has now; of ask: its number
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
  time_ms until = never; // a slave's: an answer that says yes must be given before
};

decision<event> decide(const state& now, const command& c, const context& ctx);
state evolve(state s, const event& e);
reply reply_to(const state& now, const command& c);
time_ms wake_at(const state& now, const context& ctx); // the first end of a lease that was granted

// Questions.
// May somebody sign in? ok, license_unknown, license_revoked, license_suspended,
// license_not_started, license_expired or feature_not_licensed, the first that holds.
errc validity_of(const state& s, time_ms now);
// As Keygen spells them: VALID, EXPIRED, ...; empty: not the license's word.
std::string code_of(errc why);
std::string tag_of(const state& s); // of the terms and the status; another one when they change
std::uint32_t leased_seats(const state& s); // to slaves, whether live or not yet ended
std::uint32_t seats_here(const state& s, const context& ctx); // how many may be held on this node
bool lease_live(const state& s, const context& ctx);          // of a slave
// How long a slave uses a lease: it stops well before its master may give the seats away again,
// however its clock drifts.
constexpr duration_ms usable(duration_ms lease_ms) { return lease_ms - lease_ms / 10; }

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
  static time_ms wake_at(const state& s, const context& ctx) { return license::wake_at(s, ctx); }
  static command tick_command() { return tick{}; }
  static bool over(const state&) { return false; }
};

} // namespace strowger::license
