#include "http/test_site.hpp"
#include "protocol/errors.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace strowger::http {
namespace {

const std::string post_json = "POST";

TEST(rest, health_needs_nobody_and_ready_follows_the_gateway) {
  test_site site;
  EXPECT_EQ(fetch(site.port, "GET", "/health").text("status"), "ok");
  EXPECT_EQ(fetch(site.port, "GET", "/ready").status, 200);
  site.gateway.is_ready = false;
  EXPECT_EQ(fetch(site.port, "GET", "/ready").status, 503);
  const auto refused =
      fetch(site.port, "POST", "/api/login", json_fields, R"({"username":"a","password":"b"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.text("error"), "WebSocket hub not available");
  EXPECT_EQ(refused.header("Retry-After"), "1");
}

TEST(rest, a_login_gives_a_token_that_works_and_a_cookie) {
  test_site site;
  const auto in = fetch(site.port, "POST", "/api/login", json_fields,
                        R"({"username":"1000","password":"password"})");
  ASSERT_EQ(in.status, 200);
  const auto cookie = in.header("Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("strowger_session="));
  EXPECT_NE(cookie.find("HttpOnly"), cookie.npos);
  EXPECT_NE(cookie.find("SameSite=Strict"), cookie.npos);
  EXPECT_EQ(cookie.find("Secure"), cookie.npos) << "plain HTTP would lose it";
  EXPECT_EQ(in.header("Cache-Control"), "no-store");
  EXPECT_EQ(at(in.json(), "user", "extension"), "1000");
  const auto auth = "Authorization: Bearer " + in.text("token") + "\r\n";
  EXPECT_EQ(fetch(site.port, "GET", "/protected/extensions/status", auth).status, 200);
}

TEST(rest, a_login_that_nothing_can_sign_is_our_fault) {
  test_site site{[](options& o) { o.signer = nullptr; }};
  const auto in = fetch(site.port, "POST", "/api/login", json_fields,
                        R"({"username":"1000","password":"password"})");
  const auto& row = protocol::row_of(errc::internal);
  EXPECT_EQ(in.status, row.status);
  EXPECT_EQ(in.text("code"), row.code);
  EXPECT_EQ(in.header("Set-Cookie"), "");
}

TEST(rest, wrong_credentials_and_too_many_attempts_say_so) {
  test_site site;
  const auto wrong =
      fetch(site.port, "POST", "/api/login", json_fields, R"({"username":"1","password":"x"})");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(wrong.text("code"), "wrong-credentials");
  EXPECT_EQ(at(wrong.json(), "success"), "false");
  const auto slow =
      fetch(site.port, "POST", "/api/login", json_fields, R"({"username":"slow","password":"x"})");
  EXPECT_EQ(slow.status, 429);
  EXPECT_EQ(slow.header("Retry-After"), "30");
}

struct bad_case {
  const char* name;
  const char* target;
  std::string body;
  int status;
  const char* code;
};

TEST(rest, bad_bodies_get_their_documented_error) {
  test_site site{[](options& o) {
    o.tokenless = true;
    o.open_registration = true;
  }};
  const std::string offer = "/api/webrtc/offer", candidate = "/api/webrtc/ice-candidate";
  const bad_case cases[] = {
      {"no JSON", "/api/login", "{", 400, "malformed-json"},
      {"two documents", "/api/login", "{}{}", 400, "malformed-json"},
      {"a list", "/api/login", "[]", 400, "malformed-message"},
      {"equal names", "/api/login", R"({"username":"a","username":"b"})", 400, "malformed-json"},
      {"too deep", "/api/login", std::string(40, '[') + std::string(40, ']'), 400,
       "malformed-json"},
      {"no user name", "/api/login", R"({"password":"x"})", 400, "missing-field"},
      {"user name is a number", "/api/login", R"({"username":1,"password":"x"})", 400,
       "wrong-type"},
      {"a long user name", "/api/login",
       R"({"username":")" + std::string(300, 'a') + R"(","password":"x"})", 400,
       "value-out-of-range"},
      {"a role in a registration", "/api/register",
       R"({"username":"a","email":"a@b","extension":"1","password":"x","roles":["admin"]})", 400,
       "unknown-field"},
      {"no extension", "/api/webrtc/session", "{}", 400, "missing-field"},
      {"extension is a number", "/api/webrtc/session", R"({"extension":1001})", 400, "wrong-type"},
      {"no session", "/api/webrtc/offer", R"({"sdp":"v=0"})", 400, "missing-field"},
      {"no SDP", "/api/webrtc/offer", R"({"session_id":"s","sdp":"hello"})", 422, "malformed-sdp"},
      {"no candidate", "/api/webrtc/ice-candidate",
       R"({"session_id":"s","candidate":{"candidate":"candidate:x"}})", 422, "malformed-candidate"},
      {"bad target", "/api/webrtc/call", R"({"session_id":"s","target_extension":"a b/c"})", 400,
       "value-out-of-range"},
      {"bad digit", "/api/webrtc/dtmf", R"({"session_id":"s","digit":"x"})", 400,
       "value-out-of-range"},
  };
  for (const auto& c : cases) {
    const auto got = fetch(site.port, "POST", c.target, json_fields, c.body);
    EXPECT_EQ(got.status, c.status) << c.name << got.body;
    EXPECT_EQ(got.text("code"), c.code) << c.name;
    EXPECT_EQ(got.text("instance"), c.target) << c.name;
  }
  EXPECT_EQ(fetch(site.port, "POST", "/api/login", "Content-Type: text/plain\r\n", "{}").status,
            415);
}

TEST(rest, bad_tokens_are_refused_with_their_reason) {
  test_site site;
  site.gateway.revoked.insert("gone");
  struct {
    const char* name;
    std::string token;
    const char* code;
  } cases[] = {
      {"noise", "abc", "token-invalid"},
      {"another key", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA", "token-invalid"},
      {"no algorithm", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "token-invalid"},
      {"expired", test_site::token("1000", {"agent"}, -5), "token-expired"},
      {"revoked", test_site::token("1000", {"agent"}, 3600, "gone"), "token-invalid"},
  };
  for (const auto& c : cases) {
    const auto got = fetch(site.port, "GET", "/protected/call/history",
                           "Authorization: Bearer " + c.token + "\r\n");
    EXPECT_EQ(got.status, 401) << c.name;
    EXPECT_EQ(got.text("code"), c.code) << c.name;
    EXPECT_NE(got.header("WWW-Authenticate"), "") << c.name;
  }
  const auto none = fetch(site.port, "GET", "/protected/call/history");
  EXPECT_EQ(none.text("code"), "token-missing");
  EXPECT_EQ(
      fetch(site.port, "GET", "/protected/call/history?token=" + test_site::token("1000")).status,
      401)
      << "a token in a query ends in logs: only sockets and event streams may";
}

TEST(rest, registration_is_for_admins_where_it_is_not_open) {
  const std::string body =
      R"({"username":"n","email":"n@x.org","extension":"7000","password":"secret","tenant":")";
  const auto status = [&](bool open, const char* tenant, const std::string& headers) {
    test_site site{[&](options& o) { o.open_registration = open; }};
    const auto auth = headers == "admin"   ? site.bearer("999", {"admin"})
                      : headers == "agent" ? site.bearer("1000")
                                           : headers;
    return fetch(site.port, "POST", "/api/register", json_fields + auth, body + tenant + "\"}")
        .status;
  };
  EXPECT_EQ(status(true, "", ""), 201);
  EXPECT_EQ(status(true, "", "agent"), 201);
  EXPECT_EQ(status(true, "", "Authorization: Bearer x\r\n"), 401); // a bad one is not overlooked
  EXPECT_EQ(status(true, "other", ""), 403);
  EXPECT_EQ(status(true, "other", "agent"), 403);
  EXPECT_EQ(status(true, "other", "admin"), 201);
  EXPECT_EQ(status(true, "_site", "admin"), 400);
  EXPECT_EQ(status(false, "", ""), 401);
  EXPECT_EQ(status(false, "", "agent"), 403);
  EXPECT_EQ(status(false, "", "admin"), 201);
}

TEST(rest, only_admins_see_the_stats_and_only_owners_ask_the_doctor) {
  test_site site;
  EXPECT_EQ(fetch(site.port, "GET", "/protected/admin/stats", test_site::bearer("1000")).status,
            403);
  EXPECT_EQ(
      fetch(site.port, "GET", "/protected/admin/stats", test_site::bearer("999", {"admin"})).status,
      200);
  const std::string path = "/protected/doctor/call?from=1000&to=1001";
  EXPECT_EQ(fetch(site.port, "GET", path, test_site::bearer("1000")).text("sentence"),
            "1000 can call 1001.");
  EXPECT_EQ(fetch(site.port, "GET", path, test_site::bearer("1001")).text("code"),
            "extension-not-owned");
}

TEST(rest, call_initiate_spells_the_seed_errors) {
  test_site site;
  const auto call = [&](const std::string& query) {
    return fetch(site.port, "POST", "/protected/call/initiate" + query,
                 test_site::bearer("1000") + json_fields, R"({"target_extension":"1001"})");
  };
  const auto made = call("?method=webrtc");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.text("call_id"), "call-1");
  EXPECT_EQ(at(made.json(), "devices_notified"), "2");
  const auto by_sip = call("?method=sip");
  EXPECT_EQ(by_sip.text("code"), "method-not-supported");
  EXPECT_EQ(by_sip.text("detail"), "Call method not supported: sip");
  EXPECT_EQ(call("?method=fax").status, 400);
  struct {
    errc why;
    int status;
    const char* text;
  } cases[] = {{errc::target_not_found, 404, "Target extension not found"},
               {errc::target_offline, 409, "Target user is not online"},
               {errc::no_client_for_target, 409, "No client found for extension: 1001"},
               {errc::hub_not_available, 503, "WebSocket hub not available"},
               {errc::invitation_failed, 502, "Failed to send call invitation"}};
  site.gateway.refuse_detail = "1001";
  for (const auto& c : cases) {
    site.gateway.refuse_with = c.why;
    const auto got = call("");
    EXPECT_EQ(got.status, c.status);
    EXPECT_EQ(got.text("error"), c.text);
  }
}

TEST(rest, a_history_that_was_asked_for_wrongly_says_by_which_field) {
  test_site site;
  const auto ask = [&](const std::string& query) {
    return fetch(site.port, "GET", "/protected/call/history?" + query, test_site::bearer("1000"));
  };
  for (const auto* good : {"", "cursor=", "cursor=0", "cursor=17", "state=completed", "state="})
    EXPECT_EQ(ask(good).status, 200) << good;
  const std::pair<const char*, const char*> rows[] = {
      {"cursor=zz", "cursor"},    {"cursor=1x", "cursor"},
      {"cursor=-1", "cursor"},    {"cursor=99999999999999999999", "cursor"},
      {"state=bogus", "state"},   {"state=Completed", "state"},
      {"from=yesterday", "from"}, {"limit=0", "limit"}};
  for (const auto& [query, field] : rows) {
    const auto got = ask(query);
    EXPECT_EQ(got.status, 400) << query;
    EXPECT_EQ(got.text("code"), "value-out-of-range") << query;
    EXPECT_EQ(got.text("detail"), std::string{"Value out of range: "} + field) << query;
  }
}

TEST(rest, the_idempotency_key_is_the_command_id) {
  test_site site;
  fetch(site.port, "POST", "/protected/call/initiate",
        test_site::bearer("1000") + json_fields + "Idempotency-Key: abc\r\n",
        R"({"target_extension":"1001","device_id":"d"})");
  const auto seen = site.gateway.commands();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].command, "abc");
  EXPECT_EQ(seen[0].device, "d");
  EXPECT_EQ(seen[0].who.number, "1000");
}

