// A parsed header as the request that handlers see.
#pragma once

#include "http/any_stream.hpp"
#include "http/message.hpp"

namespace strowger::http {

// Everything but the body. False: the target is malformed.
bool to_request(const bhttp::request<bhttp::string_body>& in, any_stream& from, http_request& out);

std::string lower_case(std::string_view text); // ASCII

} // namespace strowger::http
