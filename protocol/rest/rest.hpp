// The REST dialect (docs/openapi.yaml): bodies and queries in, answers out. Pure.
#pragma once

#include "core/request.hpp"
#include "protocol/value.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::protocol::rest {

using query = std::map<std::string, std::string, std::less<>>; // decoded; the last of a name wins

// Bodies. The size was checked; failures are 400 or 422 with the field's name as detail.
outcome<request::login> parse_login(std::string_view body, std::string_view address);
// `home`: the tenant where the body names none.
outcome<request::register_agent> parse_register(std::string_view body, std::string_view address,
                                                const tenant_id& home = tenant_id{"default"});

struct initiate {
  std::string target;
  std::optional<device_id> device;
};
// `method` is the query's; webrtc is the default, sip and ami are method_not_supported for now.
outcome<initiate> parse_initiate(std::string_view body, const query& q);

outcome<request::record> parse_record(std::string_view body); // action, consent

struct session_sdp {
  session_id session;
  std::string sdp;
};
struct session_candidate {
  session_id session;
  notice::candidate what;
};
struct session_dial {
  session_id session;
  request::dial what;
};
struct session_act {
  session_id session;
  std::optional<call_id> call;
  request::call_action what;
};
outcome<std::string> parse_open_session(std::string_view body); // the extension
outcome<session_sdp> parse_sdp(std::string_view body);
outcome<session_candidate> parse_candidate(std::string_view body);
outcome<session_dial> parse_call(std::string_view body);
outcome<session_act> parse_hangup(std::string_view body);
outcome<session_act> parse_dtmf(std::string_view body);

// Licenses and agents. A misspelt member is unknown_field; a change may repeat what GET shows.
// `features` of a change: webrtc_extension by itself; others as a whole, where one is named.
outcome<request::license> parse_license(std::string_view body);
outcome<request::license_change> parse_license_change(std::string_view body);
outcome<request::agent_change> parse_agent_change(std::string_view body);
outcome<std::optional<session_id>> parse_validate(std::string_view body); // may be empty
// If-Match: nothing and "*" are no condition; one strong tag is; else value_out_of_range.
outcome<std::optional<std::string>> parse_if_match(std::string_view header);
outcome<tenant_id> parse_tenant(std::string_view name); // of a query; empty: the default one
outcome<request::agents> parse_agents(const query& q);  // limit, cursor

// extension, state, from, to (RFC 3339 or milliseconds), limit, cursor. `who` is left empty.
outcome<request::history> parse_history(const query& q);

// Answers.
struct login_extras { // what the server adds to an identity
  std::string token;
  time_ms expires_at = 0;
  value ice;
  value sip; // null: no SIP for this agent
};
value render_login(const answer::identity& who, login_extras extras);
value render_registered(const answer::registered& who);
value render_extensions(const std::vector<answer::extension_row>& rows, bool with_count);
value render_dialled(const answer::dialled& what, std::string_view message);
value render_session(const answer::session_row& row, value ice); // of POST session
value render_sessions(const std::vector<answer::session_row>& rows);
value render_done(std::string_view message);
value render_licenses(const std::vector<answer::license_row>& rows);
value render_license(const answer::license_row& row);
value render_current(const answer::current_license& what);
value render_seats(const answer::license_seats& what);
value render_validation(const answer::validation& what);
value render_agents(const answer::agent_page& page);
value render_receipt(const answer::seat_receipt& what);
value render_statement_key(const answer::statement_key& what);
value render_agent(const answer::agent_row& row);
struct sip_extras { // what the server adds to an account
  std::string ws_uri;
  std::string host; // of the SIP address, as the client names this machine
  value ice;
};
value render_sip(const answer::sip_account& who, sip_extras extras); // without "success"

} // namespace strowger::protocol::rest