TEST(rest, a_logout_speaks_for_the_session_that_holds_the_seat) {
  test_site site;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  security::claims who;
  who.sub = "agent-1000";
  who.tenant = "default";
  who.exp = std::chrono::duration_cast<std::chrono::seconds>(now).count() + 60;
  who.jti = "jti-1";
  who.session = "sess-7";
  const auto token = security::token_signer{test_site::secret}.sign(who);
  fetch(site.port, "POST", "/api/logout", "Authorization: Bearer " + token + "\r\n");
  const auto seen = site.gateway.commands();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].who.session, session_id{"sess-7"});
}

TEST(rest, a_repeated_registration_is_known_by_everything_but_its_password) {
  test_site site{[](options& o) { o.open_registration = true; }};
  const auto fingerprint = [&](const std::string& name, const std::string& password) {
    fetch(site.port, "POST", "/api/register", json_fields + "Idempotency-Key: abc\r\n",
          R"({"username":")" + name + R"(","email":"n@x.org","extension":"7000","password":")" +
              password + R"("})");
    return site.gateway.commands().back().fingerprint;
  };
  const auto first = fingerprint("nora", "secret-1");
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(fingerprint("nora", "secret-2"), first) << "what is logged must not test passwords";
  EXPECT_NE(fingerprint("noah", "secret-1"), first);
}

