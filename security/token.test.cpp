#include "security/token.hpp"

#include "core/limits.hpp"
#include "security/jose.hpp"
#include "security/sodium.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <random>

namespace strowger::security {
namespace {

constexpr time_ms now = 1'790'000'000'000;
const std::string secret = "a secret of at least thirty-two bytes, for tests";

claims anna() {
  return {"agent-1",         "default",  "1000",  {"agent", "admin"},
          now / 1000 + 3600, now / 1000, "jti-1", "session-1"};
}

token_verifier verifier_of(const std::string& key = secret) {
  token_verifier v;
  v.add_secret(key);
  return v;
}

std::string base64url(std::string_view text) {
  std::string out(sodium_base64_ENCODED_LEN(text.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                  '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                    text.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back();
  return out;
}

// A token as an attacker or a foreign issuer would make it: any header, any payload, HMAC `key`.
std::string hmac_token(const std::string& header, const std::string& payload,
                       const std::string& key) {
  const auto text = base64url(header) + "." + base64url(payload);
  crypto_auth_hmacsha256_state state;
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, mac);
  return text + "." + base64url({reinterpret_cast<char*>(mac), sizeof mac});
}

std::string hs256(const std::string& payload) {
  return hmac_token(R"({"alg":"HS256"})", payload, secret);
}

std::string asymmetric_token(EVP_PKEY* key, const std::string& header, const std::string& payload) {
  const auto text = base64url(header) + "." + base64url(payload);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  const bool ed = EVP_PKEY_is_a(key, "ED25519") == 1;
  EVP_DigestSignInit(ctx, nullptr, ed ? nullptr : EVP_sha256(), nullptr, key);
  std::size_t size = 0;
  EVP_DigestSign(ctx, nullptr, &size, bytes, text.size());
  std::string signature(size, '\0');
  EVP_DigestSign(ctx, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                 text.size());
  EVP_MD_CTX_free(ctx);
  signature.resize(size);
  return text + "." + base64url(signature);
}

std::string public_pem(const EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free_all(bio);
  return pem;
}

const std::string payload = R"({"sub":"a","tenant":"t","ext":"1000","exp":1790003600})";

TEST(token, a_signed_token_verifies_to_the_same_claims) {
  const auto token = token_signer{secret}.sign(anna());
  const auto check = verifier_of().verify(token, now);
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(check.who, anna());
}

TEST(token, an_empty_token_is_missing_not_invalid) {
  EXPECT_EQ(verifier_of().verify("", now).why, errc::token_missing);
}

TEST(token, a_token_ends_in_the_second_its_exp_names) {
  const auto token = token_signer{secret}.sign(anna());
  const auto end = anna().exp * 1000;
  EXPECT_TRUE(verifier_of().verify(token, end - 1).ok());
  EXPECT_EQ(verifier_of().verify(token, end).why, errc::token_expired);
}

TEST(token, changing_any_one_character_makes_it_invalid) {
  const auto verifier = verifier_of();
  const auto token = token_signer{secret}.sign(anna());
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verifier.verify(changed, now).why, errc::token_invalid) << "character " << i;
  }
}

TEST(token, another_secret_does_not_verify_it) {
  const auto token = token_signer{secret}.sign(anna());
  EXPECT_EQ(verifier_of(secret + "x").verify(token, now).why, errc::token_invalid);
}

TEST(token, algorithm_none_is_refused_with_and_without_a_signature) {
  const auto unsigned_one = base64url(R"({"alg":"none"})") + "." + base64url(payload) + ".";
  EXPECT_EQ(verifier_of().verify(unsigned_one, now).why, errc::token_invalid);
  for (const auto* alg : {"none", "None", "NONE", "HS384", "HS512", "ES256", "PS256", "hs256", ""})
    EXPECT_EQ(
        verifier_of()
            .verify(hmac_token(std::string{R"({"alg":")"} + alg + "\"}", payload, secret), now)
            .why,
        errc::token_invalid)
        << alg;
}

TEST(token, a_critical_header_nobody_understands_is_refused) {
  const auto token = hmac_token(R"({"alg":"HS256","crit":["b64"],"b64":false})", payload, secret);
  EXPECT_EQ(verifier_of().verify(token, now).why, errc::token_invalid);
}

struct bad_claims {
  const char* what;
  const char* json;
};

TEST(token, claims_of_the_wrong_shape_are_refused) {
  const bad_claims table[] = {
      {"no sub", R"({"tenant":"t","exp":1790003600})"},
      {"empty sub", R"({"sub":"","tenant":"t","exp":1790003600})"},
      {"no tenant", R"({"sub":"a","exp":1790003600})"},
      {"no exp", R"({"sub":"a","tenant":"t"})"},
      {"exp as text", R"({"sub":"a","tenant":"t","exp":"1790003600"})"},
      {"exp as fraction", R"({"sub":"a","tenant":"t","exp":1790003600.5})"},
      {"exp negative", R"({"sub":"a","tenant":"t","exp":-1})"},
      {"sub as number", R"({"sub":1,"tenant":"t","exp":1790003600})"},
      {"roles as text", R"({"sub":"a","tenant":"t","exp":1790003600,"roles":"admin"})"},
      {"a role as number", R"({"sub":"a","tenant":"t","exp":1790003600,"roles":[1]})"},
      {"issued in the future", R"({"sub":"a","tenant":"t","exp":1790003600,"iat":1790000061})"},
      {"not yet valid", R"({"sub":"a","tenant":"t","exp":1790003600,"nbf":1790000061})"},
      {"sub twice", R"({"sub":"a","sub":"b","tenant":"t","exp":1790003600})"},
      {"not an object", R"(["a"])"},
      {"not JSON", "sub=a"},
  };
  for (const auto& row : table)
    EXPECT_EQ(verifier_of().verify(hs256(row.json), now).why, errc::token_invalid) << row.what;
  EXPECT_TRUE(verifier_of().verify(hs256(payload), now).ok());
}

TEST(token, sizes_are_bounded) {
  const std::string long_text(claim_bytes_max + 1, 'a');
  EXPECT_EQ(verifier_of()
                .verify(hs256(R"({"tenant":"t","exp":1790003600,"sub":")" + long_text + "\"}"), now)
                .why,
            errc::token_invalid);
  const std::string huge(limits::token_bytes_max, 'a');
  EXPECT_EQ(verifier_of().verify(huge + "." + huge + "." + huge, now).why, errc::token_invalid);
}

