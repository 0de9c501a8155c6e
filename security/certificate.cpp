#include "security/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace strowger::security {
namespace {

template <auto Free> struct freed_by {
  template <class T> void operator()(T* p) const { Free(p); }
};
using x509 = std::unique_ptr<X509, freed_by<X509_free>>;
using private_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using memory = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string{"certificate: OpenSSL refused to "} + what);
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// The host lands in OpenSSL's small extension language: only what names are made of may pass.
void check_host(std::string_view host) {
  const bool plain = std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':';
  });
  if (host.empty() || host.size() > 253 || !plain)
    throw std::invalid_argument("certificate: not a host name or address");
}

void add_extension(X509* cert, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  const extension made{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  need(made != nullptr && X509_add_ext(cert, made.get(), -1) == 1, "add an extension");
}

void set_serial(X509* cert) {
  unsigned char bytes[16];
  need(RAND_bytes(bytes, sizeof bytes) == 1, "draw a serial number");
  bytes[0] &= 0x7f; // positive (RFC 5280, 4.1.2.2)
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  const bool done =
      number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != nullptr;
  BN_free(number);
  need(done, "set the serial number");
}

x509 unsigned_certificate(EVP_PKEY* key, const std::string& host, time_ms now, int days) {
  x509 cert{X509_new()};
  need(cert != nullptr && X509_set_version(cert.get(), X509_VERSION_3) == 1, "start");
  set_serial(cert.get());
  auto start = static_cast<time_t>(now / 1000);
  need(X509_time_adj_ex(X509_getm_notBefore(cert.get()), -1, 0, &start) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(cert.get()), days, 0, &start) != nullptr,
       "set the validity");
  need(X509_set_pubkey(cert.get(), key) == 1, "set the key");
  auto* name = X509_get_subject_name(cert.get());
  const auto* text = reinterpret_cast<const unsigned char*>("strowger development");
  need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert.get(), name) == 1,
       "set the names");
  add_extension(cert.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), NID_ext_key_usage, "serverAuth");
  add_extension(cert.get(), NID_subject_alt_name,
                (is_address(host) ? "IP:" : "DNS:") + host + ",DNS:localhost,IP:127.0.0.1");
  return cert;
}

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

} // namespace

certificate make_self_signed(std::string_view host, time_ms now, int days) {
  check_host(host);
  const private_key key{EVP_EC_gen("P-256")};
  need(key != nullptr, "make a key");
  const auto cert = unsigned_certificate(key.get(), std::string{host}, now, days);
  need(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0, "sign");
  const memory cert_out{BIO_new(BIO_s_mem())};
  const memory key_out{BIO_new(BIO_s_mem())};
  need(PEM_write_bio_X509(cert_out.get(), cert.get()) == 1 &&
           PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) == 1,
       "write PEM");
  return {text_in(cert_out.get()), text_in(key_out.get())};
}

} // namespace strowger::security