TEST(rest, a_session_without_credentials_works_where_compat_allows_it) {
  test_site site{[](options& o) {
    o.tokenless = true;
    o.stun = {{"127.0.0.1", 0}};
  }};
  const auto made =
      fetch(site.port, "POST", "/api/webrtc/session", json_fields, R"({"extension":"1001"})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(at(made.json(), "session", "extension"), "1001");
  EXPECT_EQ(at(made.json(), "ice_servers", "iceTransportPolicy"), "all");
  EXPECT_TRUE(site.gateway.commands().front().who.tokenless);
  const auto send = [&](const char* path, const char* body) {
    return fetch(site.port, "POST", path, json_fields, body).text("message");
  };
  EXPECT_EQ(send("/api/webrtc/offer",
                 R"({"session_id":"sess-1","sdp":"v=0\r\no=- 123456789 2 IN IP4..."})"),
            "Offer received");
  EXPECT_EQ(send("/api/webrtc/answer",
                 R"({"session_id":"sess-1","sdp":"v=0\r\no=- 987654321 2 IN IP4..."})"),
            "Answer received");
  EXPECT_EQ(
      send(
          "/api/webrtc/ice-candidate",
          R"({"session_id":"sess-1","candidate":{"candidate":"candidate:1 1 UDP 2130706431 192.168.1.1 54321 typ host","sdpMid":"audio","sdpMLineIndex":0}})"),
      "ICE candidate added");
  EXPECT_EQ(send("/api/webrtc/call", R"({"session_id":"sess-1","target_extension":"1002"})"),
            "Call initiated to 1002");
  const auto list = fetch(site.port, "GET", "/api/webrtc/sessions");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.body.find("sess-1\""), list.body.npos) << "a list must not hand out authority";
  site.gateway.refuse_with = errc::session_unknown;
  EXPECT_EQ(fetch(site.port, "GET", "/api/webrtc/session/nope").status, 404);
  site.gateway.refuse_with = errc::session_closed;
  EXPECT_EQ(fetch(site.port, "GET", "/api/webrtc/session/old").status, 410);
  site.gateway.refuse_with = errc::call_over;
  EXPECT_EQ(send("/api/webrtc/hangup", R"({"session_id":"sess-1"})"), "Call ended");
}

