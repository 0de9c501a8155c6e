#include "cli/accounts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace strowger::cli {
namespace {

using runtime::account_found;
using whose = account_found::whose;

config::settings in_mode(bool dev, bool lan, const std::string& admin_password = {}) {
  config::settings s;
  s.dev = dev;
  s.lan = lan;
  s.admin_password = admin_password;
  return s;
}

// The admin and 21 samples, all with the same password.
std::vector<account_found> everybody_with(const std::string& password) {
  return std::vector<account_found>(22, {whose::ours, password});
}
const std::vector<account_found> nobody(22);

struct outcome_of {
  accounts_plan plan;
  std::string text;
  outcome_of(const config::settings& s, const std::vector<account_found>& found) :
      plan(plan_accounts(s, found, "fresh")), text(sign_in_text(s, plan)) {}
};

TEST(accounts, a_new_dev_folder_gets_the_sample_password) {
  const outcome_of got{in_mode(true, false), nobody};
  EXPECT_EQ(got.plan.make.size(), 22u);
  for (const auto& a : got.plan.make) EXPECT_EQ(a.password, sample_password);
  EXPECT_EQ(got.text, "  admin / password (extension 999)\n"
                      "  1000 to 1020 / password (user name = extension)\n");
}

TEST(accounts, lan_replaces_the_sample_password_of_a_dev_folder_and_prints_what_signs_in) {
  const outcome_of got{in_mode(true, true), everybody_with("password")};
  EXPECT_EQ(got.plan.refusal, "");
  ASSERT_EQ(got.plan.make.size(), 22u);
  for (const auto& a : got.plan.make) {
    EXPECT_TRUE(a.set_password);
    EXPECT_EQ(a.password, "fresh");
  }
  EXPECT_EQ(got.text, "  admin / fresh (extension 999)\n"
                      "  1000 to 1020 / fresh (user name = extension)\n");
}

TEST(accounts, a_second_lan_start_changes_nothing_and_prints_no_password) {
  const outcome_of got{in_mode(true, true), everybody_with("")};
  EXPECT_TRUE(got.plan.make.empty());
  EXPECT_EQ(got.text.find("fresh"), std::string::npos);
  EXPECT_NE(got.text.find("ADMIN_PASSWORD"), std::string::npos);
}

TEST(accounts, admin_password_sets_a_forgotten_one_anew) {
  const outcome_of lan{in_mode(true, true, "chosen"), everybody_with("")};
  EXPECT_EQ(lan.plan.make.size(), 22u);
  EXPECT_NE(lan.text.find("1000 to 1020 / chosen"), std::string::npos);
  const outcome_of again{in_mode(true, true, "chosen"), everybody_with("chosen")};
  EXPECT_TRUE(again.plan.make.empty());
  EXPECT_NE(again.text.find("admin / chosen"), std::string::npos);
}

TEST(accounts, dev_after_lan_promises_only_what_is_true) {
  const outcome_of got{in_mode(true, false), everybody_with("")};
  EXPECT_TRUE(got.plan.make.empty());
  EXPECT_EQ(got.text.find("/ password"), std::string::npos);
  const outcome_of chosen{in_mode(true, false, "chosen"), everybody_with("password")};
  EXPECT_EQ(chosen.plan.make.size(), 1u);
  EXPECT_EQ(chosen.text, "  admin / chosen (extension 999)\n"
                         "  1000 to 1020 / password (user name = extension)\n");
}

TEST(accounts, production_refuses_a_dev_folder_unless_the_admin_gets_a_password) {
  const outcome_of refused{in_mode(false, false), everybody_with("password")};
  EXPECT_NE(refused.plan.refusal.find("admin, 1000 to 1020"), std::string::npos);
  EXPECT_NE(refused.plan.refusal.find("ADMIN_PASSWORD"), std::string::npos);
  const outcome_of good{in_mode(false, false, "chosen"), everybody_with("password")};
  EXPECT_EQ(good.plan.refusal, "");
  ASSERT_EQ(good.plan.make.size(), 22u);
  for (const auto& a : good.plan.make)
    EXPECT_EQ(a.password, a.sample ? "fresh" : "chosen") << a.username;
  EXPECT_EQ(good.text, "") << "neither the chosen password nor the one that locks is printed";
}

TEST(accounts, production_makes_an_admin_and_no_samples) {
  const outcome_of first{in_mode(false, false), nobody};
  EXPECT_EQ(first.plan.make.size(), 1u);
  EXPECT_EQ(first.text, "  admin / fresh\n");
  auto found = nobody;
  found[0] = {whose::ours, ""};
  const outcome_of later{in_mode(false, false), found};
  EXPECT_TRUE(later.plan.make.empty());
  EXPECT_EQ(later.text.find("fresh"), std::string::npos);
}

TEST(accounts, what_somebody_took_over_is_neither_touched_nor_promised) {
  auto found = everybody_with("password");
  found[6] = {whose::somebody_elses, ""};
  const outcome_of got{in_mode(true, true), found};
  EXPECT_EQ(got.plan.make.size(), 21u);
  EXPECT_NE(got.text.find("1000 to 1004, 1006 to 1020 / fresh"), std::string::npos) << got.text;
}

TEST(accounts, samples_with_different_passwords_stand_on_lines_of_their_own) {
  auto found = everybody_with("");
  found[1].password = "password";
  found[3].password = "password";
  found[4].password = "password";
  const outcome_of got{in_mode(true, true), found};
  EXPECT_EQ(got.plan.make.size(), 3u);
  EXPECT_NE(got.text.find("  1000, 1002, 1003 / fresh"), std::string::npos) << got.text;
  EXPECT_NE(got.text.find("  1001, 1004 to 1020: the password that an earlier start set"),
            std::string::npos)
      << got.text;
}

} // namespace
} // namespace strowger::cli
