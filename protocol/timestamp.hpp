// Time on the wire: RFC 3339 in UTC with milliseconds.
#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>

namespace strowger::protocol {

// "2026-01-02T03:04:05.678Z". Years 0000 to 9999; others are clamped.
std::string rfc3339(time_ms at);

// Reads RFC 3339 with any offset and 0 to 9 digits of fraction (rounded down to milliseconds).
// False when it is none; a leap second counts as the second before it.
bool parse_rfc3339(std::string_view text, time_ms& out);

} // namespace strowger::protocol
