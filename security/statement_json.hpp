// For the .cpp files of this folder only: statements as the JSON inside their signatures.
#pragma once

#include "security/statement.hpp"

namespace strowger::security {

// Times are milliseconds. Throws std::runtime_error for text that is not UTF-8 and for numbers that
// JSON would not carry (2^53 and above, RFC 8259, section 6).
std::string statement_json(const license_statement& what);
std::string statement_json(const lease_statement& what);
std::string statement_json(const receipt_statement& what);

// Strict about members, types and ranges; unknown members are of a later master, and ignored.
bool read_statement(std::string_view json, license_statement& out);
bool read_statement(std::string_view json, lease_statement& out);
bool read_statement(std::string_view json, receipt_statement& out);

} // namespace strowger::security
