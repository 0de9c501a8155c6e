#include "http/url.hpp"

#include "http/authenticate.hpp"
#include "http/ice.hpp"
#include "http/origin.hpp"
#include "http/routes.hpp"
#include "http/subprotocol.hpp"
#include "protocol/json.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

TEST(url, targets_are_split_and_decoded) {
  std::string path;
  protocol::rest::query query;
  EXPECT_TRUE(parse_target("/a%20b/c?x=1&y=%2a43&z=a+b&x=2", path, query));
  EXPECT_EQ(path, "/a b/c");
  EXPECT_EQ(query["x"], "2");
  EXPECT_EQ(query["y"], "*43");
  EXPECT_EQ(query["z"], "a b");
  for (const char* target : {"", "a", "*", "http://a/b", "/%", "/%4", "/%zz", "/%00", "/?a=%"})
    EXPECT_FALSE(parse_target(target, path, query)) << target;
}

TEST(url, hosts_cookies_and_log_paths) {
  EXPECT_EQ(host_of("Pbx.example:8080"), "pbx.example");
  EXPECT_EQ(host_of("[::1]:8080"), "::1");
  EXPECT_EQ(host_of("a b"), "");
  EXPECT_EQ(cookie("x=1; strowger_session=abc; y=2", "strowger_session"), "abc");
  EXPECT_EQ(cookie("my_strowger_session=abc", "strowger_session"), "");
  EXPECT_EQ(loggable("/api/webrtc/session/0123456789abcdefghijklmnopqrstuv/events"),
            "/api/webrtc/session/.../events");
  EXPECT_EQ(loggable("/"), "/");
}

TEST(routes, patterns_find_their_route) {
  EXPECT_EQ(match(method::get, "/api/webrtc/session/s1").parameters["id"], "s1");
  EXPECT_EQ(match(method::del, "/api/webrtc/session/s1").found->pattern,
            "/api/webrtc/session/{id}");
  EXPECT_EQ(match(method::get, "/api/webrtc/session/s1/events").found->kind, shape::events);
  EXPECT_EQ(match(method::get, "/api/webrtc/session/").found, nullptr);
  EXPECT_EQ(match(method::get, "/health/").found, nullptr);
  EXPECT_NE(match(method::head, "/health").found, nullptr);
  EXPECT_EQ(match(method::head, "/ws").found, nullptr);
}

TEST(ice, turn_servers_get_ephemeral_credentials_and_the_own_stun_stays) {
  options o;
  o.stun = {{"127.0.0.1", 3478}};
  o.ice = {{{"turn:relay.example:3478", "turns:relay.example:5349"}, "", ""}};
  http_request request;
  request.fields = {{"host", "pbx.example:8080"}};
  EXPECT_EQ(protocol::write_json(ice_servers(o, request, "ann", 0)),
            R"({"iceServers":[{"urls":"stun:pbx.example:3478"}],"iceTransportPolicy":"all"})")
      << "a relay without credentials would make browsers refuse the list";
  o.turn_secret = "north";
  const auto text = protocol::write_json(ice_servers(o, request, "ann", 1'000'000));
  EXPECT_NE(text.find(R"("username":"44200:ann","credential":")"), text.npos) << text;
  EXPECT_NE(text.find("stun:pbx.example:3478"), text.npos);
}

TEST(origin, each_kind_is_told_apart) {
  options o;
  o.origins = {"https://pbx.example", "chrome-extension://abcdef"};
  const auto kind = [&](std::string origin) {
    http_request request;
    request.fields = {{"host", "10.0.0.5:8080"}};
    if (!origin.empty()) request.fields.emplace_back("origin", origin);
    return classify_origin(request, o);
  };
  EXPECT_EQ(kind(""), origin_kind::none);
  EXPECT_EQ(kind("https://pbx.example"), origin_kind::listed);
  EXPECT_EQ(kind("chrome-extension://abcdef"), origin_kind::listed);
  EXPECT_EQ(kind("http://10.0.0.5:8080"), origin_kind::own);
  EXPECT_EQ(kind("https://10.0.0.5:8080"), origin_kind::foreign) << "another scheme";
  EXPECT_EQ(kind("https://pbx.example.evil.test"), origin_kind::foreign);
  EXPECT_EQ(kind("https://PBX.example"), origin_kind::foreign) << "exactly";
  EXPECT_EQ(kind("null"), origin_kind::foreign);
}

TEST(subprotocol, the_first_of_ours_wins) {
  std::string chosen;
  native::encoding how{};
  EXPECT_TRUE(choose_subprotocol("", chosen, how));
  EXPECT_EQ(chosen, "");
  EXPECT_TRUE(choose_subprotocol("x, strowger.v1.msgpack, strowger.v1.json", chosen, how));
  EXPECT_EQ(chosen, "strowger.v1.msgpack");
  EXPECT_EQ(how, native::encoding::msgpack);
  EXPECT_TRUE(choose_subprotocol("bearer, strowger.v1.msgpack", chosen, how))
      << "what follows bearer is a token, whatever it is called";
  EXPECT_EQ(chosen, "bearer");
  EXPECT_FALSE(choose_subprotocol("sip", chosen, how));
}

} // namespace
} // namespace strowger::http
