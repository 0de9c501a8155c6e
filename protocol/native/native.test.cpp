#include "protocol/native/native.hpp"

#include "protocol/sse/sse.hpp"

#include <gtest/gtest.h>

namespace strowger::protocol::native {
namespace {

TEST(native, a_command_is_read_with_its_ids) {
  const auto in = parse(
      encoding::json,
      R"({"type":"call:transfer","id":3,"data":{"callId":"c","target":"1002","transferType":"warm","command_id":"k"}})");
  EXPECT_EQ(in.id, 3);
  EXPECT_EQ(in.given, command_id{"k"});
  const auto& act = std::get<in_call>(std::get<command>(in.what));
  EXPECT_EQ(act.call, call_id{"c"});
  EXPECT_TRUE(std::get<request::transfer>(act.what).warm);
}

TEST(native, unknown_fields_do_not_disturb) {
  const auto in = parse(encoding::json, R"({"type":"ping","later":1,"data":{"more":[]}})");
  EXPECT_TRUE(std::holds_alternative<command>(in.what));
}

TEST(native, replies_and_pushes_are_rendered) {
  EXPECT_EQ(
      render_reply(encoding::json, 4, reply_data(answer::call_state{call_id{"c"}, 1, "answer"})),
      R"({"type":"reply","id":4,"data":{"success":true,"callId":"c","bridge":1,"role":"answer"}})");
  EXPECT_EQ(
      render_refusal(encoding::json, std::nullopt, {errc::call_unknown, {}, 0}),
      R"({"type":"reply","data":{"success":false,"error":"Call not found","code":"call-unknown"}})");
  EXPECT_EQ(
      render_push(encoding::json, notice::call_held{call_id{"c"}, true, "1000"}, 33),
      R"({"type":"call:held","position":33,"data":{"callId":"c","isOnHold":true,"by":"1000"}})");
  EXPECT_EQ(
      render_push(encoding::json, notice::presence{"1000", "online", 1}, 0),
      R"({"type":"presence","data":{"extension":"1000","status":"online","client_count":1}})");
  EXPECT_EQ(render_pong(encoding::json, 1, 0),
            R"({"type":"pong","id":1,"data":{"time":"1970-01-01T00:00:00.000Z"}})");
}

TEST(native, a_candidate_keeps_its_place) {
  notice::webrtc_candidate what{call_id{"c"}, 2, {"candidate:1", std::string{"0"}, 1}};
  EXPECT_EQ(render_push(encoding::json, what, 16),
            R"({"type":"webrtc:ice-candidate","position":16,"data":{"callId":"c","bridge":2,)"
            R"("candidate":{"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":1}}})");
}

TEST(sse, line_breaks_stay_inside_the_data_line) {
  EXPECT_EQ(sse::render_push(notice::webrtc_answer{call_id{"c"}, 1, "v=0\r\n"}, 32),
            "id: 32\nevent: webrtc:answer\n"
            "data: {\"callId\":\"c\",\"bridge\":1,\"sdp\":\"v=0\\r\\n\"}\n\n");
  client_position at = 0;
  EXPECT_TRUE(sse::parse_position("9007199254740991", at));
  for (const char* text : {"", "-1", "1x", "9007199254740992", "99999999999999999999"})
    EXPECT_FALSE(sse::parse_position(text, at)) << text;
}

} // namespace
} // namespace strowger::protocol::native
