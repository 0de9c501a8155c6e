// The Asterisk side of a softphone's account: sections of pjsip.conf (Asterisk 18 and later,
// res_pjsip), ready to be included. Pure.
#pragma once

#include "core/request.hpp"

#include <string>

namespace strowger::protocol::rest {

inline constexpr auto pjsip_context = "from-internal"; // of the dial plan, for its calls

// Sections endpoint, auth and aor, all named by the extension, with WebRTC's settings and the
// transport `transport-wss`. A name cannot leave its line: what means something there becomes "_".
// A number, or a secret, that is not plain (digits; letters, digits, - and _): value_out_of_range.
outcome<std::string> render_pjsip(const answer::sip_account& who);

} // namespace strowger::protocol::rest
