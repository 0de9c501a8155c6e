#include "security/token_keys.hpp"

#include "security/sodium.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace strowger::security {
namespace {

constexpr std::size_t rsa_bits_min = 2048; // RFC 7518, 3.3

[[noreturn]] void refuse(const char* why) {
  throw std::invalid_argument(std::string{"public key: "} + why);
}

using number = std::unique_ptr<BIGNUM, jose::freed_by<BN_free>>;

std::vector<std::uint8_t> bytes_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) refuse("the RSA key lacks a part");
  const number n{raw};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(BN_num_bytes(raw)));
  BN_bn2bin(raw, bytes.data());
  return bytes;
}

token_key rsa_key(const EVP_PKEY* pem) {
  auto n = bytes_of(pem, OSSL_PKEY_PARAM_RSA_N);
  auto e = bytes_of(pem, OSSL_PKEY_PARAM_RSA_E);
  if (n.size() * 8 < rsa_bits_min) refuse("RSA needs 2048 bits or more");
  cjose_jwk_rsa_keyspec spec{};
  spec.n = n.data();
  spec.nlen = n.size();
  spec.e = e.data();
  spec.elen = e.size();
  token_key made{token_algorithm::rs256, "", jose::jwk{cjose_jwk_create_RSA_spec(&spec, nullptr)},
                 nullptr};
  if (!made.jwk) refuse("the RSA key is malformed");
  return made;
}

// A JWK says what it is for (RFC 7517, 4.2 and 4.4): one meant for something else is skipped.
bool meant_for(const json_t* jwk, const char* algorithm) {
  const char* use = jose::text_of(jwk, "use");
  const char* alg = jose::text_of(jwk, "alg");
  return (use == nullptr || std::strcmp(use, "sig") == 0) &&
         (alg == nullptr || std::strcmp(alg, algorithm) == 0);
}

// RFC 8037: kty OKP, crv Ed25519, x = 32 bytes.
bool ed25519_from(const json_t* jwk, token_key& out) {
  const char* crv = jose::text_of(jwk, "crv");
  const char* x = jose::text_of(jwk, "x");
  if (crv == nullptr || x == nullptr || std::strcmp(crv, "Ed25519") != 0) return false;
  std::array<std::uint8_t, 32> raw{};
  std::size_t length = 0;
  const int bad = sodium_base642bin(raw.data(), raw.size(), x, std::strlen(x), nullptr, &length,
                                    nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (bad != 0 || length != raw.size()) return false;
  out.algorithm = token_algorithm::eddsa;
  out.ed25519.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()));
  return out.ed25519 != nullptr;
}

bool rsa_from(const json_t* jwk, token_key& out) {
  json_t* copy = json_pack("{s:s, s:s?, s:s?}", "kty", "RSA", "n", jose::text_of(jwk, "n"), "e",
                           jose::text_of(jwk, "e")); // public parts only, whatever the file holds
  const jose::json owned{copy};
  out.algorithm = token_algorithm::rs256;
  out.jwk.reset(cjose_jwk_import_json(reinterpret_cast<cjose_header_t*>(copy), nullptr));
  return out.jwk != nullptr && cjose_jwk_get_keysize(out.jwk.get(), nullptr) >= rsa_bits_min;
}

bool key_from(const json_t* jwk, token_key& out) {
  const char* kty = jose::text_of(jwk, "kty");
  if (kty == nullptr) return false;
  if (const char* kid = jose::text_of(jwk, "kid")) out.kid = kid;
  if (std::strcmp(kty, "RSA") == 0) return meant_for(jwk, "RS256") && rsa_from(jwk, out);
  if (std::strcmp(kty, "OKP") == 0) return meant_for(jwk, "EdDSA") && ed25519_from(jwk, out);
  return false;
}

} // namespace

token_key secret_key(std::string_view secret) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(secret.data());
  token_key made;
  made.jwk.reset(secret.empty() ? nullptr
                                : cjose_jwk_create_oct_spec(bytes, secret.size(), nullptr));
  if (!made.jwk) throw std::invalid_argument("token secret: it is empty");
  return made;
}

token_key pem_key(std::string_view pem) {
  using memory = std::unique_ptr<BIO, jose::freed_by<BIO_free_all>>;
  const memory bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  jose::public_key key{PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr)};
  if (!key) refuse("the text is not a PEM \"PUBLIC KEY\"");
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) return rsa_key(key.get());
  if (EVP_PKEY_is_a(key.get(), "ED25519") != 1) refuse("only RSA and Ed25519 keys verify tokens");
  token_key made;
  made.algorithm = token_algorithm::eddsa;
  made.ed25519 = std::move(key);
  return made;
}

std::vector<token_key> jwks_keys(std::string_view text) {
  const auto set = jose::parse(text);
  const json_t* array = json_object_get(set.get(), "keys");
  if (!json_is_array(array)) refuse("the text is not a JWK set");
  std::vector<token_key> keys;
  for (std::size_t i = 0; i < json_array_size(array); ++i) {
    token_key made;
    if (key_from(json_array_get(array, i), made)) keys.push_back(std::move(made));
  }
  if (keys.empty()) refuse("the JWK set has no RSA (2048 bits) or Ed25519 signing key");
  return keys;
}

} // namespace strowger::security
