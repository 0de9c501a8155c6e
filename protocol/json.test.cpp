#include "protocol/json.hpp"

#include "core/notice.hpp"
#include "protocol/describe.hpp"
#include "protocol/msgpack.hpp"

#include <gtest/gtest.h>

namespace strowger::protocol {
namespace {

std::string round(std::string_view text) {
  auto out = parse_json(text);
  if (const auto* tree = std::get_if<value>(&out)) return write_json(*tree);
  return "refused";
}

TEST(json, valid_documents_survive_a_round) {
  for (const char* text :
       {"{}", "[]", "null", "true", "[1,-2,9007199254740991]", R"({"a":{"b":["x",null,false]}})",
        R"("\u0001\n\"\\")", R"({"ä":"日本"})", "\"\""})
    EXPECT_EQ(round(text), text);
  EXPECT_EQ(round(" { \"a\" : 1.0 } "), R"({"a":1})");
  EXPECT_EQ(round(R"("\u00e4")"), "\"ä\"");
}

TEST(json, anything_else_is_refused) {
  const std::string deep(33, '[');
  for (const std::string& text :
       {std::string{}, std::string{"{"}, std::string{"{}x"}, std::string{"{} {}"},
        std::string{"{'a':1}"}, std::string{"[1,]"}, std::string{"nul"}, std::string{"NaN"},
        std::string{"/*c*/1"}, std::string{"\"\xff\""}, std::string{R"({"a":1,"a":2})"},
        std::string{"01"}, deep + std::string(33, ']'), std::string{"\"\\ud800\""}})
    EXPECT_EQ(round(text), "refused") << text;
  EXPECT_NE(round(std::string(32, '[') + std::string(32, ']')), "refused");
}

TEST(json, outgoing_bytes_that_are_no_utf8_are_replaced) {
  EXPECT_EQ(write_json(value{"a\xff\xc0\xaf\xed\xa0\x80z"}),
            "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\"");
  EXPECT_EQ(write_json(value{1.5}), "null");
}

TEST(describe, structs_come_out_by_their_fields) {
  notice::call_snapshot call;
  call.call = call_id{"c1"};
  call.state = "answered";
  EXPECT_EQ(write_json(to_value(call)),
            R"({"callId":"c1","state":"answered","direction":"","phoneNumber":"","callerId":"",)"
            R"("isOnHold":false,"isMuted":false,"bridge":0,"role":""})");
  call.answered_at = instant{1'767'323'045'678};
  EXPECT_NE(write_json(to_value(call)).find(R"("answeredAt":"2026-01-02T03:04:05.678Z")"),
            std::string::npos);
}

TEST(timestamp, rfc_3339_goes_both_ways) {
  time_ms at = 0;
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_TRUE(parse_rfc3339("2026-01-02T03:04:05.678Z", at));
  EXPECT_EQ(at, 1'767'323'045'678);
  EXPECT_TRUE(parse_rfc3339("2026-01-02T05:04:05.678999+02:00", at));
  EXPECT_EQ(at, 1'767'323'045'678);
  EXPECT_TRUE(parse_rfc3339("2024-02-29t00:00:00z", at));
  for (const char* text : {"", "2026-01-02", "2026-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
                           "2026-01-02T24:00:00Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z",
                           "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+2500"})
    EXPECT_FALSE(parse_rfc3339(text, at)) << text;
}

TEST(msgpack, the_same_tree_goes_both_ways) {
  value tree{value::object{}};
  tree.set("type", "x").set("n", -5).set("big", 9'007'199'254'740'991).set("no", value{});
  tree.set("list", value{value::array{value{true}, value{"é"}}});
  const auto back = parse_msgpack(write_msgpack(tree));
  ASSERT_TRUE(std::holds_alternative<value>(back));
  EXPECT_EQ(write_json(std::get<value>(back)), write_json(tree));
}

TEST(msgpack, golden_bytes) {
  value tree{value::object{}};
  tree.set("id", 7);
  EXPECT_EQ(write_msgpack(tree), std::string("\x81\xa2id\x07", 5));
}

TEST(msgpack, hostile_bytes_are_refused_without_their_memory) {
  const auto refused = [](std::string bytes) {
    return std::holds_alternative<failure>(parse_msgpack(bytes));
  };
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("\xdd\xff\xff\xff\xff")) << "an array of four billion";
  EXPECT_TRUE(refused("\xdf\xff\xff\xff\xff"));
  EXPECT_TRUE(refused("\xdb\xff\xff\xff\xff"));
  EXPECT_TRUE(refused(std::string(100'000, '\x91') + '\xc0')) << "deep";
  EXPECT_TRUE(refused(std::string("\x81\x01\x02", 3))) << "a key that is no text";
  EXPECT_TRUE(refused("\x82\xa1"
                      "a\x01\xa1"
                      "a\x02"))
      << "equal keys";
  EXPECT_TRUE(refused(std::string("\xc7\x01\x01x", 4))) << "an extension type";
  EXPECT_TRUE(refused(std::string("\x01\x02", 2))) << "two values";
  EXPECT_TRUE(refused("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")) << "beyond int64";
}

TEST(value, a_member_is_set_once_and_then_replaced_in_its_place) {
  value tree;
  tree.set("a", 1).set("b", 2).set("a", "again");
  EXPECT_EQ(write_json(tree), R"({"a":"again","b":2})");
}

} // namespace
} // namespace strowger::protocol
