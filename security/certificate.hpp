// A self-signed certificate for one host, for `serve --dev --lan`: browsers want HTTPS there.
#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>

namespace strowger::security {

struct certificate {
  std::string certificate_pem; // X.509 v3 (RFC 5280), subjectAltName = host, 127.0.0.1, localhost
  std::string private_key_pem; // PKCS #8, ECDSA P-256
};

// `host` is a DNS name or an IP address. Valid from a day before `now` for `days`. The key comes
// from OpenSSL's own generator. Throws std::invalid_argument for a host with odd characters,
// std::runtime_error when OpenSSL refuses.
certificate make_self_signed(std::string_view host, time_ms now, int days = 365);

} // namespace strowger::security
