#include "security/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace strowger::security {
namespace {

struct key_file : testing::Test {
  std::filesystem::path folder;
  std::filesystem::path file;
  system_random random;

  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "strowger-keys-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    file = folder / "keys";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string refusal() {
    try {
      load_or_create_keys(file, random);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  }
};

TEST_F(key_file, is_made_once_and_read_again) {
  const auto made = load_or_create_keys(file, random);
  const auto again = load_or_create_keys(file, random);
  EXPECT_EQ(made.vault, again.vault);
  EXPECT_EQ(made.directory, again.directory);
  EXPECT_NE(made.vault, made.resume);
}

TEST_F(key_file, only_its_owner_may_read_it) {
  load_or_create_keys(file, random);
  struct stat about {};
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  chmod(file.c_str(), 0644);
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos);
}

TEST_F(key_file, a_half_written_file_of_a_dead_start_is_replaced) {
  std::ofstream{file.string() + ".new"} << "half";
  EXPECT_EQ(refusal(), "");
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".new"));
}

TEST_F(key_file, a_damaged_file_is_refused_and_never_made_anew) {
  load_or_create_keys(file, random);
  std::filesystem::resize_file(file, 100);
  EXPECT_NE(refusal().find("backup"), std::string::npos);
  std::ofstream{file} << "something else\n";
  EXPECT_NE(refusal().find("backup"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(file), 15u);
}

TEST_F(key_file, a_folder_that_is_not_there_is_an_error) {
  file = folder / "missing" / "keys";
  EXPECT_NE(refusal(), "");
}

} // namespace
} // namespace strowger::security
