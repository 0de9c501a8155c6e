// The ICE server list that clients get (W3C RTCConfiguration).
#pragma once

#include "http/message.hpp"
#include "http/options.hpp"
#include "protocol/value.hpp"

namespace strowger::http {

// {iceServers: [...], iceTransportPolicy}. Where no stun: server is configured it is the own
// responder, named as the client named this machine. turn: servers without static credentials get
// ephemeral ones for `agent` when a secret is set, and are left out otherwise: a browser rejects
// the whole list.
protocol::value ice_servers(const options& opt, const http_request& request, std::string_view agent,
                            time_ms now);

// This machine as this client names it, or as it is configured; an IPv6 address in brackets.
std::string own_host(const options& opt, const http_request& request);

// wss://host/ws as this client would reach it.
std::string ws_uri(const options& opt, const http_request& request);

} // namespace strowger::http
