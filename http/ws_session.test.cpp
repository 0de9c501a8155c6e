// The WebSocket protocol itself (RFC 6455) on live lines; what is said on it: websocket.test.cpp.
#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

std::string bytes_of(int first, std::string_view payload) { // masked with zeros
  return std::string{
             static_cast<char>(first), static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0} +
         std::string{payload};
}

bool left_as(test_site& site, std::size_t count, const std::string& how) {
  return fake_gateway::eventually([&] {
    const auto gone = site.gateway.detached();
    return gone.size() == count && gone.back() == "dev-1 " + how;
  });
}

TEST(ws_line, a_peer_that_breaks_the_protocol_is_told_so_and_let_go) {
  test_site site;
  const std::pair<std::string, int> cases[] = {
      {std::string{"\x81\x02hi"}, 1002},  // not masked
      {bytes_of(0xc1, ""), 1002},         // compressed, which was not agreed on
      {bytes_of(0x83, ""), 1002},         // an unknown opcode
      {bytes_of(0x09, "x"), 1002},        // a ping in pieces
      {bytes_of(0x08, ""), 1002},         // a close in pieces
      {bytes_of(0x80, "x"), 1002},        // continues nothing
      {bytes_of(0x81, "\xc3\x28"), 1007}, // not UTF-8
  };
  std::size_t gone = 0;
  for (const auto& [bytes, code] : cases) {
    auto socket = site.socket("1000");
    socket.message();
    socket.line.send(bytes);
    EXPECT_EQ(socket.frame().close_code(), code);
    EXPECT_TRUE(left_as(site, ++gone, "lost"));
    EXPECT_TRUE(socket.line.at_end());
  }
}

TEST(ws_line, a_message_may_come_in_pieces_with_a_ping_between_them) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  const auto bytes = bytes_of(0x01, R"({"type":"pi)") + bytes_of(0x89, "hi") + bytes_of(0x00, "") +
                     bytes_of(0x80, R"(ng","id":1})");
  for (const char one : bytes) socket.line.send({&one, 1});
  const auto pong = socket.any_frame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "hi");
  EXPECT_EQ(at(socket.message(), "type"), "pong");
}

TEST(ws_line, many_messages_in_one_packet_are_answered_one_by_one) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  std::string bytes;
  for (int i = 1; i <= 50; ++i)
    bytes += bytes_of(0x81, R"({"type":"ping","id":)" + std::to_string(i) + "}");
  socket.line.send(bytes);
  for (int i = 1; i <= 50; ++i) EXPECT_EQ(at(socket.message(), "id"), std::to_string(i));
}

TEST(ws_line, empty_frames_are_frames) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  socket.send("", 9);
  const auto pong = socket.any_frame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "");
  socket.send("", 10); // a pong nobody asked for
  socket.send("", 1);
  EXPECT_EQ(at(socket.message(), "data", "code"), "malformed-json");
}

TEST(ws_line, compression_is_not_agreed_on) {
  test_site site;
  auto socket = site.socket(
      "1000", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
  EXPECT_EQ(socket.handshake.status, 101);
  EXPECT_EQ(socket.handshake.header("Sec-WebSocket-Extensions"), "");
  EXPECT_EQ(at(socket.message(), "type"), "connected");
}

TEST(ws_line, a_close_is_answered_in_kind) {
  test_site site;
  const std::pair<std::string, int> cases[] = {
      {"", 1000},
      {std::string{"\x03\xe9"}, 1001},
      {std::string{"\x0f\xa0"}, 4000},
      {"x", 1002},                         // half a code
      {std::string{"\x03\xed"}, 1002},     // 1005 is never sent
      {std::string{"\x03\xe8\xff"}, 1007}, // a reason that is no text
  };
  std::size_t gone = 0;
  for (const auto& [payload, code] : cases) {
    auto socket = site.socket("1000");
    socket.message();
    socket.line.send(bytes_of(0x88, payload) + bytes_of(0x81, "{}")); // what follows is not heard
    EXPECT_EQ(socket.frame().close_code(), code);
    EXPECT_EQ(socket.frame().opcode, -1);
    EXPECT_TRUE(left_as(site, ++gone, "closed"));
  }
}

TEST(ws_line, a_peer_that_will_send_no_more_is_gone) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  socket.line.half_close();
  EXPECT_TRUE(left_as(site, 1, "lost"));
  EXPECT_TRUE(socket.line.at_end());
}

TEST(ws_line, what_a_slow_reader_could_not_take_at_once_comes_whole_and_in_order) {
  test_site site;
  test_websocket socket{site.port, "/ws?extension=1000", test_site::bearer("1000"), 4096};
  socket.message();
  constexpr int count = 40;
  for (int i = 1; i <= count; ++i) {
    notice::webrtc_offer big;
    big.sdp = std::string(20'000, static_cast<char>('a' + i % 26));
    site.gateway.sink()->push(std::make_shared<const notice::any>(std::move(big)), 160 + i);
    if (i == count / 2) socket.send(R"({"type":"ping","id":7})"); // answers keep their place
  }
  int pushes = 0, pongs = 0;
  while (pushes < count || pongs < 1) {
    const auto message = socket.message();
    if (at(message, "type") == "pong") {
      ++pongs;
      continue;
    }
    ++pushes;
    ASSERT_EQ(at(message, "position"), std::to_string(160 + pushes));
    ASSERT_NE(at(message, "data").find(std::string(20'000, static_cast<char>('a' + pushes % 26))),
              std::string::npos);
  }
}

TEST(ws_line, who_pings_and_reads_nothing_is_closed_as_slow) {
  test_site site{[](options& o) {
    o.socket_queue_bytes_max = 100'000;
    o.close_deadline_ms = 100;
  }};
  test_websocket socket{site.port, "/ws?extension=1000", test_site::bearer("1000"), 4096};
  socket.message();
  std::string many;
  for (int i = 0; i < 500; ++i) many += bytes_of(0x89, std::string(125, 'p'));
  try {
    for (int i = 0; i < 400 && site.gateway.detached().empty(); ++i) socket.line.send(many);
  } catch (const std::exception&) { // cut while it was sending
  }
  EXPECT_TRUE(left_as(site, 1, "closed"));
}

TEST(ws_line, a_line_that_takes_nothing_is_cut_when_the_server_wants_to_end_it) {
  test_site site{[](options& o) { o.close_deadline_ms = 100; }};
  test_websocket socket{site.port, "/ws?extension=1000", test_site::bearer("1000"), 4096};
  socket.message();
  for (int i = 1; i <= 9; ++i) {
    notice::webrtc_offer big;
    big.sdp = std::string(100'000, 'x');
    site.gateway.sink()->push(std::make_shared<const notice::any>(std::move(big)), 160 + i);
  }
  site.gateway.sink()->close(errc::token_invalid);
  EXPECT_TRUE(left_as(site, 1, "closed"));
}

} // namespace
} // namespace strowger::http