TEST(rest, tokenless_is_refused_when_off_and_for_foreign_pages) {
  const std::string body = R"({"extension":"1001"})";
  {
    test_site site;
    EXPECT_EQ(fetch(site.port, "POST", "/api/webrtc/session", json_fields, body).status, 401);
  }
  test_site site{[](options& o) {
    o.tokenless = true;
    o.origins = {"*"};
  }};
  const auto with = [&](const std::string& fields) {
    return fetch(site.port, "POST", "/api/webrtc/session", json_fields + fields, body).status;
  };
  EXPECT_EQ(with("Origin: https://evil.example\r\n"), 403) << "\"*\" does not cover it";
  EXPECT_EQ(with("Host: evil.example:8080\r\n"), 401) << "DNS rebinding";
  EXPECT_EQ(with("Origin: http://127.0.0.1:8080\r\n"), 200);
  EXPECT_EQ(fetch(site.port, "GET", "/protected/extensions/status").status, 401)
      << "nothing else is open";
}

TEST(rest, a_cookie_acts_only_with_an_allowed_origin) {
  test_site site{[](options& o) { o.origins = {"*", "https://pbx.example"}; }};
  const auto cookie = "Cookie: a=b; strowger_session=" + test_site::token("1000") + "\r\n";
  const auto call = [&](const std::string& origin) {
    return fetch(site.port, "POST", "/protected/call/initiate",
                 cookie + json_fields + (origin.empty() ? "" : "Origin: " + origin + "\r\n"),
                 R"({"target_extension":"1001"})")
        .status;
  };
  EXPECT_EQ(call("https://pbx.example"), 200);
  EXPECT_EQ(call("http://127.0.0.1:8080"), 200) << "this server's own pages";
  EXPECT_EQ(call(""), 403) << "a state-changing request must say where it comes from";
  EXPECT_EQ(call("https://evil.example"), 403);
  EXPECT_EQ(call("null"), 403);
  const auto read = [&](const std::string& origin) {
    return fetch(site.port, "GET", "/protected/extensions/status", cookie + origin).status;
  };
  EXPECT_EQ(read(""), 200);
  EXPECT_EQ(read("Origin: https://evil.example\r\n"), 403);
}

