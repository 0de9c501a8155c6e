// A heartbeat, as every other request, is as good as the token that it carries: none that was
// changed anywhere is believed, and what was asked in somebody's name needs that very token.
#include "security/token.hpp"

#include <gtest/gtest.h>

#include <random>

namespace strowger::security {
namespace {

constexpr time_ms now = 1'790'000'000'000;
const std::string secret = "a secret of at least thirty-two bytes, for tests";

claims someone(const std::string& session = "0123456789abcdef0123456789abcdef") {
  return {"agent-1", "default", "1000", {"agent"}, now / 1000 + 3600, now / 1000, "jti-1", session};
}

struct checked {
  checked() { verifier.add_secret(secret); }
  errc why(std::string_view token, time_ms at = now) const {
    return verifier.verify(token, at).why;
  }
  const token_signer signer{secret};
  token_verifier verifier;
};

TEST(heartbeat_token, of_which_any_bit_was_flipped_is_refused) {
  const checked c;
  std::size_t tries = 0;
  // A hundred thousand, over tokens of several sign-ins.
  for (int n = 0; tries < 100'000; ++n) {
    auto token = c.signer.sign(someone("session " + std::to_string(n)));
    ASSERT_EQ(c.why(token), errc::ok);
    for (std::size_t bit = 0; bit < token.size() * 8; ++bit, ++tries) {
      token[bit / 8] = static_cast<char>(token[bit / 8] ^ (1 << bit % 8));
      ASSERT_NE(c.why(token), errc::ok) << "bit " << bit << " of " << token;
      token[bit / 8] = static_cast<char>(token[bit / 8] ^ (1 << bit % 8));
    }
  }
}

TEST(heartbeat_token, with_parts_of_two_is_refused) {
  const checked c;
  const auto mine = c.signer.sign(someone("mine")), other = c.signer.sign(someone("other"));
  const auto part = [](const std::string& token, int which) {
    const auto first = token.find('.'), second = token.find('.', first + 1);
    if (which == 0) return token.substr(0, first);
    if (which == 1) return token.substr(first + 1, second - first - 1);
    return token.substr(second + 1);
  };
  EXPECT_NE(c.why(part(mine, 0) + "." + part(other, 1) + "." + part(mine, 2)), errc::ok);
  EXPECT_NE(c.why(part(mine, 0) + "." + part(mine, 1) + "." + part(other, 2)), errc::ok);
  EXPECT_NE(c.why(mine + "." + part(other, 2)), errc::ok);
  EXPECT_NE(c.why(part(mine, 0) + "." + part(mine, 1) + "."), errc::ok);
}

TEST(heartbeat_token, that_has_expired_is_refused_to_the_second) {
  const checked c;
  auto who = someone();
  who.exp = now / 1000;
  EXPECT_EQ(c.why(c.signer.sign(who)), errc::token_expired);
  EXPECT_EQ(c.why(c.signer.sign(who), now - 1), errc::ok);
}

TEST(heartbeat_token, of_another_secret_is_refused) {
  const checked c;
  std::mt19937_64 dice{4};
  for (int i = 0; i < 1'000; ++i) {
    auto other = secret;
    other[dice() % other.size()] ^= static_cast<char>(1 << dice() % 7);
    EXPECT_EQ(c.why(token_signer{other}.sign(someone())), errc::token_invalid);
  }
}

} // namespace
} // namespace strowger::security
