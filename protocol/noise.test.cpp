// Every decoder against mutated messages, from fixed seeds: refused or read, never worse.
#include "protocol/json.hpp"
#include "protocol/msgpack.hpp"
#include "protocol/native/native.hpp"
#include "protocol/rest/rest.hpp"
#include "protocol/sdp.hpp"

#include <gtest/gtest.h>

#include <random>

namespace strowger::protocol {
namespace {

std::string mutated(std::string text, std::mt19937& random) {
  for (int changes = 1 + static_cast<int>(random() % 4); changes > 0 && !text.empty(); --changes) {
    const auto at = random() % text.size();
    switch (random() % 4) {
    case 0:
      text[at] = static_cast<char>(random());
      break;
    case 1:
      text.erase(at, 1 + random() % 8);
      break;
    case 2:
      text.insert(at, text.substr(random() % text.size(), random() % 16));
      break;
    default:
      text.insert(at, 1, "{}[]\",:\\0"[random() % 9]);
      break;
    }
  }
  return text;
}

TEST(noise, mutated_messages_never_break_a_decoder) {
  const std::string messages[] = {
      R"({"type":"call:dial","id":1,"data":{"phoneNumber":"1001","video":true,"command_id":"k"}})",
      R"({"type":"webrtc:offer","id":2,"data":{"callId":"c","sdp":"v=0\r\no=- 1 1 IN IP4 0\r\nm=audio 9 X 0\r\n"}})",
      R"({"type":"webrtc:ice-candidate","id":3,"data":{"callId":"c","candidate":{"candidate":"candidate:1 1 UDP 1 1.1.1.1 1 typ host","sdpMid":"0","sdpMLineIndex":0}}})",
      R"({"organization_name":"Org","plan":"team","max_users":9,"features":{"webrtc_extension":true},"starts_at":"2026-01-02T03:04:05Z","expires_at":null})"};
  std::mt19937 random{20260102};
  std::size_t read = 0, refused = 0;
  for (int i = 0; i < 4'000; ++i) {
    const auto& original = messages[i % std::size(messages)];
    const auto text = mutated(original, random);
    const auto in = native::parse(native::encoding::json, text);
    std::holds_alternative<failure>(in.what) ? ++refused : ++read;
    rest::parse_login(text, "");
    rest::parse_candidate(text);
    rest::parse_license(text);
    rest::parse_license_change(text);
    rest::parse_agent_change(text);
    rest::parse_validate(text);
    rest::parse_if_match(text);
    rest::parse_tenant(text);
    rest::parse_agents({{"limit", text}, {"cursor", text}});
    sdp_fault(text);
    candidate_fault(text);
    const auto packed = write_msgpack(std::get<value>(parse_json(original)));
    native::parse(native::encoding::msgpack, mutated(packed, random));
  }
  EXPECT_GT(read, 50U) << "mutations too wild to reach the inside";
  EXPECT_GT(refused, 1000U);
}

} // namespace
} // namespace strowger::protocol
