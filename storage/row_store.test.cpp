// What every row_store must do, for both of them.
#include "storage/memory_rows.hpp"
#include "storage/rocks_rows.hpp"
#include "storage/rocks_test_disk.hpp"

#include <csignal>
#include <fstream>

namespace strowger::storage {
namespace {

struct in_memory {
  memory_rows rows;
  row_store& open() { return rows; }
};
struct on_disk {
  temporary_folder folder;
  std::unique_ptr<rocks_rows> rows;
  row_store& open() {
    rows.reset();
    rows = std::make_unique<rocks_rows>(rows_options{folder.path() + "/rows", false, {}});
    return *rows;
  }
};

template <class Disk> struct RowStore : testing::Test { Disk disk; };
using disks = testing::Types<in_memory, on_disk>;
TYPED_TEST_SUITE(RowStore, disks);

using found = std::vector<std::pair<std::string, std::string>>;

found ascending(const row_store& rows, std::string_view table, std::string_view from = {},
                std::size_t max = 100) {
  found out;
  rows.rows_from(table, from, [&](auto key, auto value) {
    out.emplace_back(key, value);
    return out.size() < max;
  });
  return out;
}
found descending(const row_store& rows, std::string_view table, std::string_view before,
                 std::size_t max = 100) {
  found out;
  rows.rows_before(table, before, [&](auto key, auto value) {
    out.emplace_back(key, value);
    return out.size() < max;
  });
  return out;
}

TYPED_TEST(RowStore, IsEmptyAtFirst) {
  auto& rows = this->disk.open();
  EXPECT_EQ(rows.reflects(), 0u);
  EXPECT_FALSE(rows.get_row("t", "a"));
  EXPECT_TRUE(ascending(rows, "t").empty());
  EXPECT_TRUE(descending(rows, "t", "z").empty());
}

TYPED_TEST(RowStore, KeepsABatchAndItsPosition) {
  this->disk.open().put_rows(7, {{"t", "a", "1"}, {"t", "b", ""}});
  auto& rows = this->disk.open();
  EXPECT_EQ(rows.reflects(), 7u);
  EXPECT_EQ(rows.get_row("t", "a"), "1");
  EXPECT_EQ(rows.get_row("t", "b"), "");
}

TYPED_TEST(RowStore, ReplacesAndErases) {
  auto& rows = this->disk.open();
  rows.put_rows(1, {{"t", "a", "1"}, {"t", "b", "2"}});
  rows.put_rows(2, {{"t", "a", "3"}, {"t", "b", std::nullopt}, {"t", "never", std::nullopt}});
  EXPECT_EQ(rows.get_row("t", "a"), "3");
  EXPECT_FALSE(rows.get_row("t", "b"));
  EXPECT_EQ(rows.reflects(), 2u);
}

TYPED_TEST(RowStore, TheLastOfTwoRowsWithOneKeyCounts) {
  auto& rows = this->disk.open();
  rows.put_rows(1, {{"t", "a", "1"}, {"t", "a", std::nullopt}, {"t", "a", "2"}});
  EXPECT_EQ(rows.get_row("t", "a"), "2");
}

TYPED_TEST(RowStore, WalksATableInTheOrderOfItsKeysBothWays) {
  auto& rows = this->disk.open();
  const std::string high{"\xff", 1}, zero{"\0", 1};
  rows.put_rows(1, {{"tt", "a", "other"},
                    {"t", high, "4"},
                    {"t", "b", "3"},
                    {"t", zero, "1"},
                    {"t", "a", "2"},
                    {"s", "z", "other"}});
  EXPECT_EQ(ascending(rows, "t"), (found{{zero, "1"}, {"a", "2"}, {"b", "3"}, {high, "4"}}));
  EXPECT_EQ(ascending(rows, "t", "a", 1), (found{{"a", "2"}}));
  EXPECT_EQ(ascending(rows, "t", "aa"), (found{{"b", "3"}, {high, "4"}}));
  EXPECT_EQ(descending(rows, "t", "b"), (found{{"a", "2"}, {zero, "1"}}));
  EXPECT_EQ(descending(rows, "t", "bb", 1), (found{{"b", "3"}}));
  EXPECT_EQ(descending(rows, "tt", "z"), (found{{"a", "other"}}));
  EXPECT_TRUE(descending(rows, "t", zero).empty());
}

TYPED_TEST(RowStore, ForgetsEverythingWhenItIsToldTo) {
  auto& rows = this->disk.open();
  rows.put_rows(9, {{"t", "a", "1"}});
  rows.drop_rows();
  EXPECT_EQ(rows.reflects(), 0u);
  EXPECT_FALSE(rows.get_row("t", "a"));
  rows.put_rows(3, {{"t", "b", "1"}});
  EXPECT_EQ(this->disk.open().reflects(), 3u);
}

TEST(MemoryRows, LosesTheBatchesThatWereNotSynced) {
  memory_rows rows;
  rows.put_rows(1, {{"t", "a", "1"}});
  rows.put_rows(2, {{"t", "a", "2"}, {"t", "b", "2"}});
  rows.put_rows(3, {{"t", "a", std::nullopt}});
  rows.lose_last(1);
  EXPECT_EQ(rows.reflects(), 2u);
  EXPECT_EQ(rows.get_row("t", "a"), "2");
  rows.lose_last(1);
  EXPECT_EQ(rows.get_row("t", "a"), "1");
  EXPECT_FALSE(rows.get_row("t", "b"));
  rows.lose_last(5);
  EXPECT_EQ(rows.reflects(), 0u);
}

TEST(RocksRows, ABatchIsThereWholeOrNotAtAllAfterAKill) {
  on_disk disk;
  const auto [child, pipe] = in_a_child([&](int out) {
    auto& rows = disk.open();
    for (position at = 1;; ++at) {
      std::vector<row> batch;
      for (int i = 0; i < 50; ++i) batch.push_back({"t", std::to_string(i), std::to_string(at)});
      rows.put_rows(at, batch);
      if (::write(out, &at, sizeof at) != sizeof at) ::_exit(1);
    }
  });
  position written = 0, next = 0;
  while (written < 500 && ::read(pipe, &next, sizeof next) == sizeof next) written = next;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(pipe);
  auto& rows = disk.open();
  EXPECT_GE(rows.reflects(), written);
  for (const auto& [key, value] : ascending(rows, "t"))
    EXPECT_EQ(value, std::to_string(rows.reflects())) << key;
}

TEST(RocksRows, WhatCannotBeReadIsDroppedAndSaidSo) {
  on_disk disk;
  disk.open().put_rows(4, {{"t", "a", "1"}});
  EXPECT_EQ(disk.rows->why_dropped(), "");
  disk.rows.reset();
  std::ofstream{disk.folder.path() + "/rows/CURRENT"} << "nonsense";
  EXPECT_EQ(disk.open().reflects(), 0u);
  EXPECT_NE(disk.rows->why_dropped(), "");
}

TEST(RocksRows, AReaderWithoutRowsSeesNone) {
  const temporary_folder folder;
  const rocks_rows rows{{folder.path() + "/none", true, {}}};
  EXPECT_EQ(rows.reflects(), 0u);
  EXPECT_TRUE(ascending(rows, "t").empty());
}

} // namespace
} // namespace strowger::storage
