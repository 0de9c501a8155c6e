#include "security/turn.hpp"

#include <gtest/gtest.h>

namespace strowger::security {
namespace {

// Worked out with: printf 1790000000:agent-1 | openssl dgst -sha1 -hmac north -binary | base64
TEST(turn, credentials_are_what_coturn_computes) {
  const auto made = make_turn_credential("north", "agent-1", 1'790'000'000'999);
  EXPECT_EQ(made.username, "1790000000:agent-1");
  EXPECT_EQ(made.credential, "loQEpBAvVtSVA4HU+3iAsfW4Pc0=");
}

} // namespace
} // namespace strowger::security
