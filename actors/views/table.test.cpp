#include "actors/views/table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace strowger::views {
namespace {

using numbers = std::map<std::string, int>;

// Rows as they would be on disk; counts what is fetched.
struct fake_shelf final : shelf<std::string, int> {
  numbers rows;
  mutable int reads = 0;
  std::optional<int> read(const std::string& key) const override {
    ++reads;
    const auto it = rows.find(key);
    return it == rows.end() ? std::nullopt : std::optional{it->second};
  }
  void ascend(const visitor& visit) const override {
    for (const auto& [key, value] : rows)
      if (!visit(key, value)) return;
  }
  void descend(const std::string& before, const visitor& visit) const override {
    for (auto it = rows.lower_bound(before); it != rows.begin();) {
      --it;
      if (!visit(it->first, it->second)) return;
    }
  }
  void write(table<std::string, int>& t, position up_to) {
    for (const auto& c : t.take_changes())
      if (c.value)
        rows[c.key] = *c.value;
      else
        rows.erase(c.key);
    t.written(up_to);
  }
};

numbers all(const table<std::string, int>& t) {
  numbers out;
  t.each([&](const std::string& key, int value) { EXPECT_TRUE(out.emplace(key, value).second); });
  return out;
}
std::string down_from(const table<std::string, int>& t, const std::string& before,
                      std::size_t max = 100) {
  std::string out;
  t.descend(before, [&](const std::string& key, int) {
    out += key;
    return out.size() < max;
  });
  return out;
}

struct shelved : testing::Test {
  shelved() {
    disk.rows = {{"a", 1}, {"c", 3}, {"e", 5}};
    t.put_on(disk, 3);
  }
  fake_shelf disk;
  table<std::string, int> t;
};

TEST(table, alone_is_a_map) {
  table<std::string, int> t;
  t.put("b", 2, 1);
  t.edit("a", 2) = 1;
  t.erase("never", 3);
  EXPECT_EQ(t.at("b"), 2);
  EXPECT_EQ(t.get("c"), nullptr);
  EXPECT_THROW(t.at("c"), std::out_of_range);
  EXPECT_EQ(t.find("c"), t.end());
  EXPECT_EQ(t.find("a")->second, 1);
  std::string keys;
  for (const auto& [key, value] : t) keys += key;
  EXPECT_EQ(keys, "ab");
  t.erase("a", 4);
  EXPECT_EQ(t.size(), 1u);
  EXPECT_EQ(t.at_hand(), 1u);
  EXPECT_TRUE(t.take_changes().empty()) << "nobody writes it down";
}

TEST_F(shelved, a_key_that_never_was_is_added_without_a_look_at_the_shelf) {
  t.add("f", 6, 1) = 7;
  EXPECT_EQ(disk.reads, 0);
  EXPECT_EQ(t.size(), 4u);
  disk.write(t, 1);
  EXPECT_EQ(disk.rows.at("f"), 7);
  EXPECT_EQ(all(t), (numbers{{"a", 1}, {"c", 3}, {"e", 5}, {"f", 7}}));
}

TEST_F(shelved, fetches_what_is_asked_for_once) {
  EXPECT_EQ(t.at("c"), 3);
  EXPECT_EQ(t.at("c"), 3);
  EXPECT_EQ(disk.reads, 1);
  EXPECT_FALSE(t.contains("b"));
  EXPECT_EQ(*t.peek("a"), 1);
  EXPECT_EQ(t.at_hand(), 1u) << "a walk keeps nothing";
  EXPECT_EQ(t.size(), 3u);
}

TEST_F(shelved, what_changed_counts_before_it_is_written_and_after) {
  t.put("b", 2, 1);
  t.edit("c", 2) = 33;
  t.erase("a", 3);
  const numbers now{{"b", 2}, {"c", 33}, {"e", 5}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(all(t), now);
    EXPECT_EQ(down_from(t, "z"), "ecb");
    EXPECT_EQ(down_from(t, "e"), "cb");
    EXPECT_EQ(down_from(t, "z", 2), "ec");
    EXPECT_EQ(t.get("a"), nullptr);
    EXPECT_EQ(t.size(), 3u);
    disk.write(t, 3);
    EXPECT_EQ(disk.rows, now);
    EXPECT_EQ(t.unwritten(), 0u);
  }
}

TEST_F(shelved, a_change_during_the_writing_is_not_taken_for_written) {
  t.edit("a", 1) = 10;
  const auto taken = t.take_changes();
  t.edit("a", 2) = 20;
  EXPECT_EQ(*taken.at(0).value, 10) << "what is being written stays as it was";
  disk.rows["a"] = 10;
  t.written(1);
  t.sweep(0);
  t.sweep(0);
  EXPECT_EQ(t.at("a"), 20);
  disk.write(t, 2);
  EXPECT_EQ(disk.rows.at("a"), 20);
}

TEST_F(shelved, a_row_that_is_gone_and_comes_back_is_there) {
  t.erase("a", 1);
  t.put("a", 7, 2);
  disk.write(t, 2);
  EXPECT_EQ(disk.rows.at("a"), 7);
  t.put("b", 2, 3);
  t.erase("b", 4);
  disk.write(t, 4);
  EXPECT_FALSE(disk.rows.contains("b"));
  EXPECT_EQ(t.size(), 3u);
}

TEST_F(shelved, a_sweep_drops_what_nobody_asked_for_since_the_one_before) {
  t.at("a");
  t.at("c");
  t.edit("e", 1) = 55;
  t.sweep(10);
  EXPECT_EQ(t.at_hand(), 3u) << "few enough";
  t.sweep(0);
  EXPECT_EQ(t.at_hand(), 3u) << "all were asked for";
  t.at("a");
  t.put("x", 1, 2); // more than last time
  t.sweep(0);
  EXPECT_EQ(t.at_hand(), 3u) << "c goes; e and x are not on the shelf yet";
  EXPECT_EQ(all(t), (numbers{{"a", 1}, {"c", 3}, {"e", 55}, {"x", 1}}));
}

TEST(table, a_mirrored_one_keeps_everything_and_says_what_changed) {
  table<std::string, int> t;
  t.mirror();
  t.restore("a", 1);
  EXPECT_TRUE(t.take_changes().empty()) << "as it is stored";
  EXPECT_EQ(t.size(), 1u);
  t.put("b", 2, 5);
  t.erase("a", 6);
  EXPECT_EQ(t.take_changes().size(), 2u);
  t.written(6);
  t.sweep(0);
  EXPECT_EQ(all(t), (numbers{{"b", 2}}));
}

} // namespace
} // namespace strowger::views
