// What REST tells of licenses and agents (seed 001); `fields` spells the wire names.
#pragma once

#include "core/fields.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace strowger::answer {

struct license_row {
  license_id license;
  std::string key;                        // empty: not for this caller, or there is none
  std::string organization, plan, status; // active | not_started | expired | suspended | revoked
  std::map<std::string, bool> features;
  std::uint32_t max_users = 0, webrtc_max_users = 0, sessions_per_user = 0, overdraft = 0;
  std::uint32_t seats_used = 0;   // on this node
  std::uint32_t seats_leased = 0; // to slaves
  instant issued_at;
  std::optional<instant> starts_at, expires_at;
  std::string tag; // of terms and status: another one when they change; no field
  static constexpr auto fields =
      std::tuple{field{"id", &license_row::license},
                 field{"key", &license_row::key},
                 field{"organization_name", &license_row::organization},
                 field{"plan", &license_row::plan},
                 field{"status", &license_row::status},
                 field{"features", &license_row::features},
                 field{"max_users", &license_row::max_users},
                 field{"webrtc_max_users", &license_row::webrtc_max_users},
                 field{"sessions_per_user", &license_row::sessions_per_user},
                 field{"overdraft", &license_row::overdraft},
                 field{"seats_used", &license_row::seats_used},
                 field{"seats_leased", &license_row::seats_leased},
                 field{"issued_at", &license_row::issued_at},
                 field{"starts_at", &license_row::starts_at},
                 field{"expires_at", &license_row::expires_at}};
};
struct master_state {
  bool connected = false;
  std::optional<instant> last_sync;   // the last word from the master
  std::optional<instant> lease_until; // the seats are ours until then
  static constexpr auto fields = std::tuple{field{"connected", &master_state::connected},
                                            field{"last_sync", &master_state::last_sync},
                                            field{"lease_until", &master_state::lease_until}};
};
struct current_license {
  std::string role; // standalone | master | slave
  license_row license;
  std::uint32_t allocation = 0; // seats that this node may give now
  std::uint32_t seats_used = 0;
  std::optional<master_state> master; // of a slave
  static constexpr auto fields = std::tuple{
      field{"role", &current_license::role}, field{"license", &current_license::license},
      field{"allocation", &current_license::allocation},
      field{"seats_used", &current_license::seats_used}, field{"master", &current_license::master}};
};
struct seat_row { // who holds a seat, since when, and the event that proves it
  session_id session;
  agent_id agent;
  std::string username, extension;
  std::string slave; // its name; empty: this node
  instant created_at;
  std::optional<instant> last_heartbeat;
  position proof = 0; // of the event, in the log of the node where the session is
  bool overdrawn = false;
  static constexpr auto fields = std::tuple{field{"session_id", &seat_row::session},
                                            field{"agent_id", &seat_row::agent},
                                            field{"username", &seat_row::username},
                                            field{"extension", &seat_row::extension},
                                            field{"slave", &seat_row::slave},
                                            field{"created_at", &seat_row::created_at},
                                            field{"last_heartbeat", &seat_row::last_heartbeat},
                                            field{"position", &seat_row::proof},
                                            field{"overdrawn", &seat_row::overdrawn}};
};
struct slave_row {
  std::string slave, name;
  bool connected = false;
  std::uint32_t seats = 0, active_sessions = 0;
  std::uint64_t epoch = 0;
  std::optional<instant> lease_until;
  static constexpr auto fields = std::tuple{field{"id", &slave_row::slave},
                                            field{"name", &slave_row::name},
                                            field{"connected", &slave_row::connected},
                                            field{"seats", &slave_row::seats},
                                            field{"active_sessions", &slave_row::active_sessions},
                                            field{"epoch", &slave_row::epoch},
                                            field{"lease_until", &slave_row::lease_until}};
};
struct debt_row {             // a seat that a slave gave beyond its lease while it was cut off
  std::string slave, verdict; // open | accepted | billed | trimmed
  session_id session;
  agent_id agent;
  instant at;
  static constexpr auto fields =
      std::tuple{field{"slave", &debt_row::slave}, field{"verdict", &debt_row::verdict},
                 field{"session_id", &debt_row::session}, field{"agent_id", &debt_row::agent},
                 field{"at", &debt_row::at}};
};
struct license_seats {
  std::uint32_t webrtc_max_users = 0, active_sessions = 0;
  std::vector<seat_row> sessions;
  std::vector<slave_row> slaves;
  std::vector<debt_row> debts;
  static constexpr auto fields =
      std::tuple{field{"webrtc_max_users", &license_seats::webrtc_max_users},
                 field{"active_sessions", &license_seats::active_sessions},
                 field{"sessions", &license_seats::sessions},
                 field{"slaves", &license_seats::slaves}, field{"debts", &license_seats::debts}};
};
struct validation { // code as Keygen spells such codes: VALID, EXPIRED, SUSPENDED, ...
  bool valid = false;
  std::string code, detail;
  static constexpr auto fields =
      std::tuple{field{"valid", &validation::valid}, field{"code", &validation::code},
                 field{"detail", &validation::detail}};
};
struct agent_row {
  agent_id agent;
  std::string username, email, extension, typology;
  std::vector<std::string> roles;
  static constexpr auto fields =
      std::tuple{field{"id", &agent_row::agent},          field{"username", &agent_row::username},
                 field{"email", &agent_row::email},       field{"extension", &agent_row::extension},
                 field{"typology", &agent_row::typology}, field{"roles", &agent_row::roles}};
};
struct agent_page {
  std::vector<agent_row> agents;
  std::optional<std::string> next_cursor;
};
struct statement_key {            // what this node signs with
  std::string key_id, public_key; // PEM
  static constexpr auto fields = std::tuple{field{"key_id", &statement_key::key_id},
                                            field{"public_key", &statement_key::public_key}};
};
struct seat_receipt { // that a session was given a seat, or was not, and the event that says so
  license_id license;
  agent_id agent;
  session_id session;
  bool granted = false;
  std::string code;                // VALID, or why not
  strowger::position position = 0; // of the event, in this node's log
  std::string event, stream;       // its tag, and where it stands: at `version`
  strowger::version version = 0;
  instant at;
  std::string statement, key_id; // the same, signed
  static constexpr auto fields = std::tuple{
      field{"license_id", &seat_receipt::license},  field{"agent_id", &seat_receipt::agent},
      field{"session_id", &seat_receipt::session},  field{"granted", &seat_receipt::granted},
      field{"code", &seat_receipt::code},           field{"position", &seat_receipt::position},
      field{"event", &seat_receipt::event},         field{"stream", &seat_receipt::stream},
      field{"version", &seat_receipt::version},     field{"at", &seat_receipt::at},
      field{"statement", &seat_receipt::statement}, field{"key_id", &seat_receipt::key_id}};
};
struct sip_account { // what a softphone signs in with at a SIP registrar
  agent_id agent;
  std::string extension, username, typology, secret;
};

} // namespace strowger::answer