TEST(rest, cors_names_exact_origins_and_never_lends_cookies_to_all) {
  test_site site;
  const auto ask = [&](const std::string& origin) {
    return fetch(site.port, "OPTIONS", "/api/login", "Origin: " + origin + "\r\n");
  };
  const auto listed = ask("https://pbx.example");
  EXPECT_EQ(listed.status, 204);
  EXPECT_EQ(listed.header("Access-Control-Allow-Origin"), "https://pbx.example");
  EXPECT_EQ(listed.header("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(ask("https://evil.example").header("Access-Control-Allow-Origin"), "");
  test_site all{[](options& o) { o.origins = {"*"}; }};
  const auto any = fetch(all.port, "GET", "/health", "Origin: https://evil.example\r\n");
  EXPECT_EQ(any.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(any.header("Access-Control-Allow-Credentials"), "");
}

TEST(rest, pages_carry_their_policy_and_are_not_sent_twice) {
  const auto dir =
      std::filesystem::temp_directory_path() / ("strowger-pages-" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir / "assets" / "deep");
  std::ofstream{dir / "index.html"} << "<!doctype html>";
  std::ofstream{dir / "assets" / "app-1.js"} << "1";
  std::ofstream{dir / "assets" / "deep" / "a.css"} << "a{}";
  test_site site{[&](options& o) { o.web_dir = dir.string(); }};
  const auto page = fetch(site.port, "GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<!doctype html>");
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("Content-Security-Policy").find("ws://127.0.0.1:8080"), std::string::npos);
  EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  const auto again = fetch(site.port, "GET", "/", "If-None-Match: " + page.header("ETag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(fetch(site.port, "GET", "/assets/app-1.js").header("Content-Type"),
            "text/javascript; charset=utf-8");
  EXPECT_EQ(fetch(site.port, "GET", "/assets/deep/a.css").body, "a{}");
  EXPECT_EQ(fetch(site.port, "GET", "/assets/..%2f..%2fetc/passwd").status, 404);
  EXPECT_EQ(fetch(site.port, "GET", "/check").status, 404);
  const auto head = fetch(site.port, "HEAD", "/");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "15");
  std::filesystem::remove_all(dir);
}

TEST(rest, metrics_are_for_this_machine_and_admins) {
  test_site site;
  EXPECT_EQ(fetch(site.port, "GET", "/metrics").status, 200);
  EXPECT_EQ(fetch(site.port, "GET", "/metrics", "Host: evil.example\r\n").status, 401);
  EXPECT_EQ(fetch(site.port, "GET", "/metrics", test_site::bearer("1000")).status, 403);
}

TEST(rest, unknown_paths_and_methods_are_told_apart) {
  test_site site;
  EXPECT_EQ(fetch(site.port, "GET", "/nowhere").status, 404);
  const auto wrong = fetch(site.port, "PUT", "/api/login");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "POST, OPTIONS");
}

} // namespace
} // namespace strowger::http
