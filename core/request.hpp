// What every dialect parses to, and what comes back: plain structs, no dialect, no transport.
#pragma once

#include "core/errc.hpp"
#include "core/ids.hpp"
#include "core/license_rows.hpp"
#include "core/notice.hpp"
#include "core/recording.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace strowger {

// Who asks, as the token (or the loopback exception) says. Checked before it gets here.
struct principal {
  tenant_id tenant{"default"};
  agent_id agent;     // empty for a tokenless caller
  std::string number; // of the extension it owns; for a tokenless caller: the one it claims
  std::vector<std::string> roles;
  std::string jti;
  time_ms expires_at = 0;
  bool tokenless = false;
  session_id session; // the licensed session of this sign-in, if any
  bool admin() const { return std::ranges::find(roles, "admin") != roles.end(); }
};

struct failure {
  errc why{};
  std::string detail;             // for people; may name a field, never a secret
  duration_ms retry_after_ms = 0; // for 429 and 503
  std::string receipt{};          // where the signed statement of it is, if there is one
};
template <class T> using outcome = std::variant<T, failure>;

namespace request {

struct login {
  tenant_id tenant{"default"};
  std::string username;
  std::string password;
  std::string address; // of the peer, for the rate limit
};
struct register_agent {
  tenant_id tenant{"default"};
  std::string username;
  std::string email;
  std::string extension;
  std::string password;
  std::string typology; // empty: "agent"
  std::string address;
};
struct attach { // a live connection becomes a device of an extension
  principal who;
  std::string extension;
  std::optional<std::string> resume; // resume token
  client_position position = 0;      // the last one the client has handled
  std::string user_agent;
  bool echo = false;     // extension *43: the echo end of the check page
  bool socketio = false; // a Socket.IO client
};
struct attach_session { // the event channel of a REST session
  session_id session;
  client_position position = 0;
  std::string user_agent;
};
struct dial {
  std::string target;
  std::string campaign, lead;
  bool video = false;
  bool relayed = false; // its media goes through the relay
};
struct answer {};
struct reject {};
struct hang_up {};
struct hold {};
struct unhold {};
struct mute {
  bool on = false;
};
struct dtmf {
  std::string tone;
  duration_ms duration = 0;
};
struct transfer {
  std::string target;
  bool warm = false;
};
struct cancel_transfer {};
struct offer {
  std::uint32_t bridge = 0; // 0: the current one
  std::string sdp;
};
struct sdp_answer {
  std::uint32_t bridge = 0;
  std::string sdp;
};
struct trickle {
  std::uint32_t bridge = 0;
  notice::candidate what; // empty text: end of candidates
};
struct record {
  recording_act what{};
  recording_consent consent{}; // of start; missing is refused: consent_missing
};
// What a device does in a call it takes part in.
using call_action = std::variant<answer, reject, hang_up, hold, unhold, mute, dtmf, transfer,
                                 cancel_transfer, offer, sdp_answer, trickle, record>;

struct initiate { // REST: the caller's device is told, not asked
  principal who;
  std::string target;
  std::optional<device_id> device;
};
struct history {
  principal who;
  std::optional<std::string> extension;
  std::optional<std::string> state;
  time_ms from = 0, to = 0; // 0: open
  std::size_t limit = 50;
  std::string cursor;
};
// Licenses and agents (seed 001).
struct license { // new
  std::string organization, plan;
  bool webrtc_extension = false;
  std::set<std::string> features; // others
  std::uint32_t max_users = 0, webrtc_max_users = 0;
  std::uint32_t sessions_per_user = 0; // 0: no limit
  std::uint32_t overdraft = 0;         // seats of a slave that is cut off, beyond its lease
  time_ms starts_at = 0, expires_at = never;
};
struct license_change { // what is not said stays
  std::optional<std::string> organization, plan;
  std::optional<bool> webrtc_extension;
  std::optional<std::set<std::string>> features;
  std::optional<std::uint32_t> max_users, webrtc_max_users, sessions_per_user, overdraft;
  std::optional<time_ms> starts_at, expires_at; // expires_at never: no end
  std::optional<std::string> status;            // active | suspended | revoked
  std::optional<std::string> if_tag;            // only while the license's tag is this one
};
struct agents {
  std::size_t limit = 100;
  std::string cursor;
};
struct agent_change { // what is not said stays
  std::optional<std::string> email, extension, password, typology;
};

struct open_session {
  principal who;
  std::string extension;
  std::string user_agent;
};

} // namespace request

