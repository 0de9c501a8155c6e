// What nobody but the master could have said must not be believed.
#include "security/jws.hpp"
#include "security/sodium.hpp"
#include "security/statement_samples.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <array>
#include <random>

namespace strowger::security {
namespace {

// Signed as it should be, by the right key, but with another payload or header.
class forger {
public:
  explicit forger(const folder& where) {
    std::FILE* file = std::fopen((where.path / "license.key").c_str(), "r");
    key_.reset(PEM_read_PrivateKey(file, nullptr, nullptr, nullptr));
    std::fclose(file);
  }
  std::string sign(const std::string& header, const std::string& payload) const {
    const auto text = jws::encode(header) + "." + jws::encode(payload);
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    EVP_DigestSignInit(ctx, nullptr, nullptr, nullptr, key_.get());
    std::string signature(64, '\0');
    std::size_t size = 64;
    EVP_DigestSign(ctx, reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(ctx);
    return text + "." + jws::encode(signature);
  }

private:
  jose::public_key key_;
};

TEST(statement, a_signed_payload_that_is_not_its_kind_is_refused) {
  const folder here;
  const auto signer = signer_in(here);
  const forger forge{here};
  const auto header =
      R"({"alg":"EdDSA","kid":")" + signer.key_id() + R"(","typ":"strowger-lease+jwt"})";
  const std::string good = R"({"ask":7,"epoch":9,"issued_at_ms":1,"lease_ms":60000,)"
                           R"("license":"lic-1","seats":25,"slave":"s-1"})";
  const auto with = [&](const std::string& from, const std::string& to) {
    auto out = good;
    return out.replace(out.find(from), from.size(), to);
  };
  const auto check = [&](const std::string& payload) {
    return check_lease(forge.sign(header, payload), signer.public_pem());
  };
  EXPECT_TRUE(check(good));
  EXPECT_TRUE(check(with("{", R"({"later":[1],)"))) << "members of a later master";
  for (const auto& bad :
       {with(R"("ask":7,)", ""), with(R"("slave":"s-1")", R"("slave":null)"),
        with(R"("slave":"s-1")", R"("slave":1)"), with("25", "25.0"), with("25", "-1"),
        with("25", "4294967296"), with("25", R"("25")"), with("25", "true"),
        with("9", "9007199254740992"), with("9", "18446744073709551616"), with("60000", "-1"),
        with(R"("ask":7,)", R"("ask":7,"ask":8,)"), good + "x", good.substr(0, good.size() - 1),
        std::string{"[]"}, std::string{"null"}, std::string{}})
    EXPECT_FALSE(check(bad)) << bad;
}

TEST(statement, a_license_with_a_member_out_of_place_is_refused) {
  const folder here;
  const auto signer = signer_in(here);
  const forger forge{here};
  const auto text = signer.sign(a_license());
  const auto header = *jws::decode(jws::split(text)->header);
  const auto good = *jws::decode(jws::split(text)->payload);
  const auto with = [&](const std::string& from, const std::string& to) {
    auto out = good;
    return out.replace(out.find(from), from.size(), to);
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {R"("active")", R"("Active")"},
           {R"("active")", R"("")"},
           {R"(["recording","sip"])", R"(["sip","sip"])"},
           {R"(["recording","sip"])", R"({"sip":true})"},
           {R"(["recording","sip"])", R"([1])"},
           {R"("webrtc_extension":true)", R"("webrtc_extension":1)"},
           {R"("max_users":50)", R"("max_users":5e1)"},
           {R"("expires_at_ms":0)", R"("expires_at_ms":null)"}})
    EXPECT_FALSE(check_license(forge.sign(header, with(from, to)), signer.public_pem())) << to;
}

TEST(statement, no_other_algorithm_or_header_is_taken) {
  const folder here;
  const auto signer = signer_in(here);
  const forger forge{here};
  const auto& pem = signer.public_pem();
  const auto payload = *jws::decode(jws::split(signer.sign(a_lease()))->payload);
  const auto kid = R"(,"kid":")" + signer.key_id() + R"(","typ":"strowger-lease+jwt"})";
  ASSERT_TRUE(check_lease(forge.sign(R"({"alg":"EdDSA")" + kid, payload), pem));
  for (const auto& header :
       {R"({"alg":"none")" + kid, R"({"alg":"HS256")" + kid, R"({"alg":"Ed25519")" + kid,
        R"({"alg":"EdDSA","crit":["x"])" + kid, R"({ "alg":"EdDSA")" + kid,
        std::string{R"({"alg":"EdDSA","typ":"strowger-lease+jwt"})"},
        R"({"alg":"EdDSA","kid":")" + signer.key_id() + R"(","typ":"JWT"})",
        R"({"alg":"EdDSA","kid":")" + signer.key_id() + R"("})"})
    EXPECT_FALSE(check_lease(forge.sign(header, payload), pem)) << header;

  const auto none = jws::encode(R"({"alg":"none")" + kid) + "." + jws::encode(payload) + ".";
  EXPECT_FALSE(check_lease(none, pem));
  // HMAC with the public key as its secret (algorithm confusion).
  for (const auto* alg : {"HS256", "EdDSA"}) {
    const auto text =
        jws::encode(std::string{R"({"alg":")"} + alg + R"(")" + kid) + "." + jws::encode(payload);
    std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(pem.data()),
                                pem.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                  text.size());
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
    EXPECT_FALSE(check_lease(text + "." + jws::encode(mac), pem));
  }
}

TEST(statement, every_flipped_bit_is_refused) {
  const folder here;
  const auto signer = signer_in(here);
  std::size_t tries = 0;
  for (auto text : {signer.sign(a_license()), signer.sign(a_lease()), signer.sign(a_receipt())})
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit, ++tries) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(any_kind(text, signer.public_pem())) << "bit " << bit << " of " << text;
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    }
  EXPECT_GT(tries, 9'000U);
}

// One random wrong turn: other bytes, other letters, an end cut off or put on, two parts swapped.
std::string mangled(std::string text, const std::string& other, std::mt19937_64& dice) {
  static constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
  const auto below = [&](std::size_t n) { return dice() % n; };
  switch (below(6)) {
  case 0:
    for (auto n = 1 + below(8); n > 0; --n)
      text[below(text.size())] = static_cast<char>(dice() & 0xff);
    break;
  case 1:
    for (auto n = 1 + below(4); n > 0; --n) text[below(text.size())] = letters[below(66)];
    break;
  case 2:
    text.resize(below(text.size()));
    break;
  case 3:
    for (auto n = 1 + below(5); n > 0; --n) text += letters[below(66)];
    break;
  case 4:
    text.insert(below(text.size()), 1, letters[below(66)]);
    break;
  default: { // the beginning of one, the rest of another
    const auto at = 1 + below(std::min(text.size(), other.size()) - 1);
    text = text.substr(0, at) + other.substr(at);
  }
  }
  return text;
}

TEST(statement, a_hundred_thousand_wrong_texts_are_refused) {
  const folder here;
  const auto signer = signer_in(here);
  const std::array texts{signer.sign(a_license()), signer.sign(a_lease()),
                         signer.sign(a_receipt())};
  std::mt19937_64 dice{20'261'121};
  for (int i = 0; i < 100'000; ++i) {
    const auto& from = texts[dice() % 3];
    const auto text = mangled(from, texts[dice() % 3], dice);
    if (text == texts[0] || text == texts[1] || text == texts[2]) continue; // a turn back
    ASSERT_FALSE(any_kind(text, signer.public_pem())) << text;
  }
}

} // namespace
} // namespace strowger::security
