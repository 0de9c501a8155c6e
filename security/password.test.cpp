#include "security/password.hpp"

#include "core/limits.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace strowger::security {
namespace {

using steady = std::chrono::steady_clock;

double milliseconds(const std::function<void()>& work) {
  const auto start = steady::now();
  work();
  return std::chrono::duration<double, std::milli>(steady::now() - start).count();
}

struct passwords : testing::Test {
  system_random random;
  std::string stored = hash_password("correct horse", random);
};

TEST_F(passwords, only_the_right_password_matches) {
  EXPECT_TRUE(verify_password(stored, "correct horse"));
  EXPECT_FALSE(verify_password(stored, "correct horsf"));
  EXPECT_FALSE(verify_password(stored, ""));
}

TEST_F(passwords, the_stored_text_is_argon2id_and_salted) {
  EXPECT_EQ(stored.rfind("$argon2id$v=19$m=", 0), 0u);
  EXPECT_NE(stored, hash_password("correct horse", random));
}

TEST_F(passwords, an_unknown_user_costs_the_same_work) {
  const auto known = milliseconds([&] { verify_password(stored, "wrong"); });
  bool matched = true;
  prepare_passwords();
  const auto unknown = milliseconds([&] { matched = verify_password("", "nobody"); });
  EXPECT_FALSE(matched);
  EXPECT_GT(unknown, known / 4) << "a shortcut would take microseconds";
}

TEST_F(passwords, damaged_and_foreign_texts_never_match) {
  for (const auto* text : {"$argon2id$", "password", "$2b$10$abcdefghijklmnopqrstuv",
                           "$argon2id$v=19$m=4194304,t=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"})
    EXPECT_FALSE(verify_password(text, "password")) << text;
}

TEST_F(passwords, length_is_bounded_on_both_ways) {
  const std::string longest(limits::password_bytes_max, 'a');
  EXPECT_THROW(hash_password(longest + "a", random), std::length_error);
  const auto of_longest = hash_password(longest, random);
  EXPECT_TRUE(verify_password(of_longest, longest));
  EXPECT_FALSE(verify_password(of_longest, longest + "a"));
}

} // namespace
} // namespace strowger::security
