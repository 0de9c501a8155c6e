// Who may act from where: the exact Origin allow-list, CORS (Fetch standard) and Host checks.
#pragma once

#include "http/message.hpp"
#include "http/options.hpp"

namespace strowger::http {

enum class origin_kind {
  none,    // the header is missing: curl, or a browser's same-origin GET
  own,     // scheme and Host of this very request
  listed,  // in options.origins, exactly
  any,     // only by "*"
  foreign, // everything else, "null" included
};

origin_kind classify_origin(const http_request& request, const options& opt);

// What a cookie may act for: state-changing requests and upgrades need an allowed Origin, reads
// must not carry a foreign one. "*" never counts.
bool cookie_may_act(const http_request& request, origin_kind from);

// The Host header names this machine: against DNS rebinding, where there is no token to ask for.
bool host_is_known(const http_request& request, const options& opt);

// Access-Control-* and Vary for the answer; `allowed_methods` only for a preflight.
void add_cors(headers& out, const http_request& request, const options& opt,
              std::string_view allowed_methods = {});

} // namespace strowger::http
