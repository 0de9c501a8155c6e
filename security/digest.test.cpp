#include "security/digest.hpp"

#include "security/base32.hpp"
#include "security/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strowger::security {
namespace {

struct counting final : random_source {
  std::uint8_t next = 0;
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next++;
  }
};

TEST(digest, the_same_parts_give_the_same_id_under_one_key_only) {
  const key a{1}, b{2};
  EXPECT_EQ(keyed_digest(a, {"default", "1000"}), keyed_digest(a, {"default", "1000"}));
  EXPECT_NE(keyed_digest(a, {"default", "1000"}), keyed_digest(b, {"default", "1000"}));
  EXPECT_EQ(keyed_digest(a, {"x"}).size(), 26u);
  EXPECT_EQ(keyed_mac(a, {"x"}).size(), 52u);
}

TEST(digest, parts_do_not_run_into_each_other) {
  const key k{1};
  EXPECT_NE(keyed_digest(k, {"ab", "c"}), keyed_digest(k, {"a", "bc"}));
  EXPECT_NE(keyed_digest(k, {"a", ""}), keyed_digest(k, {"a"}));
  EXPECT_NE(keyed_mac(k, {"ab", "c"}), keyed_mac(k, {"a", "bc"}));
}

// Ids derived by digest name streams on disk: the function may never change.
TEST(digest, ids_on_disk_stay_what_they_are) {
  EXPECT_EQ(keyed_digest(key{}, {"default", "1000"}), "ghi5hda4phwrtlrua5nvfi6tny");
  EXPECT_EQ(keyed_mac(key{}, {"default", "1000"}),
            "zypsd6po2w7k5dnszj7ys32wdclardwygmq3zenrlzar6gqo46ha");
}

TEST(digest, comparison_looks_at_every_byte_and_the_length) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

TEST(base32_text, agrees_with_rfc_4648) {
  const auto of = [](std::string_view text) {
    return base32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "my");
  EXPECT_EQ(of("fo"), "mzxq");
  EXPECT_EQ(of("foo"), "mzxw6");
  EXPECT_EQ(of("foob"), "mzxw6yq");
  EXPECT_EQ(of("fooba"), "mzxw6ytb");
  EXPECT_EQ(of("foobar"), "mzxw6ytboi");
}

TEST(random, ids_come_from_the_given_source_and_do_not_repeat) {
  counting one, same;
  EXPECT_EQ(random_id(one), random_id(same));
  EXPECT_EQ(random_id(one).size(), 32u);
  system_random real;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_id(real));
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(random, a_password_has_sixteen_letters_without_look_alikes) {
  system_random real;
  const auto password = random_password(real);
  EXPECT_EQ(password.size(), 16u);
  EXPECT_EQ(password.find_first_of("0o1il"), std::string::npos);
}

} // namespace
} // namespace strowger::security
