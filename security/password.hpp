// Passwords at rest: argon2id (RFC 9106) in the usual `$argon2id$v=19$...` text.
#pragma once

#include "security/random.hpp"

#include <string>
#include <string_view>

namespace strowger::security {

// Every function here takes about 50 ms and 32 MiB: call it on a worker thread, never on one that
// serves sockets, and bound how many run (limits::password_jobs_max wait at most).

// Throws std::length_error above limits::password_bytes_max, std::runtime_error without memory.
std::string hash_password(std::string_view password, random_source& random);

// False for a wrong password, a malformed or too costly stored text, and too long a password.
// `stored` empty means "no such user": the same time is spent and the answer is false, so that
// neither text nor time tells whether a user exists.
bool verify_password(std::string_view stored, std::string_view password);

// Makes what stands in for "no such user". Before anybody may sign in: the first one would wait
// twice as long when there is no such user.
void prepare_passwords();

} // namespace strowger::security
