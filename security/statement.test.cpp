#include "security/jws.hpp"
#include "security/statement_samples.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>

namespace strowger::security {
namespace {

TEST(statement, what_was_signed_is_read_again) {
  const folder here;
  const auto signer = signer_in(here);
  const auto& pem = signer.public_pem();
  EXPECT_EQ(check_license(signer.sign(a_license()), pem), a_license());
  EXPECT_EQ(check_lease(signer.sign(a_lease()), pem), a_lease());
  EXPECT_EQ(check_receipt(signer.sign(a_receipt()), pem), a_receipt());
  EXPECT_EQ(check_license(signer.sign(license_statement{}), pem), std::nullopt) << "no status";
}

TEST(statement, the_text_is_a_compact_jws_of_its_own_type) {
  const folder here;
  const auto signer = signer_in(here);
  const auto text = signer.sign(a_lease());
  EXPECT_EQ(jws::decode(jws::split(text)->header),
            R"({"alg":"EdDSA","kid":")" + signer.key_id() + R"(","typ":"strowger-lease+jwt"})");
  EXPECT_EQ(jws::decode(jws::split(text)->payload),
            R"({"ask":7,"epoch":9,"issued_at_ms":1790000000123,"lease_ms":60000,)"
            R"("license":"lic-1","seats":25,"slave":"s-1"})");
}

TEST(statement, the_key_id_is_the_thumbprint_of_rfc_8037) { // appendix A.1 and A.3
  const folder here;
  const auto seed = jws::decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed->data()), 32);
  ::umask(077);
  std::FILE* file = std::fopen((here.path / "k").c_str(), "w");
  PEM_write_PKCS8PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  EVP_PKEY_free(key);
  EXPECT_EQ(signer_in(here, "k").key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(statement, none_stands_in_for_another_kind) {
  const folder here;
  const auto signer = signer_in(here);
  const auto& pem = signer.public_pem();
  EXPECT_FALSE(check_lease(signer.sign(a_license()), pem));
  EXPECT_FALSE(check_receipt(signer.sign(a_license()), pem));
  EXPECT_FALSE(check_license(signer.sign(a_lease()), pem));
  EXPECT_FALSE(check_receipt(signer.sign(a_lease()), pem));
  EXPECT_FALSE(check_license(signer.sign(a_receipt()), pem));
  EXPECT_FALSE(check_lease(signer.sign(a_receipt()), pem));
}

TEST(statement, another_key_and_no_key_check_nothing) {
  const folder here;
  const auto signer = signer_in(here), other = signer_in(here, "other.key");
  const auto text = signer.sign(a_lease());
  const auto& pem = signer.public_pem();
  EXPECT_NE(signer.key_id(), other.key_id());
  EXPECT_FALSE(check_lease(text, other.public_pem()));
  for (const auto& no_key : {std::string{}, std::string{"nonsense"}, pem.substr(0, 60),
                             std::string(100'000, 'x'), pem.substr(pem.find('\n'))})
    EXPECT_FALSE(check_lease(text, no_key)) << no_key.substr(0, 80);
  // Other parts of the same text under the other key's signature and header.
  const auto theirs = other.sign(a_lease());
  const auto mine = jws::split(text), his = jws::split(theirs);
  const auto join = [](std::string_view a, std::string_view b, std::string_view c) {
    return std::string{a}.append(".").append(b).append(".").append(c);
  };
  EXPECT_FALSE(check_lease(join(mine->header, mine->payload, his->signature), pem));
  EXPECT_FALSE(check_lease(join(his->header, mine->payload, mine->signature), pem));
}

TEST(statement, the_key_is_made_once) {
  const folder here;
  const auto first = signer_in(here), again = signer_in(here);
  EXPECT_EQ(first.public_pem(), again.public_pem());
  EXPECT_EQ(first.key_id(), again.key_id());
  EXPECT_TRUE(check_lease(first.sign(a_lease()), again.public_pem()));
  struct stat about {};
  ASSERT_EQ(::stat((here.path / "license.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  std::ifstream file{here.path / "license.key"};
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "-----BEGIN PRIVATE KEY-----") << "PKCS #8";
}

TEST(statement, a_key_file_that_will_not_do_is_a_sentence) {
  const folder here;
  const auto why = [&](const char* name) -> std::string {
    try {
      signer_in(here, name);
      return "";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  };
  signer_in(here);
  ::chmod((here.path / "license.key").c_str(), 0644);
  EXPECT_NE(why("license.key").find("others may read it"), std::string::npos);
  ::umask(077);
  std::ofstream{here.path / "empty"}.flush();
  std::ofstream{here.path / "rsa"}
      << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_NE(why("empty").find("holds no Ed25519 private key"), std::string::npos);
  EXPECT_NE(why("rsa").find("holds no Ed25519 private key"), std::string::npos);
  EXPECT_NE(why("no/such/folder").find("No such file"), std::string::npos);
}

TEST(statement, what_json_would_not_carry_is_not_signed) {
  const folder here;
  const auto signer = signer_in(here);
  auto large = a_lease();
  large.ask = std::uint64_t{1} << 53;
  EXPECT_THROW(signer.sign(large), std::runtime_error);
  auto raw = a_license();
  raw.organization = "\xff";
  EXPECT_THROW(signer.sign(raw), std::runtime_error);
}

} // namespace
} // namespace strowger::security
