#include "http/test_site.hpp"

#include "protocol/msgpack.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

std::shared_ptr<const notice::any> incoming(const std::string& call) {
  return std::make_shared<const notice::any>(
      notice::call_incoming{call_id{call}, "1001", "Ann", false});
}

TEST(ws, the_first_message_is_connected_and_commands_are_answered) {
  test_site site;
  auto socket = site.socket("1000", "User-Agent: Test \xe9 1\r\n");
  ASSERT_EQ(socket.handshake.status, 101);
  EXPECT_EQ(socket.handshake.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto hello = socket.message();
  EXPECT_EQ(at(hello, "type"), "connected");
  EXPECT_EQ(at(hello, "data", "extension"), "1000");
  EXPECT_EQ(at(hello, "data", "device_id"), "dev-1");
  EXPECT_EQ(at(hello, "data", "resumed"), "false");
  EXPECT_EQ(at(hello, "data", "ping_interval_ms"), "10000");
  EXPECT_EQ(at(hello, "position"), "160");
  socket.send(R"({"type":"ping","id":1})");
  EXPECT_EQ(at(socket.message(), "type"), "pong");
  socket.send(R"({"type":"call:dial","id":2,"data":{"phoneNumber":"+1 (555) 010-0199"}})");
  const auto reply = socket.message();
  EXPECT_EQ(at(reply, "type"), "reply");
  EXPECT_EQ(at(reply, "id"), "2");
  EXPECT_EQ(at(reply, "data", "success"), "true");
  EXPECT_EQ(at(reply, "data", "callId"), "call-1");
  EXPECT_EQ(site.gateway.commands().front().text, "+15550100199");
  EXPECT_EQ(site.gateway.attaches().front().user_agent, "Test ? 1");
}

TEST(ws, the_upgrade_is_refused_as_plain_http) {
  test_site site;
  const auto status = [&](const std::string& target, const std::string& fields) {
    return test_websocket{site.port, target, fields}.handshake;
  };
  const auto missing = status("/ws?extension=1000", "");
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(missing.text("error"), "Authentication required");
  EXPECT_EQ(status("/ws?extension=1001", test_site::bearer("1000")).status, 403);
  EXPECT_EQ(status("/ws?extension=1001", test_site::bearer("999", {"admin"})).status, 101);
  EXPECT_EQ(status("/ws?extension=1000", "Authorization: Bearer x\r\n").status, 401);
  const auto foreign =
      status("/ws?extension=1000", test_site::bearer("1000") + "Origin: https://evil.example\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.text("code"), "origin-refused");
  EXPECT_EQ(
      status("/ws?extension=1000", test_site::bearer("1000") + "Origin: https://pbx.example\r\n")
          .status,
      101);
  EXPECT_EQ(status("/ws?extension=1000&position=x", test_site::bearer("1000")).status, 400);
  EXPECT_EQ(
      status("/ws?extension=1000", test_site::bearer("1000") + "Sec-WebSocket-Protocol: sip\r\n")
          .status,
      400);
  const auto cookie = "Cookie: strowger_session=" + test_site::token("1000") + "\r\n";
  EXPECT_EQ(status("/ws?extension=1000", cookie).status, 403) << "a cookie needs an Origin";
  EXPECT_EQ(status("/ws?extension=1000", cookie + "Origin: http://127.0.0.1:8080\r\n").status, 101);
  EXPECT_EQ(fetch(site.port, "GET", "/ws?extension=1000", test_site::bearer("1000")).status, 400);
  site.gateway.refuse_with = errc::extension_unknown;
  EXPECT_EQ(status("/ws?extension=1000", test_site::bearer("1000")).status, 404);
}

TEST(ws, tokens_come_by_sub_protocol_and_by_query_too) {
  test_site site;
  const auto token = test_site::token("1000");
  const auto chosen = [&](const std::string& offered) {
    test_websocket socket{site.port, "/ws?extension=1000",
                          "Sec-WebSocket-Protocol: " + offered + "\r\n"};
    EXPECT_EQ(socket.handshake.status, 101) << offered;
    return socket.handshake.header("Sec-WebSocket-Protocol");
  };
  EXPECT_EQ(chosen("bearer, " + token), "bearer");
  EXPECT_EQ(chosen("strowger.v1.json, bearer, " + token), "strowger.v1.json");
  EXPECT_EQ(chosen("bearer, " + token + ", strowger.v1.msgpack"), "strowger.v1.msgpack");
  EXPECT_EQ(test_websocket(site.port, "/ws?extension=1000&token=" + token).handshake.status, 101);
}

TEST(ws, a_client_without_credentials_gets_in_only_where_compat_allows_it) {
  test_site site{[](options& o) { o.tokenless = true; }};
  test_websocket socket{site.port, "/ws?extension=1005"};
  EXPECT_EQ(at(socket.message(), "data", "extension"), "1005");
  EXPECT_TRUE(site.gateway.attaches().front().who.tokenless);
  EXPECT_EQ(site.gateway.attaches().front().who.number, "1005");
  EXPECT_EQ(
      test_websocket(site.port, "/ws?extension=1005", "Host: evil.example\r\n").handshake.status,
      401);
}

TEST(ws, msgpack_carries_the_same_messages) {
  test_site site;
  auto socket = site.socket("1000", "Sec-WebSocket-Protocol: strowger.v1.msgpack\r\n");
  EXPECT_EQ(socket.handshake.header("Sec-WebSocket-Protocol"), "strowger.v1.msgpack");
  const auto read = [&] {
    const auto frame = socket.frame();
    EXPECT_EQ(frame.opcode, 2);
    return std::get<protocol::value>(protocol::parse_msgpack(frame.payload));
  };
  EXPECT_EQ(at(read(), "type"), "connected");
  protocol::value data{protocol::value::object{}}, message{protocol::value::object{}};
  data.set("callId", "c");
  message.set("type", "call:answer").set("id", 7).set("data", data);
  socket.send(protocol::write_msgpack(message), 2);
  const auto reply = read();
  EXPECT_EQ(at(reply, "id"), "7");
  EXPECT_EQ(at(reply, "data", "role"), "answer");
  socket.send("\xdd\xff\xff\xff\xff", 2);
  EXPECT_EQ(at(read(), "data", "code"), "malformed-message");
  socket.send(R"({"type":"ping"})", 1);
  EXPECT_EQ(socket.frame().close_code(), 1003) << "text on a binary protocol";
}

TEST(ws, bad_messages_get_their_error_and_the_socket_lives_on) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  struct {
    const char* frame;
    const char* code;
  } cases[] = {
      {"{", "malformed-json"},
      {"[]", "malformed-message"},
      {R"({"id":1})", "missing-field"},
      {R"({"type":7})", "wrong-type"},
      {R"({"type":"ping","id":"one"})", "wrong-type"},
      {R"({"type":"ping","id":-1})", "value-out-of-range"},
      {R"({"type":"ping","data":[]})", "wrong-type"},
      {R"({"type":"call:sing","id":1})", "unknown-message"},
      {R"({"type":"call:answer","id":1,"data":{}})", "missing-field"},
      {R"({"type":"call:mute","id":1,"data":{"callId":"c","muted":"yes"}})", "wrong-type"},
      {R"({"type":"call:dtmf","id":1,"data":{"callId":"c","tone":"x"}})", "value-out-of-range"},
      {R"({"type":"call:dtmf","id":1,"data":{"callId":"c","tone":"1","duration":9999}})",
       "value-out-of-range"},
      {R"({"type":"call:transfer","id":1,"data":{"callId":"c","target":"1","transferType":"x"}})",
       "value-out-of-range"},
      {R"({"type":"webrtc:offer","id":1,"data":{"callId":"c","sdp":"x"}})", "malformed-sdp"},
      {R"({"type":"webrtc:ice-candidate","id":1,"data":{"callId":"c","candidate":{"candidate":"x"}}})",
       "malformed-candidate"},
  };
  for (const auto& c : cases) {
    socket.send(c.frame);
    const auto reply = socket.message();
    EXPECT_EQ(at(reply, "data", "code"), c.code) << c.frame;
    EXPECT_EQ(at(reply, "data", "success"), "false");
  }
  EXPECT_TRUE(site.gateway.commands().empty());
  socket.send(R"({"type":"webrtc:ice-candidate","id":1,"data":{"callId":"c","candidate":null}})");
  EXPECT_EQ(at(socket.message(), "data", "success"), "true");
}

TEST(ws, a_repeated_message_id_is_the_same_command_and_command_id_rules) {
  test_site site;
  auto socket = site.socket("1000"), other = site.socket("1000");
  socket.message();
  other.message();
  const std::string hang_up = R"({"type":"call:hangup","id":5,"data":{"callId":"c"}})";
  const auto ask = [](test_websocket& on, const std::string& what) {
    on.send(what);
    on.message();
  };
  ask(socket, hang_up);
  ask(socket, hang_up);
  ask(other, hang_up);
  ask(socket, R"({"type":"call:hangup","id":6,"data":{"callId":"c","command_id":"mine"}})");
  ask(socket, R"({"type":"call:hangup","data":{"callId":"c"}})");
  const auto seen = site.gateway.commands();
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_EQ(seen[0].command, seen[1].command);
  EXPECT_NE(seen[0].command, seen[2].command) << "ids belong to one connection";
  EXPECT_EQ(seen[3].command, "mine");
  EXPECT_EQ(seen[4].command, "");
}

TEST(ws, pushes_come_in_order_with_their_positions) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  for (int i = 1; i <= 100; ++i)
    site.gateway.sink()->push(incoming("c" + std::to_string(i)), 160 + i);
  for (int i = 1; i <= 100; ++i) {
    const auto push = socket.message();
    EXPECT_EQ(at(push, "type"), "call:incoming");
    EXPECT_EQ(at(push, "position"), std::to_string(160 + i));
    EXPECT_EQ(at(push, "data", "callId"), "c" + std::to_string(i));
  }
}

