#include "security/seal.hpp"

#include <gtest/gtest.h>

namespace strowger::security {
namespace {

struct sealing : testing::Test {
  system_random random;
  key k = random_key(random);
};

TEST_F(sealing, a_sealed_value_opens_in_its_own_place_only) {
  const auto sealed = seal(k, "Anna", "agent/1/name", random);
  EXPECT_EQ(sealed.size(), seal_overhead_bytes + 4);
  EXPECT_EQ(open(k, sealed, "agent/1/name"), "Anna");
  EXPECT_EQ(open(k, sealed, "agent/2/name"), std::nullopt);
  EXPECT_EQ(open(random_key(random), sealed, "agent/1/name"), std::nullopt);
}

TEST_F(sealing, every_flipped_bit_is_noticed) {
  const auto sealed = seal(k, "Anna", "", random);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(open(k, changed, ""), std::nullopt) << "bit " << bit;
  }
}

TEST_F(sealing, texts_shorter_than_a_nonce_and_a_tag_do_not_open) {
  for (std::size_t size = 0; size < seal_overhead_bytes; ++size)
    EXPECT_EQ(open(k, std::string(size, 'x'), ""), std::nullopt);
}

TEST_F(sealing, an_empty_value_may_be_sealed) {
  EXPECT_EQ(open(k, seal(k, "", "x", random), "x"), "");
}

TEST_F(sealing, the_same_value_sealed_twice_looks_different) {
  EXPECT_NE(seal(k, "Anna", "", random), seal(k, "Anna", "", random));
}

} // namespace
} // namespace strowger::security
