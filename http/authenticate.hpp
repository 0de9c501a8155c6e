// Who asks: the credentials of a request become a principal, or the reason why not.
#pragma once

#include "http/message.hpp"
#include "http/options.hpp"

#include "core/request.hpp"

#include <functional>

namespace strowger::http {

inline constexpr std::string_view session_cookie = "strowger_session";

// What a route asks for.
enum class access {
  open,     // nobody is asked
  token,    // a valid token
  admin,    // a token with the role admin
  compat,   // a token, or nothing at all where compat.tokenless allows it
  newcomer, // nobody is asked where compat.open_registration allows it; who sends an Authorization
            // header is that one, else an admin's token is needed
  operator_ // an admin's token, or a loopback peer (scrapers, health checks)
};

struct identity_ports {
  const options& opt;
  time_ms now = 0;
  // Of a token that is good otherwise.
  std::function<bool(const principal& who, time_ms issued_at)> revoked;
};

struct state;
identity_ports identity_of(const state& shared); // of this server, now; shared must stay

// Order: Authorization, Sec-WebSocket-Protocol (bearer, <JWT>), ?token= (upgrades and event
// streams only), cookie (with its Origin rule), tokenless. The first credential present decides: a
// bad one is not followed by a weaker one. Upgrades by token also need an Origin that is missing
// or allowed. Every tokenless use is logged and counted.
outcome<principal> authenticate(const http_request& request, access rule, bool token_in_query,
                                const identity_ports& ports);

// The extension a caller may act for: its own, or any for an admin. Tokenless callers own what
// they claim.
bool owns(const principal& who, std::string_view extension);

} // namespace strowger::http
