// The handlers behind the routes. Each answers its exchange exactly once, now or later.
#pragma once

#include "http/exchange.hpp"

namespace strowger::http::handlers {

// pages.cpp
void health(const exchange_ptr&);
void ready(const exchange_ptr&);
void metrics_page(const exchange_ptr&);
void page(const exchange_ptr&); // static files

// account.cpp
void login(const exchange_ptr&);
void logout(const exchange_ptr&);
void register_agent(const exchange_ptr&);
void heartbeat(const exchange_ptr&);

// licenses.cpp
void list_licenses(const exchange_ptr&);
void seat_receipt(const exchange_ptr&);
void statement_key(const exchange_ptr&);
void get_license(const exchange_ptr&);
void create_license(const exchange_ptr&);
void change_license(const exchange_ptr&);
void revoke_license(const exchange_ptr&);
void current_license(const exchange_ptr&);
void license_seats(const exchange_ptr&);
void validate_license(const exchange_ptr&);

// agents.cpp
void list_agents(const exchange_ptr&);
void get_agent(const exchange_ptr&);
void create_agent(const exchange_ptr&);
void change_agent(const exchange_ptr&);
void remove_agent(const exchange_ptr&);
void sip_config(const exchange_ptr&);
protocol::value sip_of(const exchange&, const answer::sip_account&); // what a softphone needs

// presence.cpp
void extensions_status(const exchange_ptr&);
void extensions_connected(const exchange_ptr&);
void admin_stats(const exchange_ptr&);
void call_initiate(const exchange_ptr&);
void call_history(const exchange_ptr&);
void doctor_call(const exchange_ptr&);

// recordings.cpp
void record_call(const exchange_ptr&);
void list_recordings(const exchange_ptr&);
void get_recording(const exchange_ptr&);

// signalling.cpp
void open_session(const exchange_ptr&);
void get_session(const exchange_ptr&);
void close_session(const exchange_ptr&);
void list_sessions(const exchange_ptr&);
void session_offer(const exchange_ptr&);
void session_answer(const exchange_ptr&);
void session_candidate(const exchange_ptr&);
void session_call(const exchange_ptr&);
void session_hangup(const exchange_ptr&);
void session_dtmf(const exchange_ptr&);
void ice_server_list(const exchange_ptr&);
void phone_config(const exchange_ptr&);

} // namespace strowger::http::handlers
