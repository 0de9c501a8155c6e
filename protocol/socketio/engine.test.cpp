#include "protocol/socketio/engine.hpp"

#include "core/limits.hpp"

#include <gtest/gtest.h>

namespace strowger::protocol::socketio {
namespace {

std::string again(const std::vector<engine_packet>& packets) {
  std::string out;
  for (const auto& each : packets) append_to_payload(out, each);
  return out;
}

TEST(engine, the_open_packet_has_exactly_five_members) {
  EXPECT_EQ(render_open({"s1", true, 300, 200, 1'000'000}),
            R"(0{"sid":"s1","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,)"
            R"("maxPayload":1000000})");
  EXPECT_EQ(render_open({"s1", false, 300, 200, 1}),
            R"(0{"sid":"s1","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1})");
}

TEST(engine, a_packet_is_its_digit_and_its_data) {
  const auto message = read_engine_packet("4hello");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, engine_kind::message);
  EXPECT_EQ(message->data, "hello");
  EXPECT_EQ(read_engine_packet("2probe")->kind, engine_kind::ping);
  EXPECT_EQ(read_engine_packet("5")->kind, engine_kind::upgrade);
  for (const auto* bad : {"", "7", "abc", "x", " 4", "b"})
    EXPECT_FALSE(read_engine_packet(bad)) << bad;
  EXPECT_EQ(render_engine_packet(engine_kind::pong, "probe"), "3probe");
}

TEST(engine, payloads_come_and_go_unchanged) {
  for (const std::string payload : {"4hello",
                                    "4test1\x1e"
                                    "4test2\x1e"
                                    "4test3",
                                    "4hello\x1e"
                                    "bAQIDBA==",
                                    "b", "4", "bAQ==", "bAQI=", "bAQID"}) {
    const auto packets = read_payload(payload);
    ASSERT_TRUE(packets) << payload;
    EXPECT_EQ(again(*packets), payload);
  }
  const auto mixed = read_payload("4hello\x1e"
                                  "bAQIDBA==");
  EXPECT_EQ(mixed->at(1).data, std::string("\1\2\3\4"));
  EXPECT_TRUE(mixed->at(1).binary);
  EXPECT_GE(payload_size(mixed->at(1)), std::string{"bAQIDBA=="}.size());
}

TEST(engine, malformed_payloads_are_refused_whole) {
  for (const std::string bad :
       {"", "abc", "4a\x1e",
        "\x1e"
        "4a",
        "4a\x1e"
        "7",
        "bAQIDBA", "bA===", "bA=B=", "b====", "bAQJ=", "bAR==", "bAQ D", "bAQID\n"})
    EXPECT_FALSE(read_payload(bad)) << bad;
}

TEST(engine, every_byte_survives_base64) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    std::string payload;
    append_to_payload(payload, {engine_kind::message, true, bytes});
    EXPECT_EQ(payload.size() + 1, payload_size({engine_kind::message, true, bytes}));
    EXPECT_EQ(read_payload(payload)->front().data, bytes);
  }
}

TEST(engine, one_payload_holds_so_many_packets_and_no_more) {
  std::string payload = "4";
  for (std::size_t i = 1; i < limits::engine_packets_max; ++i)
    payload += "\x1e"
               "4";
  EXPECT_TRUE(read_payload(payload));
  EXPECT_FALSE(read_payload(payload + "\x1e"
                                      "4"));
}

} // namespace
} // namespace strowger::protocol::socketio
