#include "security/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace strowger::security {
namespace {

constexpr time_ms now = 1'790'000'000'000;

struct parsed {
  BIO* cert_text;
  BIO* key_text;
  X509* cert;
  EVP_PKEY* key;

  explicit parsed(const certificate& c) :
      cert_text(BIO_new_mem_buf(c.certificate_pem.data(), -1)),
      key_text(BIO_new_mem_buf(c.private_key_pem.data(), -1)),
      cert(PEM_read_bio_X509(cert_text, nullptr, nullptr, nullptr)),
      key(PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr)) {}
  ~parsed() {
    EVP_PKEY_free(key);
    X509_free(cert);
    BIO_free_all(key_text);
    BIO_free_all(cert_text);
  }
};

TEST(certificate, names_its_host_and_matches_its_key) {
  const parsed p{make_self_signed("phones.example", now)};
  ASSERT_NE(p.cert, nullptr);
  EXPECT_EQ(X509_check_private_key(p.cert, p.key), 1);
  EXPECT_EQ(X509_verify(p.cert, p.key), 1);
  EXPECT_EQ(X509_check_host(p.cert, "phones.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(p.cert, "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(p.cert, "other.example", 0, 0, nullptr), 0);
}

TEST(certificate, an_address_is_named_as_an_address) {
  const parsed p{make_self_signed("192.0.2.7", now)};
  EXPECT_EQ(X509_check_ip_asc(p.cert, "192.0.2.7", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(p.cert, "127.0.0.1", 0), 1);
}

TEST(certificate, holds_from_a_day_before_now) {
  const parsed p{make_self_signed("localhost", now, 10)};
  time_t at = now / 1000;
  EXPECT_LT(X509_cmp_time(X509_get0_notBefore(p.cert), &at), 0);
  EXPECT_GT(X509_cmp_time(X509_get0_notAfter(p.cert), &at), 0);
  at += 11 * 86400;
  EXPECT_LT(X509_cmp_time(X509_get0_notAfter(p.cert), &at), 0);
}

TEST(certificate, a_host_cannot_smuggle_in_other_names) {
  for (const auto* host : {"", "a,DNS:bank.example", "a b", "a\n", "a/b", "*.example"})
    EXPECT_THROW(make_self_signed(host, now), std::invalid_argument) << host;
}

} // namespace
} // namespace strowger::security
