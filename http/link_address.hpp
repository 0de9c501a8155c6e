// Where a slave finds its master: the base of the REST routes, as LICENSE_MGMT_API_URL spells it
// (RFC 3986). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::http {

struct link_address {
  bool tls = false;
  std::string host; // a name or a numeric address, without brackets
  std::uint16_t port = 80;
  std::string target;      // of the upgrade: "/api/licenses/link"
  std::string host_header; // with the port where it is not the usual one
};

// "http://localhost:8001/api", "https://[::1]/". Throws std::invalid_argument with a sentence.
link_address link_address_of(std::string_view base_url);

} // namespace strowger::http