TEST(token, texts_that_are_not_tokens_are_invalid) {
  for (const auto* text :
       {"a", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30", "=.=.="})
    EXPECT_EQ(verifier_of().verify(text, now).why, errc::token_invalid) << text;
}

TEST(token, no_damage_to_claims_does_harm) {
  const auto verifier = verifier_of();
  std::minstd_rand random{7};
  const std::string noise = "{}[]:,\"\\0123e.-nutfals \xff";
  for (int round = 0; round < 5000; ++round) {
    auto damaged = payload;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = noise[random() % noise.size()];
    const auto check = verifier.verify(hs256(damaged), now);
    EXPECT_TRUE(!check.ok() || !check.who.sub.empty());
  }
}

struct asymmetric : testing::Test {
  jose::public_key rsa{EVP_RSA_gen(2048)};
  jose::public_key ed{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
};

TEST_F(asymmetric, an_rs256_token_verifies_against_its_public_key_only) {
  token_verifier v;
  v.add_public_pem(public_pem(rsa.get()));
  const auto good = asymmetric_token(rsa.get(), R"({"alg":"RS256"})", payload);
  EXPECT_TRUE(v.verify(good, now).ok());
  const jose::public_key other{EVP_RSA_gen(2048)};
  const auto foreign = asymmetric_token(other.get(), R"({"alg":"RS256"})", payload);
  EXPECT_EQ(v.verify(foreign, now).why, errc::token_invalid);
}

TEST_F(asymmetric, an_eddsa_token_verifies_and_a_tampered_one_does_not) {
  token_verifier v;
  v.add_public_pem(public_pem(ed.get()));
  auto token = asymmetric_token(ed.get(), R"({"alg":"EdDSA"})", payload);
  EXPECT_TRUE(v.verify(token, now).ok());
  token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(v.verify(token, now).why, errc::token_invalid);
}

TEST_F(asymmetric, flipping_any_one_bit_makes_an_eddsa_token_invalid) {
  token_verifier v;
  v.add_public_pem(public_pem(ed.get()));
  auto token = asymmetric_token(ed.get(), R"({"alg":"EdDSA"})", payload);
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    const auto as_it_was = token[bit / 8];
    token[bit / 8] = static_cast<char>(as_it_was ^ (1 << bit % 8));
    EXPECT_EQ(v.verify(token, now).why, errc::token_invalid) << "bit " << bit;
    token[bit / 8] = as_it_was;
  }
}

TEST_F(asymmetric, a_public_key_used_as_an_hmac_secret_is_refused) {
  const auto pem = public_pem(rsa.get());
  token_verifier v;
  v.add_public_pem(pem);
  EXPECT_EQ(v.verify(hmac_token(R"({"alg":"HS256"})", payload, pem), now).why, errc::token_invalid);
  EXPECT_EQ(
      verifier_of().verify(asymmetric_token(rsa.get(), R"({"alg":"RS256"})", payload), now).why,
      errc::token_invalid);
}

TEST_F(asymmetric, keys_that_are_weak_private_or_of_another_kind_are_refused) {
  token_verifier v;
  const jose::public_key weak{EVP_RSA_gen(1024)};
  const jose::public_key curve{EVP_EC_gen("P-256")};
  EXPECT_THROW(v.add_public_pem(public_pem(weak.get())), std::invalid_argument);
  EXPECT_THROW(v.add_public_pem(public_pem(curve.get())), std::invalid_argument);
  EXPECT_THROW(v.add_public_pem("-----BEGIN PRIVATE KEY-----\n"), std::invalid_argument);
  EXPECT_THROW(v.add_public_pem(""), std::invalid_argument);
}

TEST_F(asymmetric, a_key_set_is_chosen_from_by_kid) {
  unsigned char raw[32];
  std::size_t size = sizeof raw;
  EVP_PKEY_get_raw_public_key(ed.get(), raw, &size);
  const std::string x = base64url({reinterpret_cast<char*>(raw), size});
  token_verifier v;
  v.add_jwks(R"({"keys":[{"kty":"oct","k":"c2VjcmV0"},
                 {"kty":"OKP","crv":"Ed25519","kid":"k1","use":"sig","x":")" +
             x + R"("}]})");
  EXPECT_TRUE(
      v.verify(asymmetric_token(ed.get(), R"({"alg":"EdDSA","kid":"k1"})", payload), now).ok());
  EXPECT_EQ(v.verify(asymmetric_token(ed.get(), R"({"alg":"EdDSA","kid":"k2"})", payload), now).why,
            errc::token_invalid);
  EXPECT_EQ(v.verify(hmac_token(R"({"alg":"HS256"})", payload, "secret"), now).why,
            errc::token_invalid)
      << "a symmetric key in a public set is never used";
}

TEST_F(asymmetric, an_rsa_key_of_a_set_verifies) {
  BIGNUM* n = nullptr;
  EVP_PKEY_get_bn_param(rsa.get(), "n", &n);
  std::string modulus(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
  BN_bn2bin(n, reinterpret_cast<unsigned char*>(modulus.data()));
  BN_free(n);
  token_verifier v;
  v.add_jwks(R"({"keys":[{"kty":"RSA","e":"AQAB","n":")" + base64url(modulus) + R"("}]})");
  EXPECT_TRUE(
      v.verify(asymmetric_token(rsa.get(), R"({"alg":"RS256","kid":"any"})", payload), now).ok());
}

TEST(key_set, a_set_without_a_usable_key_is_refused) {
  token_verifier v;
  for (const auto* text :
       {"", "{}", "[]", R"({"keys":[]})", R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})",
        R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})", R"({"keys":[{"kty":"RSA"}]})",
        R"({"keys":[1]})", R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]})"})
    EXPECT_THROW(v.add_jwks(text), std::invalid_argument) << text;
}

} // namespace
} // namespace strowger::security