TEST(ws, a_resume_goes_on_from_the_clients_own_position) {
  test_site site;
  test_websocket socket{site.port, "/ws?extension=1000&resume=resume-1&position=42",
                        test_site::bearer("1000")};
  const auto hello = socket.message();
  EXPECT_EQ(at(hello, "data", "resumed"), "true");
  EXPECT_EQ(at(hello, "position"), "42");
  EXPECT_EQ(site.gateway.attaches().front().position, 42U);
  EXPECT_EQ(site.gateway.attaches().front().resume, "resume-1");
}

TEST(ws, a_client_that_does_not_read_is_closed) {
  test_site site{[](options& o) {
    o.socket_queue_bytes_max = 64 * 1024;
    o.close_deadline_ms = 200;
  }};
  test_websocket socket{site.port, "/ws?extension=1000", test_site::bearer("1000"), 4096};
  notice::webrtc_offer big;
  big.sdp = std::string(100'000, 'x');
  const auto push = std::make_shared<const notice::any>(std::move(big));
  for (int i = 1; i <= 200; ++i) site.gateway.sink()->push(push, 160 + i);
  EXPECT_TRUE(fake_gateway::eventually([&] { return !site.gateway.detached().empty(); }));
}

TEST(ws, an_overflow_is_told_with_1013_to_a_client_that_reads_again) {
  test_site site{[](options& o) { o.socket_queue_bytes_max = 4 * 1024; }};
  auto socket = site.socket("1000");
  socket.message();
  notice::webrtc_offer big;
  big.sdp = std::string(100'000, 'x');
  site.gateway.sink()->push(std::make_shared<const notice::any>(std::move(big)), 170);
  EXPECT_EQ(socket.frame().close_code(), 1013);
}

TEST(ws, a_line_full_of_dials_still_takes_a_hang_up) {
  test_site site{[](options& o) { o.commands_in_flight_max = 2; }};
  site.gateway.answer_commands = false;
  auto socket = site.socket("1000");
  socket.message();
  for (int i = 1; i <= 3; ++i)
    socket.send(R"({"type":"call:dial","id":)" + std::to_string(i) +
                R"(,"data":{"phoneNumber":"1001"}})");
  const auto refused = socket.message();
  EXPECT_EQ(at(refused, "id"), "3");
  EXPECT_EQ(at(refused, "data", "retry_after_ms"), "1000");
  socket.send(R"({"type":"call:hangup","id":4,"data":{"callId":"c"}})");
  EXPECT_TRUE(fake_gateway::eventually([&] { return site.gateway.commands().size() == 3; }));
}

TEST(ws, too_many_commands_in_flight_are_refused_at_once) {
  test_site site{[](options& o) { o.commands_in_flight_max = 2; }};
  site.gateway.answer_commands = false;
  auto socket = site.socket("1000");
  socket.message();
  for (int i = 1; i <= 5; ++i)
    socket.send(R"({"type":"call:answer","id":)" + std::to_string(i) +
                R"(,"data":{"callId":"c"}})");
  const auto refused = socket.message();
  EXPECT_EQ(at(refused, "id"), "5");
  EXPECT_EQ(at(refused, "data", "code"), "busy");
}

TEST(ws, an_oversized_frame_closes_with_1009) {
  test_site site;
  auto socket = site.socket("1000");
  socket.message();
  socket.send(std::string(limits::frame_bytes_max + 1, ' '));
  EXPECT_EQ(socket.frame().close_code(), 1009);
  EXPECT_TRUE(fake_gateway::eventually([&] { return !site.gateway.detached().empty(); }));
}

TEST(ws, silence_ends_the_connection_and_pings_keep_it) {
  test_site site{[](options& o) {
    o.ping_interval_ms = 40;
    o.silence_ms = 150;
  }};
  auto silent = site.socket("1000"), lively = site.socket("1000");
  const auto is = [](std::string text) { return text; };
  for (int i = 0; i < 12; ++i) { // half a second of answered pings
    test_frame frame;
    do frame = lively.any_frame();
    while (frame.opcode != 9);
    lively.send(frame.payload, 10);
  }
  EXPECT_TRUE(fake_gateway::eventually(
      [&] { return site.gateway.detached() == std::vector<std::string>{is("dev-1 silent")}; }));
  lively.send(R"({"type":"ping","id":1})");
  test_frame frame;
  do frame = lively.frame();
  while (frame.opcode == 1 && frame.payload.find("pong") == std::string::npos);
  EXPECT_EQ(frame.opcode, 1);
}

TEST(ws, a_clean_close_and_a_lost_line_are_told_apart) {
  test_site site;
  {
    auto socket = site.socket("1000");
    socket.message();
    socket.send(std::string{"\x03\xe8", 2}, 8);
    EXPECT_EQ(socket.frame().close_code(), 1000);
  }
  // The two lines live on two lanes: only what was seen to end first ended first.
  EXPECT_TRUE(fake_gateway::eventually([&] { return site.gateway.detached().size() == 1; }));
  { site.socket("1000").message(); }
  EXPECT_TRUE(fake_gateway::eventually([&] { return site.gateway.detached().size() == 2; }));
  EXPECT_EQ(site.gateway.detached()[0], "dev-1 closed");
  EXPECT_EQ(site.gateway.detached()[1], "dev-1 lost");
}

TEST(ws, the_server_can_end_a_line_and_logout_closes_it_after_the_reply) {
  test_site site;
  auto revoked = site.socket("1000");
  revoked.message();
  site.gateway.sink()->close(errc::token_invalid);
  EXPECT_EQ(revoked.frame().close_code(), 1008);
  auto socket = site.socket("1000");
  socket.message();
  socket.send(R"({"type":"logout","id":1})");
  EXPECT_EQ(at(socket.message(), "data", "success"), "true");
  EXPECT_EQ(socket.frame().close_code(), 1000);
}

TEST(ws, presence_and_the_echo_end) {
  test_site site;
  site.gateway.rows.push_back({"1001", "ann", "online", true, 1, {}, {}});
  test_websocket socket{site.port, "/ws?extension=*43", test_site::bearer("1000")};
  EXPECT_EQ(socket.handshake.status, 101);
  socket.message();
  EXPECT_TRUE(site.gateway.attaches().front().echo);
  socket.send(R"({"type":"presence:subscribe","id":1,"data":{}})");
  const auto reply = socket.message();
  EXPECT_NE(at(reply, "data", "extensions").find("\"ann\""), std::string::npos);
}

} // namespace
} // namespace strowger::http
