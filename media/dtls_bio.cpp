#include "media/dtls_openssl.hpp"

#include <algorithm>
#include <cstring>
#include <openssl/bio.h>

namespace strowger::media {
namespace {

datagram_link& link_of(BIO* bio) { return *static_cast<datagram_link*>(BIO_get_data(bio)); }

int write_datagram(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  link_of(bio).send({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return size;
}

int read_datagram(BIO* bio, char* to, int room) {
  BIO_clear_retry_flags(bio);
  auto& in = link_of(bio).in;
  if (in.empty() || room <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto size = std::min(in.size(), static_cast<std::size_t>(room));
  std::memcpy(to, in.data(), size);
  in = {}; // what did not fit is gone, as with recv
  return static_cast<int>(size);
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_DGRAM_QUERY_MTU:
  case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
    return static_cast<long>(dtls_datagram_bytes_max);
  case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
    return 28; // IPv4 and UDP
  case BIO_CTRL_PENDING:
    return static_cast<long>(link_of(bio).in.size());
  default:
    return 0;
  }
}

BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    auto* out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram link");
    if (!out) return out;
    BIO_meth_set_write(out, write_datagram);
    BIO_meth_set_read(out, read_datagram);
    BIO_meth_set_ctrl(out, control);
    return out;
  }();
  return made;
}

} // namespace

BIO* new_datagram_bio(datagram_link& link) {
  auto* how = method();
  auto* bio = how ? BIO_new(how) : nullptr;
  if (!bio) return nullptr;
  BIO_set_data(bio, &link);
  BIO_set_init(bio, 1);
  return bio;
}

} // namespace strowger::media
