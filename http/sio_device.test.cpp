// Devices that speak Socket.IO, against the fake gateway; stock clients:
// tests/e2e/socketio.test.mjs.
#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

const std::string target = "/socket.io/?EIO=4&transport=websocket";

struct client : test_websocket {
  explicit client(const test_site& site) : test_websocket(site.port, target) {
    EXPECT_EQ(frame().payload.substr(0, 7), R"(0{"sid")");
  }
  client(const test_site& site, const std::string& more) : client(site) {
    send(R"(40{"token":")" + test_site::token("1000") + "\"" + more + "}");
    welcome = frame().payload;
    connected = frame().payload;
  }
  std::string next() { return frame().payload; }
  std::string welcome, connected;
};

TEST(sio, who_connects_is_a_device_and_its_commands_are_acknowledged) {
  test_site site;
  client c{site, R"(,"agentId":"agent-1000","tenantId":"default")"};
  EXPECT_EQ(c.welcome, R"(40{"sid":"dev-1","pid":"resume-1"})");
  EXPECT_EQ(c.connected.substr(0, 15), R"(42["connected",)");
  EXPECT_NE(c.connected.find(R"("agentId":"agent-1000")"), std::string::npos);
  EXPECT_EQ(c.connected.substr(c.connected.size() - 6), R"("160"])");
  EXPECT_TRUE(site.gateway.attaches().front().socketio);
  c.send(R"(420["call:dial",{"phoneNumber":"1001"}])");
  EXPECT_EQ(c.next().substr(0, 40), R"(430[{"success":true,"callId":"call-1","d)");
  c.send(R"(421["ping"])");
  EXPECT_EQ(c.next().substr(0, 21), R"(431[{"success":true,")");
  c.send(R"(427["webrtc:produce",{}])");
  EXPECT_NE(c.next().find(R"("code":"media-unavailable")"), std::string::npos);
  c.send(R"(42["no:such",{}])");
  EXPECT_EQ(c.next().substr(0, 40), R"(42["error",{"code":"unknown-message","me)");
}

TEST(sio, events_carry_their_position_and_volatile_ones_do_not) {
  test_site site;
  client c{site, ""};
  const auto sink = site.gateway.sink();
  sink->push(std::make_shared<const notice::any>(notice::call_ringing{call_id{"c1"}, "1001"}), 177);
  EXPECT_EQ(c.next(), R"(42["call:ringing",{"callId":"c1","phoneNumber":"1001"},"177"])");
  sink->push(std::make_shared<const notice::any>(notice::presence{"1001", "online", 1}), 0);
  EXPECT_EQ(c.next(), R"(42["presence",{"extension":"1001","status":"online","client_count":1}])");
}

TEST(sio, a_client_that_comes_back_shows_its_pid_and_offset) {
  test_site site;
  client c{site, R"(,"pid":"resume-1~x","offset":"177")"};
  EXPECT_EQ(c.welcome, R"(40{"sid":"dev-1","pid":"resume-1~x"})");
  EXPECT_EQ(c.connected.substr(c.connected.size() - 6), R"("177"])");
  const auto asked = site.gateway.attaches().front();
  EXPECT_EQ(asked.resume, "resume-1");
  EXPECT_EQ(asked.position, 177U);
}

TEST(sio, refusals_for_good_are_connect_error_and_others_close_the_transport) {
  test_site site;
  const auto refused = [&](const std::string& connect) {
    client c{site};
    c.send(connect);
    return c.next();
  };
  EXPECT_EQ(refused("40"), R"(44{"message":"Authentication required","data":{"success":false,)"
                           R"("error":"Authentication required","code":"token-missing"}})");
  EXPECT_NE(refused(R"(40{"token":"x"})").find("token-invalid"), std::string::npos);
  const auto token = R"(40{"token":")" + test_site::token("1000") + "\"";
  EXPECT_NE(refused(token + R"(,"agentId":"x"})").find("forbidden"), std::string::npos);
  EXPECT_NE(refused(token + R"(,"extension":"1001"})").find("extension-not-owned"),
            std::string::npos);
  EXPECT_EQ(refused("40/other"), R"(44/other,{"message":"Invalid namespace"})");
  site.gateway.refuse_with = errc::extension_unknown;
  EXPECT_NE(refused(token + "}").find("extension-unknown"), std::string::npos);
  site.gateway.refuse_with = errc::busy;
  client c{site};
  c.send(token + "}");
  EXPECT_EQ(c.frame().opcode, 8) << "it comes back by itself";
}

TEST(sio, nobody_is_let_in_while_the_server_starts_or_drains) {
  test_site site;
  site.gateway.is_ready = false;
  EXPECT_EQ((test_websocket{site.port, target}).handshake.status, 503);
}

TEST(sio, a_goodbye_hangs_up_and_a_lost_line_does_not) {
  test_site site;
  {
    client c{site, ""};
    c.send(R"(420["call:dial",{"phoneNumber":"1001"}])");
    c.next();
  }
  ASSERT_TRUE(fake_gateway::eventually([&] { return site.gateway.detached().size() == 1; }));
  EXPECT_EQ(site.gateway.commands().size(), 1U);
  client c{site, ""};
  c.send(R"(420["call:dial",{"phoneNumber":"1001"}])");
  c.next();
  c.send("41");
  ASSERT_TRUE(fake_gateway::eventually([&] { return site.gateway.detached().size() == 2; }));
  EXPECT_EQ(site.gateway.detached().back(), "dev-1 left");
  ASSERT_EQ(site.gateway.commands().size(), 3U);
  EXPECT_TRUE(std::holds_alternative<request::hang_up>(site.gateway.commands().back().action));
}

TEST(sio, who_must_stay_away_is_told_and_disconnected) {
  test_site site;
  client c{site, ""};
  site.gateway.sink()->close(errc::token_invalid);
  EXPECT_EQ(c.next(), R"(42["error",{"code":"token-invalid","message":"Invalid token",)"
                      R"("details":{}}])");
  EXPECT_EQ(c.next(), "41");
  EXPECT_EQ(c.frame().opcode, 8);
  client other{site, ""};
  site.gateway.sink()->close(errc::hub_not_available);
  EXPECT_EQ(other.frame().opcode, 8) << "no goodbye: it comes back by itself";
}

} // namespace
} // namespace strowger::http
