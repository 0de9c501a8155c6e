// Targets, hosts and lists in headers (RFC 3986, RFC 9110): small and pure.
#pragma once

#include "protocol/rest/rest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::http {

// False for a broken percent escape or an escaped NUL.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

// Splits and decodes an origin-form target ("/path?a=1"). False: malformed.
bool parse_target(std::string_view target, std::string& path, protocol::rest::query& query);

std::string percent_encode(std::string_view text); // everything but unreserved characters

// "host", "host:port", "[::1]:8080": the host alone, brackets off; empty when it is none.
std::string host_of(std::string_view host_header);
bool is_host_header(std::string_view text); // only characters a host and a port can have

// The path with long segments left out: a session id in it is an authority, no matter for logs.
std::string loggable(std::string_view path);

std::vector<std::string_view> split_list(std::string_view header, char separator = ',');
std::string_view cookie(std::string_view cookie_header, std::string_view name);

} // namespace strowger::http
