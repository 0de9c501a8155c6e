#include "observe/log.hpp"

#include "core/ids.hpp"
#include "observe/lines.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace strowger::log {
namespace {

constexpr time_ms at = 1'790'000'000'123; // 2026-09-21T14:13:20.123Z

std::string as_json(std::string_view text, std::initializer_list<field> fields = {}) {
  return json_line(at, level::info, text, {fields.begin(), fields.size()});
}
std::string as_text(std::string_view text, std::initializer_list<field> fields = {}) {
  return text_line(at, level::warning, text, {fields.begin(), fields.size()});
}
std::string message(std::string_view shown) {
  return R"({"time":"2026-09-21T14:13:20.123Z","level":"info","message":)" + std::string{shown} +
         "}";
}

TEST(log_line, the_message_stands_word_for_word) {
  EXPECT_EQ(as_json("Client registered: d1 (extension: 1005)"),
            message("\"Client registered: d1 (extension: 1005)\""));
  EXPECT_EQ(as_text("Client registered: d1 (extension: 1005)"),
            "2026-09-21T14:13:20.123Z warning Client registered: d1 (extension: 1005)");
}

TEST(log_line, fields_keep_their_types) {
  const call_id call{"c1"};
  EXPECT_EQ(as_json("x", {{"call_id", call}, {"n", 3}, {"ok", true}, {"text", "a"}}),
            R"({"time":"2026-09-21T14:13:20.123Z","level":"info","message":"x",)"
            R"("call_id":"c1","n":3,"ok":true,"text":"a"})");
  EXPECT_EQ(as_text("x", {{"call_id", call}, {"n", -3}, {"ok", false}}),
            "2026-09-21T14:13:20.123Z warning x call_id=c1 n=-3 ok=false");
}

TEST(log_line, nothing_can_break_out_of_its_line_or_string) {
  EXPECT_EQ(as_json("a\"b\\c\nd\x01\x7f"), message(R"("a\"b\\c\nd\u0001\u007f")"));
  EXPECT_EQ(as_text("a\nb\x1b[31m").find('\n'), std::string::npos);
  EXPECT_EQ(as_text("a\x1b").find('\x1b'), std::string::npos);
}

TEST(log_line, bad_utf8_becomes_the_replacement_character) {
  EXPECT_EQ(as_json("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x93\x9e"),
            message("\"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x93\x9e\""));
  for (const auto* bad : {"\xff", "\xc0", "\xed\xa0\x80" /* surrogate */, "\xc3"})
    EXPECT_EQ(as_json(bad).find(bad), std::string::npos);
  EXPECT_EQ(as_json("\xc3("), message("\"\xef\xbf\xbd(\""));
}

TEST(log_line, tokens_passwords_and_sdp_are_not_shown) {
  const std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
  EXPECT_EQ(as_text("GET /ws?token=" + token + "&extension=1"),
            "2026-09-21T14:13:20.123Z warning GET /ws?token=[redacted]&extension=1");
  const auto line = as_json(token, {{"body", "v=0\r\no=- 1 1 IN IP4 192.0.2.1"},
                                    {"password", "hunter2"},
                                    {"resume_token", "abc"},
                                    {"header", "Bearer " + token}});
  for (const auto* secret : {"192.0.2.1", "hunter2", "abc", "c2lnbmF0dXJl"})
    EXPECT_EQ(line.find(secret), std::string::npos) << secret;
  EXPECT_NE(as_text("eyJ is not a token").find("eyJ is"), std::string::npos);
}

TEST(log_file, gets_every_line_of_every_thread_whole) {
  const auto file =
      (std::filesystem::temp_directory_path() / ("strowger-log-" + std::to_string(getpid())))
          .string();
  start({file, false, false});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) info("line", {{"thread", t}, {"i", i}});
    });
  for (auto& t : threads) t.join();
  debug("not shown without debug");
  flush();
  EXPECT_EQ(dropped(), 0u);
  stop();
  info("after stop: goes nowhere");
  std::ifstream in{file};
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    EXPECT_EQ(line.front(), '{');
    EXPECT_EQ(line.back(), '}');
  }
  EXPECT_EQ(lines, 2000);
  std::filesystem::remove(file);
}

TEST(log_file, lines_that_the_disk_did_not_take_are_counted) {
  start({"/dev/full", false, false});
  for (int i = 0; i < 3; ++i) info("no room");
  flush();
  EXPECT_EQ(dropped(), 3u);
  stop();
}

TEST(log_file, beyond_the_queue_the_oldest_go_and_are_counted) {
  start({"/dev/full", false, false}); // whatever is not dropped for the queue is for the disk
  for (std::size_t i = 0; i < queue_lines_max + 1000; ++i) info("one of many");
  flush();
  EXPECT_EQ(dropped(), queue_lines_max + 1000);
  stop();
}

TEST(log_file, one_that_cannot_be_opened_is_a_sentence) {
  try {
    start({"/proc/nowhere/log", false, false});
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string{e.what()}.find("/proc/nowhere/log cannot be opened"), std::string::npos);
  }
}

} // namespace
} // namespace strowger::log
