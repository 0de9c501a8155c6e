// What a start says to a log that is not what was acknowledged.
#include "storage/conformance.hpp"
#include "storage/record_format.hpp"
#include "storage/rocks_folder.hpp"
#include "storage/rocks_test_disk.hpp"

#include <algorithm>
#include <fstream>

namespace strowger::storage {
namespace {

// The youngest file of the log itself.
std::filesystem::path last_wal_file(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder + "/db"})
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  if (files.empty()) throw std::runtime_error{"no log in " + folder};
  return std::ranges::max(files);
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Where the log ends in its file: behind it are zeros, unless it was closed.
std::uintmax_t end_of_log(const std::filesystem::path& file) {
  return bytes_of(file).find_last_not_of('\0') + 1;
}

void flip_a_byte(const std::filesystem::path& file, std::uintmax_t at) {
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  bytes.seekg(static_cast<std::streamoff>(at));
  const char changed = static_cast<char>(bytes.get() ^ 0x20);
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(changed);
}

// Forty groups and the end of the process: killed, or closed as it should be.
void write_forty_groups(rocks_test_disk& disk, bool killed) {
  const auto [child, pipe] = in_a_child([&](int) {
    auto store = disk.open();
    for (version i = 0; i < 40; ++i) append_now(*store, call_stream("a"), i, 1);
    if (killed) ::_exit(0);
    store.reset();
  });
  ::waitpid(child, nullptr, 0);
  ::close(pipe);
}

std::string refusal_of(rocks_test_disk& disk) {
  try {
    disk.open();
  } catch (const storage_error& e) {
    return e.what();
  }
  return {};
}

TEST(DamagedLog, AByteThatFlippedAnywhereInTheLogIsRefusedAndNothingIsForgotten) {
  for (const bool killed : {true, false}) {
    rocks_test_disk disk;
    write_forty_groups(disk, killed);
    const auto file = last_wal_file(disk.folder.path());
    const auto size = std::filesystem::file_size(file), end = end_of_log(file);
    EXPECT_EQ(size > end + 1000, killed); // the last record may end in zeros, too
    for (std::uintmax_t at = 0; at < end; at += 97) {
      flip_a_byte(file, at);
      EXPECT_NE(refusal_of(disk), "") << "byte " << at << " of " << end;
      // A refused start may leave an empty file of its own; ours is as it was.
      ASSERT_EQ(std::filesystem::file_size(file), size);
      flip_a_byte(file, at);
    }
    EXPECT_EQ(disk.open()->durable(), 40u);
  }
}

TEST(DamagedLog, AByteThatFlippedBehindTheEndOfTheLogTakesNothingAway) {
  rocks_test_disk disk;
  write_forty_groups(disk, true);
  const auto file = last_wal_file(disk.folder.path());
  const auto size = std::filesystem::file_size(file);
  auto at = end_of_log(file) + 20; // 0 to 19: perhaps zeros of the last record
  ASSERT_LT(at, size);
  for (; at < size; at += 10'007) {
    temporary_folder copy;
    std::filesystem::copy(disk.folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive);
    flip_a_byte(last_wal_file(copy.path()), at);
    rocks_options options;
    options.path = copy.path();
    rocks_store store{options, random_bytes()};
    ASSERT_EQ(store.durable(), 40u) << at;
    EXPECT_EQ(append_now(store, call_stream("a"), 40, 1).error, errc::ok);
  }
}

TEST(DamagedLog, ALogThatLostItsEndIsRefusedInASentence) {
  rocks_test_disk disk;
  write_forty_groups(disk, true);
  const auto file = last_wal_file(disk.folder.path());
  std::filesystem::resize_file(file, end_of_log(file) / 2);
  const auto why = refusal_of(disk);
  EXPECT_NE(why.find("but 40 was acknowledged: its end is lost"), std::string::npos) << why;
}

TEST(DamagedLog, ATornTailThatNobodyWasToldOfIsCutOff) {
  rocks_test_disk disk;
  write_forty_groups(disk, true);
  const auto file = last_wal_file(disk.folder.path());
  const auto size = std::filesystem::file_size(file), end = end_of_log(file);
  // What a power cut may leave of a write: a part of it, zeros, or anything.
  const auto of_a_record = bytes_of(file).substr(0, 60);
  for (const auto& torn : {of_a_record, std::string(300, '\0'), std::string(300, '\x01'),
                           of_a_record + std::string(4000, '\0'), std::string(5, '\x7f')}) {
    temporary_folder copy;
    std::filesystem::copy(disk.folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive);
    std::fstream log{last_wal_file(copy.path()), std::ios::in | std::ios::out | std::ios::binary};
    log.seekp(static_cast<std::streamoff>(end)) << torn;
    log.close();
    rocks_options options;
    options.path = copy.path();
    for (position expected = 40; expected < 43; ++expected) { // and again after each start
      rocks_store store{options, random_bytes()};
      ASSERT_EQ(store.durable(), expected);
      EXPECT_EQ(count_from(store), expected);
      EXPECT_EQ(append_now(store, call_stream("a"), expected, 1).error, errc::ok);
    }
  }
  EXPECT_EQ(std::filesystem::file_size(file), size);
}

TEST(DamagedLog, AGapInTheLogIsNamed) {
  rocks_test_disk disk;
  {
    const auto store = disk.open();
    for (version i = 0; i < 8; i += 2) append_now(*store, call_stream("a"), i, 2);
  }
  {
    rocks_folder folder{disk.folder.path(), false};
    std::string key;
    put_be64(key, 3);
    check(folder.db().Delete({}, folder.log(), key), "deleting");
  }
  EXPECT_EQ(refusal_of(disk), "the log is damaged: nothing is stored at position 3");
}

TEST(DamagedLog, ADamagedGroupIsNamedByItsPosition) {
  rocks_test_disk disk;
  {
    const auto store = disk.open();
    append_now(*store, call_stream("a"), 0, 3);
    append_now(*store, call_stream("a"), 3, 3);
  }
  {
    rocks_folder folder{disk.folder.path(), false};
    std::string key, value;
    put_be64(key, 4);
    check(folder.db().Get({}, folder.log(), key, &value), "reading");
    value[value.size() / 2] ^= 1;
    check(folder.db().Put({}, folder.log(), key, value), "writing");
  }
  try {
    disk.open();
    FAIL() << "a damaged log was opened";
  } catch (const storage_error& e) {
    EXPECT_STREQ(e.what(), "the log is damaged in the group at position 4: its checksum is wrong");
  }
}

} // namespace
} // namespace strowger::storage
