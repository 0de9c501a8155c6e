#include "config/print.hpp"

#include "config/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace strowger::config {
namespace {

// STROWGER_WRITE_EXAMPLES=1 writes the files instead of holding them against the table.
void expect_generated(const char* path, const std::string& text) {
  if (std::getenv("STROWGER_WRITE_EXAMPLES") != nullptr) std::ofstream{path} << text;
  EXPECT_EQ(read_text(path), text) << "run this test with STROWGER_WRITE_EXAMPLES=1";
}

TEST(example, the_files_in_the_tree_are_the_generated_ones) {
  expect_generated(STROWGER_CONFIG_EXAMPLE, example_file());
  expect_generated(STROWGER_ENV_EXAMPLE, example_environment());
}

TEST(example, loading_it_changes_nothing) {
  const auto plain = load({.dev = true});
  const auto with = load({.dev = true, .file_name = "x", .file_text = example_file()});
  EXPECT_TRUE(with.problems.empty()) << with.problems.front();
  for (const auto& o : options())
    std::visit([&](auto member) { EXPECT_EQ(plain.values.*member, with.values.*member) << o.key; },
               o.where);
}

TEST(table, rows_are_unique_and_say_something) {
  std::set<std::string_view> keys, names, flags;
  for (const auto& o : options()) {
    EXPECT_TRUE(keys.insert(o.key).second) << o.key;
    EXPECT_TRUE(o.env.empty() || names.insert(o.env).second) << o.env;
    EXPECT_TRUE(o.flag.empty() || flags.insert(o.flag).second) << o.flag;
    EXPECT_FALSE(o.sentence.empty()) << o.key;
    EXPECT_EQ(o.sentence.back(), '.') << o.key;
    const bool number = std::holds_alternative<std::int64_t settings::*>(o.where);
    EXPECT_TRUE(!number || o.min < o.max) << o.key;
    EXPECT_FALSE(o.secret && !o.flag.empty()) << o.key << ": flags are seen by every user";
  }
}

TEST(show, tells_where_each_value_comes_from_and_no_secret) {
  const auto l =
      load({.dev = true,
            .file_name = "config.yml",
            .file_text = "auth: {jwt_secret: hush-hush}\nport: 81\n",
            .environment = {
                {"TURN_SERVER", "turn:a"}, {"TURN_USERNAME", "u"}, {"TURN_PASSWORD", "hush-too"}}});
  const auto text = show_text(l);
  EXPECT_NE(text.find("port: 81  # config.yml:2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("auth.jwt_secret: (set)  # config.yml:1\n"), std::string::npos);
  EXPECT_NE(text.find("turn.secret: (not set)  # default\n"), std::string::npos);
  EXPECT_NE(text.find("turn:a (credential set)"), std::string::npos);
  EXPECT_NE(text.find("compat.tokenless: true  # --dev\n"), std::string::npos);
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST(check, lists_problems_or_says_that_all_is_well) {
  EXPECT_EQ(check_text(load({.dev = true})), "The configuration is good.\n");
  const auto bad = load({.dev = true, .file_name = "c.yml", .file_text = "a: 1"});
  EXPECT_EQ(check_text(bad), "problem: c.yml:1: unknown key \"a\"\n");
}

} // namespace
} // namespace strowger::config
