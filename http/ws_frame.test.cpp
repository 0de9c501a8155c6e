#include "http/ws_frame.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

namespace strowger::http {
namespace {

constexpr std::size_t bytes_max = 1000;

std::string frame(int first, std::string_view payload, std::string_view mask = "abcd") {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    out.push_back(static_cast<char>(0x80 | 126));
    out.push_back(static_cast<char>(payload.size() >> 8));
    out.push_back(static_cast<char>(payload.size()));
  }
  out.append(mask);
  for (std::size_t i = 0; i < payload.size(); ++i)
    out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  return out;
}

struct heard {
  std::vector<std::pair<ws_opcode, std::string>> messages;
  std::uint16_t code = ws_fine;

  explicit heard(const std::string& bytes, std::size_t at_once = 1 << 20) {
    ws_reader reader{bytes_max};
    for (std::size_t i = 0; i < bytes.size() && code == ws_fine; i += at_once) {
      auto part = bytes.substr(i, at_once);
      code = reader.take(part.data(), part.size(), [this](const ws_message& m) {
        messages.emplace_back(m.what, m.payload);
        return true;
      });
    }
  }
};

TEST(ws_frame, messages_come_whole_however_the_bytes_were_cut) {
  const auto bytes = frame(0x81, "hello") + frame(0x01, "frag") + frame(0x89, "now") +
                     frame(0x80, "ments") + frame(0x82, std::string(300, '\xff')) +
                     frame(0x81, "") + frame(0x88, "");
  for (const std::size_t at_once : {1u, 2u, 3u, 7u, 64u, 100'000u}) {
    const heard all{bytes, at_once};
    EXPECT_EQ(all.code, ws_fine);
    ASSERT_EQ(all.messages.size(), 6u) << at_once;
    EXPECT_EQ(all.messages[0].second, "hello");
    EXPECT_EQ(all.messages[1], std::pair(ws_opcode::ping, std::string{"now"}));
    EXPECT_EQ(all.messages[2], std::pair(ws_opcode::text, std::string{"fragments"}));
    EXPECT_EQ(all.messages[3].second, std::string(300, '\xff'));
    EXPECT_EQ(all.messages[4].second, "");
    EXPECT_EQ(all.messages[5].first, ws_opcode::close);
  }
}

TEST(ws_frame, what_the_protocol_forbids_is_refused_with_its_code) {
  const struct {
    std::string bytes;
    std::uint16_t code;
  } cases[] = {
      {std::string{"\x81\x02hi"}, ws_protocol_error},                 // not masked
      {frame(0xc1, "x"), ws_protocol_error},                          // a reserved bit
      {frame(0x83, "x"), ws_protocol_error},                          // an unknown opcode
      {frame(0x8b, "x"), ws_protocol_error},                          // an unknown control opcode
      {frame(0x09, "x"), ws_protocol_error},                          // a ping in pieces
      {frame(0x89, std::string(126, 'x')), ws_protocol_error},        // a long ping
      {frame(0x08, ""), ws_protocol_error},                           // a close in pieces
      {std::string{"\x81\xfe\0\x01\0\0\0\0x", 9}, ws_protocol_error}, // a longer form than due
      {frame(0x81, "") + frame(0x00, ""), ws_protocol_error},         // continues a whole message
      {frame(0x80, "x"), ws_protocol_error},                          // continues nothing
      {frame(0x01, "x") + frame(0x81, "y"), ws_protocol_error},       // begins in the middle
      {frame(0x81, std::string(bytes_max + 1, 'x')), ws_too_big},     // too long
      {frame(0x01, std::string(bytes_max, 'x')) + frame(0x80, "y"), ws_too_big}, // in pieces, too
      {frame(0x81, "\xc3\x28"), ws_bad_utf8},
      {frame(0x01, "\xc3") + frame(0x80, "\x28"), ws_bad_utf8},
  };
  for (const auto& c : cases)
    for (const std::size_t at_once : {1u, 5u, 100'000u})
      EXPECT_EQ(heard(c.bytes, at_once).code, c.code) << testing::PrintToString(c.bytes);
  EXPECT_EQ(heard(frame(0x01, "\xc3") + frame(0x80, "\xa4")).code, ws_fine) << "a split letter";
}

TEST(ws_frame, a_length_without_end_is_refused_before_its_bytes_come) {
  EXPECT_EQ(heard(std::string{"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                              "abcd",
                              14})
                .code,
            ws_too_big);
}

TEST(ws_frame, nothing_is_told_after_the_listener_has_had_enough) {
  ws_reader reader{bytes_max};
  auto bytes = frame(0x88, "") + frame(0x81, "late");
  int told = 0;
  EXPECT_EQ(reader.take(bytes.data(), bytes.size(), [&](const ws_message&) { return ++told < 1; }),
            ws_fine);
  EXPECT_EQ(told, 1);
}

TEST(ws_frame, utf8_is_held_to_the_letter) {
  for (const char* good : {"", "abc", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x93\x9e",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
    EXPECT_TRUE(valid_utf8(good)) << good;
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82", "a\xc3"})
    EXPECT_FALSE(valid_utf8(bad)) << testing::PrintToString(bad);
}

TEST(ws_frame, frames_and_close_codes_are_as_the_standard_says) {
  std::string out;
  append_frame(out, ws_opcode::text, "hi");
  EXPECT_EQ(out, "\x81\x02hi");
  out.clear();
  append_frame(out, ws_opcode::binary, std::string(126, 'x'));
  EXPECT_EQ(out.substr(0, 4), (std::string{"\x82\x7e\x00\x7e", 4}));
  out.clear();
  append_frame(out, ws_opcode::text, std::string(65'536, 'x'));
  EXPECT_EQ(out.substr(0, 10), (std::string{"\x81\x7f\0\0\0\0\0\1\0\0", 10}));
  EXPECT_EQ(close_frame(1000, "bye"), "\x88\x05\x03\xe8"
                                      "bye");
  EXPECT_LE(close_frame(1000, std::string(500, 'x')).size(), 127u);
  EXPECT_EQ(close_code_of(""), 1005);
  EXPECT_EQ(close_code_of("x"), 1002);
  EXPECT_EQ(close_code_of("\x03\xe8"), 1000);
  EXPECT_EQ(close_code_of("\x03\xed"), 1002) << "1005 is never sent";
  EXPECT_EQ(close_code_of("\x03\xe8\xff"), 1007);
  const auto as_sent = [](int code) {
    return std::string{static_cast<char>(code >> 8), static_cast<char>(code)};
  };
  for (const int good : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999})
    EXPECT_EQ(close_code_of(as_sent(good)), good);
  for (const int bad : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65'535})
    EXPECT_EQ(close_code_of(as_sent(bad)), 1002) << bad;
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// The same rules once more, slow and plain: the whole input at once, byte by byte.
struct plain_model {
  std::vector<std::pair<ws_opcode, std::string>> messages;
  std::uint16_t code = ws_fine;

  explicit plain_model(const std::string& bytes) {
    std::size_t at = 0;
    while (code == ws_fine && one_frame(bytes, at)) {
    }
  }

private:
  bool one_frame(const std::string& bytes, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    const auto left = bytes.size() - at;
    if (left < 2) return false;
    const int opcode = byte(0) % 16, form = byte(1) % 128;
    const bool last = byte(0) >= 128, masked = byte(1) >= 128;
    const std::size_t digits = form == 127 ? 8 : form == 126 ? 2 : 0;
    const std::size_t head = 2 + digits + (masked ? 4 : 0);
    if (left < head) return false;
    std::uint64_t size = digits == 0 ? static_cast<std::uint64_t>(form) : 0;
    for (std::size_t i = 0; i < digits; ++i) size = size * 256 + byte(2 + i);
    code = judge(byte(0) / 16 % 8, opcode, last, masked, digits, size);
    if (code != ws_fine || left - head < size) return false;
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
      text.push_back(static_cast<char>(byte(head + i) ^ byte(head - 4 + i % 4)));
    at += head + size;
    take(opcode, last, text);
    return true;
  }
  std::uint16_t judge(int reserved, int opcode, bool last, bool masked, std::size_t digits,
                      std::uint64_t size) const {
    if (reserved != 0 || !masked) return 1002;
    if (digits == 2 && size <= 125) return 1002;
    if (digits == 8 && size <= 65'535) return 1002;
    if (opcode == 8 || opcode == 9 || opcode == 10) return last && size <= 125 ? 0 : 1002;
    if (opcode > 2 || (opcode == 0) == began.empty()) return 1002;
    return size + began_bytes() > bytes_max ? 1009 : 0;
  }
  std::size_t began_bytes() const {
    std::size_t all = 0;
    for (const auto& [opcode, text] : began) all += text.size();
    return all;
  }
  void take(int opcode, bool last, const std::string& text) {
    if (opcode >= 8) return messages.emplace_back(ws_opcode(opcode), text), void();
    began.emplace_back(ws_opcode(opcode), text);
    if (!last) return;
    std::string whole;
    for (const auto& part : began) whole += part.second;
    const auto what = began.front().first;
    began.clear();
    if (what == ws_opcode::text && !valid_utf8(whole)) return code = 1007, void();
    messages.emplace_back(what, whole);
  }
  std::vector<std::pair<ws_opcode, std::string>> began;
};

struct seeded { // mostly well-formed input, with mistakes
  std::mt19937_64 draw;
  std::size_t below(std::size_t n) { return draw() % n; }
  std::string letters(std::size_t count) {
    std::string out;
    while (out.size() < count) out += below(20) == 0 ? "\xe2\x82\xac" : "x";
    return out;
  }
  std::string piece(bool& inside) {
    if (below(4) == 0) return frame(0x88 + static_cast<int>(below(3)), letters(below(130)));
    const bool last = below(3) != 0;
    const int opcode = inside ? 0 : 1 + static_cast<int>(below(2));
    inside = !last;
    const auto mask = std::string{static_cast<char>(draw()), 'b', static_cast<char>(draw()), '\0'};
    const auto size = below(30) == 0 ? 990 + below(20) : below(3) == 0 ? 120 + below(20) : below(9);
    return frame(opcode | (last ? 0x80 : 0), letters(size),
                 below(5) == 0 ? std::string(4, 0) : mask);
  }
  std::string input() {
    std::string out;
    bool inside = false;
    for (auto left = 1 + below(12); left > 0; --left) out += piece(inside);
    if (below(2) == 0) // a few bytes become others
      for (auto left = 1 + below(3); left > 0; --left) out[below(out.size())] = char(draw());
    if (below(8) == 0) out.resize(below(out.size() + 1));
    return out;
  }
};

TEST(ws_frame, random_bytes_in_random_cuts_are_read_as_the_plain_model_reads_them) {
  std::size_t whole = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    seeded random{std::mt19937_64{seed}};
    const auto bytes = random.input();
    const plain_model wanted{bytes};
    ws_reader reader{bytes_max};
    std::vector<std::pair<ws_opcode, std::string>> messages;
    std::uint16_t code = ws_fine;
    const auto most = 1 + random.below(random.below(2) == 0 ? 8 : 2000);
    for (std::size_t at = 0, size = 0; at < bytes.size() && code == ws_fine; at += size) {
      size = std::min(bytes.size() - at, 1 + random.below(most));
      auto part = bytes.substr(at, size);
      code = reader.take(part.data(), part.size(), [&](const ws_message& m) {
        messages.emplace_back(m.what, m.payload);
        return true;
      });
      ASSERT_LE(reader.held(), bytes_max + 6 + 125) << seed;
    }
    ASSERT_EQ(code, wanted.code) << seed;
    ASSERT_EQ(messages, wanted.messages) << seed;
    whole += messages.size();
    refused += code != ws_fine ? 1 : 0;
  }
  EXPECT_GT(whole, 20'000u) << "the inputs say too little";
  EXPECT_GT(refused, 5'000u);
}

} // namespace
} // namespace strowger::http