namespace answer {

struct license_info {
  std::string plan;
  std::uint32_t max_users = 0, webrtc_max_users = 0, used = 0;
  static constexpr auto fields =
      std::tuple{field{"plan", &license_info::plan}, field{"max_users", &license_info::max_users},
                 field{"webrtc_max_users", &license_info::webrtc_max_users},
                 field{"seats_used", &license_info::used}};
};
struct identity { // of a login
  agent_id agent;
  tenant_id tenant;
  std::string username, email, extension, typology;
  std::vector<std::string> roles;
  std::optional<session_id> session; // licensed typologies: the session that holds the seat
  std::optional<license_info> license;
};
struct registered {
  agent_id agent;
  std::string extension;
};
struct attached {
  std::string extension;
  device_id device;
  session_id session;
  std::string resume_token;
  client_position position = 0;
  bool resumed = false;
  std::vector<notice::call_snapshot> calls;
};
struct dialled {
  call_id call;
  std::uint32_t devices_notified = 0;
};
struct call_state {
  call_id call;
  std::uint32_t bridge = 0;
  std::string role; // offer | answer | ""
};
struct device_row {
  device_id device;
  std::string kind, user_agent;
  instant connected_at, last_seen;
  static constexpr auto fields = std::tuple{
      field{"device_id", &device_row::device}, field{"kind", &device_row::kind},
      field{"user_agent", &device_row::user_agent},
      field{"connected_at", &device_row::connected_at}, field{"last_seen", &device_row::last_seen}};
};
struct extension_row {
  std::string extension, username, status; // online | offline
  bool ws_connected = false;
  std::uint32_t client_count = 0;
  std::vector<device_row> devices;
  std::vector<call_id> calls;
  static constexpr auto fields = std::tuple{field{"extension", &extension_row::extension},
                                            field{"username", &extension_row::username},
                                            field{"status", &extension_row::status},
                                            field{"ws_connected", &extension_row::ws_connected},
                                            field{"client_count", &extension_row::client_count},
                                            field{"devices", &extension_row::devices},
                                            field{"calls", &extension_row::calls}};
};
struct leg_quality { // the last that was known of it; see core/call_view.hpp
  std::uint32_t leg = 0;
  device_id device;
  std::uint32_t mos_x100 = 0, jitter_us = 0, loss_permyriad = 0, rtt_us = 0;
  std::uint64_t packets = 0;
  static constexpr auto fields = std::tuple{field{"leg", &leg_quality::leg},
                                            field{"device_id", &leg_quality::device},
                                            field{"mos_x100", &leg_quality::mos_x100},
                                            field{"jitter_us", &leg_quality::jitter_us},
                                            field{"loss_permyriad", &leg_quality::loss_permyriad},
                                            field{"rtt_us", &leg_quality::rtt_us},
                                            field{"packets", &leg_quality::packets}};
};
struct call_row { // call detail record
  call_id call;
  std::string caller, callee, state, cause;
  instant started_at;
  std::optional<instant> answered_at, ended_at;
  std::int64_t duration_ms = 0;
  std::optional<device_id> answered_by;
  std::optional<std::string> transferred_to, campaign, lead;
  std::optional<std::vector<leg_quality>> quality; // of legs whose media the relay carried
  static constexpr auto fields = std::tuple{field{"call_id", &call_row::call},
                                            field{"caller", &call_row::caller},
                                            field{"callee", &call_row::callee},
                                            field{"state", &call_row::state},
                                            field{"cause", &call_row::cause},
                                            field{"started_at", &call_row::started_at},
                                            field{"answered_at", &call_row::answered_at},
                                            field{"ended_at", &call_row::ended_at},
                                            field{"duration_ms", &call_row::duration_ms},
                                            field{"answered_by", &call_row::answered_by},
                                            field{"transferred_to", &call_row::transferred_to},
                                            field{"campaign_id", &call_row::campaign},
                                            field{"lead_id", &call_row::lead},
                                            field{"quality", &call_row::quality}};
};
struct recorded_file {
  std::uint32_t recording = 0, leg = 0;
  std::string file, sha256;
  std::uint64_t bytes = 0;
  std::int64_t duration_ms = 0;
  static constexpr auto fields =
      std::tuple{field{"recording_id", &recorded_file::recording},
                 field{"leg", &recorded_file::leg},
                 field{"file", &recorded_file::file},
                 field{"bytes", &recorded_file::bytes},
                 field{"duration_ms", &recorded_file::duration_ms},
                 field{"sha256", &recorded_file::sha256}};
};
struct recordings { // of one call
  call_id call;
  std::string state;          // none | recording | paused | stopped
  std::uint32_t recording = 0; // the latest
  std::optional<std::string> consent; // while it runs
  std::vector<recorded_file> files;
  static constexpr auto fields = std::tuple{field{"call_id", &recordings::call},
                                            field{"state", &recordings::state},
                                            field{"recording_id", &recordings::recording},
                                            field{"consent", &recordings::consent},
                                            field{"files", &recordings::files}};
};
struct call_page {
  std::vector<call_row> calls;
  std::optional<std::string> next_cursor;
  static constexpr auto fields =
      std::tuple{field{"calls", &call_page::calls}, field{"next_cursor", &call_page::next_cursor}};
};
struct stats {
  std::uint64_t connections = 0, devices_online = 0, extensions = 0, sessions = 0;
  std::uint64_t calls_active = 0, calls_total = 0, calls_answered = 0, calls_failed = 0;
  std::uint64_t success_per_mille = 0, failure_per_mille = 0;
  std::uint64_t journal_position = 0, journal_events = 0;
  std::optional<license_info> license;
  static constexpr auto fields =
      std::tuple{field{"connections", &stats::connections},
                 field{"devices_online", &stats::devices_online},
                 field{"extensions", &stats::extensions},
                 field{"sessions", &stats::sessions},
                 field{"calls_active", &stats::calls_active},
                 field{"calls_total", &stats::calls_total},
                 field{"calls_answered", &stats::calls_answered},
                 field{"calls_failed", &stats::calls_failed},
                 field{"call_success_per_mille", &stats::success_per_mille},
                 field{"call_failure_per_mille", &stats::failure_per_mille},
                 field{"journal_position", &stats::journal_position},
                 field{"journal_events", &stats::journal_events},
                 field{"license", &stats::license}};
};
struct session_row {
  session_id session;
  std::string extension, peer_connection, state;
  instant created_at, last_activity;
  std::optional<std::string> answer; // the peer's SDP, once there is one
  device_id device{};                // of its client; not told
  static constexpr auto fields =
      std::tuple{field{"session_id", &session_row::session},
                 field{"extension", &session_row::extension},
                 field{"peer_connection_id", &session_row::peer_connection},
                 field{"state", &session_row::state},
                 field{"created_at", &session_row::created_at},
                 field{"last_activity", &session_row::last_activity},
                 field{"answer", &session_row::answer}};
};
struct explanation { // doctor: why a call would fail
  bool would_work = false;
  std::string sentence;
  static constexpr auto fields = std::tuple{field{"would_work", &explanation::would_work},
                                            field{"sentence", &explanation::sentence}};
};
struct done {};

} // namespace answer
} // namespace strowger
