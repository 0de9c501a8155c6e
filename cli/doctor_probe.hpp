// Asks STUN and TURN servers whether they are there, over UDP, TCP or TLS.
#pragma once

#include "cli/doctor_stun.hpp"
#include "cli/http_client.hpp"

#include <string>

namespace strowger::cli {

struct stun_found {
  stun::answer answer;
  duration_ms took_ms = 0;
};
// One Binding; UDP repeats it after 0.5, 1.5 and 3.5 s (RFC 8489, 6.2.1) until `within` is over.
result<stun_found> ask_stun(const stun::address& where, const trust& whom, duration_ms within);

// One Allocate without credentials; a working server answers 401. With a user name a second one
// with credentials follows over UDP, and what it got is given back.
result<stun_found> ask_turn(const stun::address& where, const trust& whom,
                            const std::string& username, const std::string& password,
                            duration_ms within);

} // namespace strowger::cli
