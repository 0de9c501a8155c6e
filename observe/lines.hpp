// One log line as JSON and as text; pure. Time is an argument.
#pragma once

#include "core/time.hpp"
#include "observe/log.hpp"

#include <span>
#include <string>

namespace strowger::log {

// {"time":"2026-11-21T05:10:00.123Z","level":"info","message":"...","call_id":"..."} without the
// line end. Always valid JSON (RFC 8259) and UTF-8: bad bytes become U+FFFD.
std::string json_line(time_ms now, level how, std::string_view text, std::span<const field> fields);

// 2026-11-21T05:10:00.123Z info    text call_id=...
std::string text_line(time_ms now, level how, std::string_view text, std::span<const field> fields);

// What may be shown of a value: see log::write.
std::string presentable(std::string_view key, std::string_view value);

} // namespace strowger::log
