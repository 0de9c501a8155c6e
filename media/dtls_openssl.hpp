// For the .cpp files of this folder only: the OpenSSL side of DTLS.
#pragma once

#include "media/dtls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace strowger::media {

struct dtls_context::parts {
  SSL_CTX* context = nullptr;
  ~parts() {
    if (context) SSL_CTX_free(context);
  }
};

// One datagram waits to be read; what is written is sent at once, one datagram per write.
struct datagram_link {
  bytes in;
  std::function<void(bytes)> send;
};
BIO* new_datagram_bio(datagram_link& link); // which outlives it

bool certificate_is(const X509* certificate, const fingerprint& wanted);

} // namespace strowger::media
