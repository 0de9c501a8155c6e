#include "protocol/socketio/packet.hpp"

#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <random>

namespace strowger::protocol::socketio {
namespace {

using result = decoder::result;

packet read(std::string_view text) {
  decoder in;
  packet out;
  EXPECT_EQ(in.text(text, out), result::whole) << text;
  return out;
}

// What a stock client and a stock server were seen to say to each other.
const std::string golden[] = {
    R"(0{"token":"jwt","agentId":"a1","tenantId":"t1","userId":"u1"})",
    R"(0{"sid":"yXGQ6A_V496xZ41DAAAA"})",
    R"(2["connected",{"agentId":"a1"}])",
    R"(20["webrtc:get-router-capabilities"])",
    R"(21["webrtc:create-transport",{"direction":"send"}])",
    R"(33[{"success":true}])",
};

TEST(packet, golden_packets_come_out_as_they_came_in) {
  for (const auto& text : golden) EXPECT_EQ(render(read(text)), text);
  for (const std::string text : {"0", "1", "0/custom,", "1/custom,", "0/custom,{\"token\":\"abc\"}",
                                 "2[\"message\",1,\"2\",{\"3\":[true]}]", "2/custom,12[\"a\"]",
                                 "3/custom,12[]", "2[\"x\",1.5,null,-0.25]"})
    EXPECT_EQ(render(read(text)), text);
}

TEST(packet, namespaces_and_acknowledgements_are_read) {
  const auto plain = read(R"(2456["message-with-ack",1])");
  EXPECT_EQ(plain.nsp, "/");
  EXPECT_EQ(plain.id, 456);
  const auto other = read(R"(2/admin?a=b,7["x"])");
  EXPECT_EQ(other.nsp, "/admin");
  EXPECT_EQ(other.id, 7);
  EXPECT_EQ(read("0/random").nsp, "/random");
  EXPECT_TRUE(read("0").data.is_null());
}

TEST(packet, what_is_not_of_its_type_is_malformed) {
  for (const std::string bad : {"",
                                "abc",
                                "7",
                                "9[]",
                                "2",
                                "2{}",
                                "2[]",
                                "2[{}]",
                                "2[null]",
                                "2[true]",
                                "2abc[\"x\"]",
                                "2[\"connect\"]",
                                "2[\"disconnect\"]",
                                "2[\"connect_error\"]",
                                "2[\"newListener\"]",
                                "0[]",
                                "0null",
                                "0\"x\"",
                                "1{}",
                                "3[]",
                                "31",
                                "31{}",
                                "4{\"message\":\"x\"}",
                                "4",
                                "5[\"x\"]",
                                "5-[\"x\"]",
                                "51[\"x\"]",
                                "533-[\"x\"]",
                                "599999999999999999999-[\"x\"]",
                                "21234567890123456[\"x\"]",
                                "2[\"x\"",
                                "2[\"x\"]]",
                                "2[\"x\",{\"a\":1,\"a\":2}]",
                                "6[1]",
                                "60-[]"}) {
    decoder in;
    packet out;
    EXPECT_EQ(in.text(bad, out), result::malformed) << bad;
  }
  decoder in;
  packet out;
  EXPECT_EQ(in.text("0/" + std::string(limits::namespace_bytes_max, 'x'), out), result::malformed);
  EXPECT_EQ(in.text("2[\"x\"," + std::string(64, '[') + std::string(64, ']') + "]", out),
            result::malformed);
}

TEST(packet, attachments_follow_their_packet) {
  const std::string text =
      R"(52-789["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  decoder in;
  packet out;
  ASSERT_EQ(in.text(text, out), result::more);
  EXPECT_TRUE(in.waiting());
  ASSERT_EQ(in.binary("\1\2", out), result::more);
  ASSERT_EQ(in.binary("", out), result::whole);
  EXPECT_FALSE(in.waiting());
  EXPECT_EQ(out.id, 789);
  EXPECT_EQ(out.attachments, (std::vector<std::string>{"\1\2", ""}));
  EXPECT_EQ(render(out), text);
  out.kind = packet_kind::ack;
  EXPECT_EQ(render(out).substr(0, 7), "62-789[");
  EXPECT_EQ(render(read(R"(50-["x"])")), R"(50-["x"])");
}

TEST(packet, attachments_that_do_not_fit_are_malformed) {
  const std::string one = R"(51-["x",{"_placeholder":true,"num":0}])";
  packet out;
  const auto after = [&](const std::string& text) {
    decoder in;
    EXPECT_EQ(in.text(one, out), result::more);
    return in.text(text, out);
  };
  EXPECT_EQ(after(R"(2["x"])"), result::malformed) << "text where bytes are due";
  decoder unasked;
  EXPECT_EQ(unasked.binary("x", out), result::malformed);
  for (const std::string bad :
       {R"(51-["x",{"_placeholder":true,"num":1}])", R"(51-["x",{"_placeholder":true,"num":-1}])",
        R"(51-["x",{"_placeholder":true}])",
        R"(51-["x",{"a":[{"_placeholder":true,"num":"0"}]}])"}) {
    decoder in;
    EXPECT_EQ(in.text(bad, out), result::malformed) << bad;
  }
  decoder large;
  ASSERT_EQ(large.text(R"(52-["x"])", out), result::more);
  ASSERT_EQ(large.binary(std::string(limits::attachments_bytes_max, 'x'), out), result::more);
  EXPECT_EQ(large.binary("x", out), result::malformed) << "together they are too large";
}

TEST(packet, a_push_carries_its_position_last) {
  value data{value::object{}};
  data.set("callId", "c1");
  EXPECT_EQ(render(push("/", "call:ringing", data, "176")),
            R"(2["call:ringing",{"callId":"c1"},"176"])");
  EXPECT_EQ(render(push("/", "presence", data, {})), R"(2["presence",{"callId":"c1"}])");
}

TEST(packet, noise_is_refused_or_read_but_never_worse) {
  std::mt19937 random{20261122};
  std::size_t whole = 0, malformed = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = golden[i % std::size(golden)];
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
      const auto at = random() % text.size();
      if (random() % 2) text[at] = "0123456[]{}\",:-/"[random() % 16];
      if (random() % 3 == 0) text.insert(at, 1, static_cast<char>(random()));
      if (random() % 3 == 0 && text.size() > 1) text.erase(at, 1);
    }
    decoder in;
    packet out;
    const auto got = in.text(text, out);
    got == result::malformed ? ++malformed : ++whole;
    if (got == result::whole) render(out);
    if (got == result::more) in.binary("x", out);
  }
  EXPECT_GT(whole, 500U);
  EXPECT_GT(malformed, 5'000U);
}

} // namespace
} // namespace strowger::protocol::socketio
