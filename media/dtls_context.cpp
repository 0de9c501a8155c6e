#include "media/dtls_openssl.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

namespace strowger::media {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

const EVP_MD* strong_digest(std::string_view algorithm) {
  const auto is = [&](std::string_view name) {
    return std::ranges::equal(
        algorithm, name, [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
  };
  if (is("sha-256")) return EVP_sha256();
  if (is("sha-384")) return EVP_sha384();
  return is("sha-512") ? EVP_sha512() : nullptr;
}

std::string digest_of(const X509* certificate, const EVP_MD* how) { // "AB:CD:..."
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> raw;
  unsigned size = 0;
  if (X509_digest(certificate, how, raw.data(), &size) != 1) return {};
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    if (i) out += ':';
    out += digits[raw[i] >> 4];
    out += digits[raw[i] & 15];
  }
  return out;
}

certificate_ptr self_signed(EVP_PKEY* key) {
  certificate_ptr out{X509_new(), X509_free};
  if (!out) return out;
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(out.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 365L * 24 * 3600);
  auto* name = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("media"), -1, -1, 0);
  X509_set_issuer_name(out.get(), name);
  X509_set_pubkey(out.get(), key);
  if (X509_sign(out.get(), key, EVP_sha256()) == 0) out.reset();
  return out;
}

constexpr auto all_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:"
                              "SRTP_AES128_CM_SHA1_80";

bool set_up(SSL_CTX* context, const std::string& profiles) {
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // Whoever it is: the fingerprint says, and it came by the signalling (RFC 8122).
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     [](int, X509_STORE_CTX*) { return 1; });
  return SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                          "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                          "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                          "ECDHE-RSA-AES128-GCM-SHA256:"
                                          "ECDHE-RSA-AES256-GCM-SHA384:"
                                          "ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_tlsext_use_srtp(context, profiles.c_str()) == 0; // 0 is success
}

} // namespace

dtls_context::~dtls_context() = default;

std::shared_ptr<dtls_context> dtls_context::make(std::string& why, const std::string& profiles) {
  const key_ptr key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const auto certificate = key ? self_signed(key.get()) : certificate_ptr{nullptr, X509_free};
  std::shared_ptr<dtls_context> out{new dtls_context};
  out->parts_ = std::make_unique<parts>();
  out->parts_->context = SSL_CTX_new(DTLS_method());
  auto* context = out->parts_->context;
  if (!certificate || !context || !set_up(context, profiles.empty() ? all_profiles : profiles) ||
      SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    why = "OpenSSL cannot make a DTLS context";
    return nullptr;
  }
  out->own_ = {"sha-256", digest_of(certificate.get(), EVP_sha256())};
  return out;
}

bool certificate_is(const X509* certificate, const fingerprint& wanted) {
  const auto* how = strong_digest(wanted.algorithm);
  if (!how) return false;
  const auto mine = digest_of(certificate, how);
  return !mine.empty() &&
         std::ranges::equal(mine, wanted.value,
                            [](unsigned char a, unsigned char b) { return a == std::toupper(b); });
}

bool strong_fingerprint(const std::vector<fingerprint>& of_peer) {
  return std::ranges::any_of(of_peer, [](const fingerprint& f) {
    const auto* how = strong_digest(f.algorithm);
    if (!how || f.value.size() != static_cast<std::size_t>(EVP_MD_get_size(how)) * 3 - 1)
      return false;
    for (std::size_t i = 0; i < f.value.size(); ++i) {
      const auto c = static_cast<unsigned char>(f.value[i]);
      if (i % 3 == 2 ? c != ':' : !std::isxdigit(c)) return false;
    }
    return true;
  });
}

} // namespace strowger::media
