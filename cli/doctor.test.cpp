// The failure sentences of the doctor, against a small server that misbehaves on purpose.
#include "cli/doctor.hpp"
#include "cli/doctor_fakes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace strowger::cli {
namespace {

// Only silence needs a limit that is waited for; a busy machine needs a long one.
constexpr duration_ms silence_ms = 1'500;

// A server that is well, up to the WebSocket.
std::map<std::string, page> healthy(const std::string& ice_servers = "[]") {
  return {{"/health", {200, R"({"status":"ok","version":"9"})", {}}},
          {"/ready", {200, R"({"status":"ready"})", {}}},
          {"/protected/extensions/connected", {200, R"({"success":true,"extensions":[]})", {}}},
          {"/api/login",
           {200,
            R"({"token":"a.eyJleHQiOiIxMDAwIn0.c","user":{"extension":"1000","typology":"agent"},)"
            R"("license":null,"ice_servers":{"iceServers":)" +
                ice_servers + R"(,"iceTransportPolicy":"all"}})",
            {}}}};
}

struct outcome {
  int code = 0;
  std::string text;

  // The whole line of a step, without the newline; empty when there is none.
  std::string line(const std::string& step) const {
    std::istringstream lines{text};
    for (std::string each; std::getline(lines, each);)
      if (each.find(step + ": ") == 9) return each;
    return {};
  }
};

outcome examined(doctor_options wanted, duration_ms limit_ms = step_limit_ms) {
  std::ostringstream out;
  const int code = examine(wanted, out, limit_ms);
  return {code, out.str()};
}

outcome examined(const fake_server& server, duration_ms limit_ms = step_limit_ms) {
  doctor_options wanted;
  wanted.url = server.url();
  wanted.username = "1000";
  wanted.password = "password";
  return examined(wanted, limit_ms);
}

#define EXPECT_SAYS(line, words) EXPECT_NE((line).find(words), std::string::npos) << (line)

TEST(doctor, says_that_nothing_listens_at_a_refused_port) {
  doctor_options wanted;
  {
    const fake_server gone{{}};
    wanted.url = gone.url();
  }
  const auto seen = examined(wanted);
  EXPECT_EQ(seen.code, exit_difference);
  EXPECT_SAYS(seen.line("address"), "failed   address: Nothing listens at 127.0.0.1 port ");
  EXPECT_SAYS(seen.line("address"), "start the server with `strowger serve`");
  EXPECT_SAYS(seen.line("echo call"), "skipped  echo call: ");
}

TEST(doctor, says_that_a_name_has_no_address) {
  doctor_options wanted;
  wanted.url = "http://no-such-host.invalid:8080";
  EXPECT_SAYS(examined(wanted).line("address"), "The name no-such-host.invalid has no address");
}

TEST(doctor, refuses_an_address_that_is_none) {
  doctor_options wanted;
  wanted.url = "localhost:8080";
  const auto seen = examined(wanted);
  EXPECT_EQ(seen.code, exit_usage);
  EXPECT_SAYS(seen.line("address"), "is no address");
}

TEST(doctor, says_that_something_else_answers) {
  const fake_server server{{}};
  const auto seen = examined(server);
  EXPECT_SAYS(seen.line("health"), "failed   health: Something answers");
  EXPECT_SAYS(seen.line("health"), "status 404");
}

TEST(doctor, says_that_the_server_recovers_when_ready_is_503) {
  auto pages = healthy();
  pages["/ready"] = {503, R"({"status":"starting"})", "1"};
  const fake_server server{pages};
  const auto seen = examined(server);
  EXPECT_EQ(seen.code, exit_difference);
  EXPECT_SAYS(seen.line("ready"), "failed   ready: The server takes no calls yet (starting)");
  EXPECT_SAYS(seen.line("login"), "skipped  login: ");
}

TEST(doctor, says_that_the_password_is_wrong) {
  auto pages = healthy();
  pages["/api/login"] = {401, R"({"success":false,"error":"Invalid username or password"})", {}};
  const fake_server server{pages};
  const auto seen = examined(server);
  EXPECT_SAYS(seen.line("login"), "failed   login: User name or password is wrong");
  EXPECT_EQ(seen.text.find("password1"), std::string::npos);
  EXPECT_SAYS(seen.line("token"), "skipped");
}

TEST(doctor, says_how_long_to_wait_after_too_many_wrong_passwords) {
  auto pages = healthy();
  pages["/api/login"] = {429, R"({"error":"Too many login attempts"})", "30"};
  const fake_server server{pages};
  EXPECT_SAYS(examined(server).line("login"), "wait 30 s");
}

TEST(doctor, says_that_the_license_gives_no_seat) {
  auto pages = healthy();
  pages["/api/login"] = {429, R"({"error":"Maximum user limit reached"})", {}};
  const fake_server server{pages};
  EXPECT_SAYS(examined(server).line("login"), "no seat (Maximum user limit reached)");
}

TEST(doctor, says_that_the_token_is_refused) {
  auto pages = healthy();
  pages["/protected/extensions/connected"] = {401, R"({"error":"Token expired"})", {}};
  const fake_server server{pages};
  EXPECT_SAYS(examined(server).line("token"), "failed   token: The server refuses the token (Token "
                                              "expired)");
}

TEST(doctor, says_that_a_proxy_swallows_the_upgrade) {
  auto pages = healthy();
  pages["/ws"] = {200, "<html>", {}};
  const fake_server server{pages};
  const auto line = examined(server).line("WebSocket");
  EXPECT_SAYS(line, "failed   WebSocket: /ws answers without an upgrade (status 200)");
  EXPECT_SAYS(line, "headers Upgrade and Connection");
}

TEST(doctor, says_that_the_extension_belongs_to_another) {
  auto pages = healthy();
  pages["/ws"] = {403, R"({"error":"Extension belongs to another agent"})", {}};
  const fake_server server{pages};
  EXPECT_SAYS(examined(server).line("WebSocket"), "Extension belongs to another agent");
}

TEST(doctor, says_that_a_silent_stun_server_costs_browsers_40_s) {
  const silent_port nobody;
  const auto url = "stun:127.0.0.1:" + nobody.text();
  const fake_server server{healthy(R"([{"urls":")" + url + R"("}])")};
  const auto start = std::chrono::steady_clock::now();
  const auto line = examined(server, silence_ms).line("STUN " + url);
  EXPECT_SAYS(line, "failed ");
  EXPECT_SAYS(line, "waits up to 40 s");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
}

TEST(doctor, says_that_no_stun_server_listens_at_a_closed_port) {
  std::string url;
  {
    const silent_port gone;
    url = "stun:127.0.0.1:" + gone.text();
  }
  const fake_server server{healthy(R"([{"urls":[")" + url + R"("]}])")};
  EXPECT_SAYS(examined(server).line("STUN " + url), "nothing listens there");
}

TEST(doctor, is_content_with_a_stun_server_that_answers) {
  const fake_stun stun{[](const fake_stun::bytes& in) {
    return stun_answer(in, 1, {0, 0x20, 0, 8, 0, 1, 0x21, 0x13, 0x5e, 0x12, 0xa4, 0x43});
  }};
  const auto url = "stun:127.0.0.1:" + stun.text();
  const fake_server server{healthy(R"([{"urls":")" + url + R"("}])")};
  const auto line = examined(server).line("STUN " + url);
  EXPECT_SAYS(line, "ok ");
  EXPECT_SAYS(line, "127.0.0.1:1.");
}

TEST(doctor, says_that_a_turn_server_refuses_the_credentials) {
  const fake_stun turn{[](const fake_stun::bytes& in) {
    return stun_answer(in, 0x13,
                       {0, 9,    0, 4, 0,   0,   4,   1, //
                        0, 0x14, 0, 4, 'h', 'o', 'm', 'e', 0, 0x15, 0, 4, 'o', 'n', 'c', 'e'});
  }};
  const auto url = "turn:127.0.0.1:" + turn.text();
  const fake_server server{
      healthy(R"([{"urls":")" + url + R"(","username":"u","credential":"p"}])")};
  const auto line = examined(server).line("TURN " + url);
  EXPECT_SAYS(line, "It refuses the credentials");
}

TEST(doctor, says_that_turn_without_credentials_spoils_the_list) {
  const silent_port nobody;
  const fake_server server{healthy(R"([{"urls":"turn:127.0.0.1:)" + nobody.text() + R"("}])")};
  EXPECT_SAYS(examined(server, silence_ms).line("ICE servers"), "browsers refuse the whole list");
}

TEST(doctor, needs_no_certificate_on_loopback) {
  const fake_server server{healthy()};
  EXPECT_SAYS(examined(server).line("TLS"), "skipped  TLS: Plain HTTP is enough");
}

TEST(doctor, asks_for_credentials_when_it_has_none) {
  const fake_server server{healthy()};
  doctor_options wanted;
  wanted.url = server.url();
  const auto seen = examined(wanted);
  EXPECT_SAYS(seen.line("login"), "give --username and --password");
  EXPECT_SAYS(seen.line("echo call"), "give --username and --password");
}

TEST(doctor, uses_the_sample_login_only_where_the_server_needs_no_token) {
  auto pages = healthy();
  pages["/api/webrtc/ice-servers"] = {200, R"({"iceServers":[],"iceTransportPolicy":"all"})", {}};
  doctor_options wanted;
  {
    const fake_server server{pages};
    wanted.url = server.url();
    EXPECT_SAYS(examined(wanted).line("login"), "with the sample password of --dev");
  }
  pages["/api/login"] = {401, R"({"error":"Invalid username or password"})", {}};
  const fake_server server{pages};
  wanted.url = server.url();
  const auto seen = examined(wanted);
  EXPECT_EQ(seen.code, exit_ok);
  EXPECT_SAYS(seen.line("login"), "skipped  login: Not checked: give --username");
}

TEST(doctor, sends_no_password_to_a_server_whose_certificate_is_not_trusted) {
  const fake_server server{healthy(), security::make_self_signed("phones.example", 1)};
  doctor_options wanted;
  wanted.url = server.url("https");
  wanted.username = wanted.password = "1000";
  const auto seen = examined(wanted);
  EXPECT_SAYS(seen.line("TLS"), "failed   TLS: The certificate is not trusted for 127.0.0.1");
  EXPECT_SAYS(seen.line("TLS"), "phones.example");
  EXPECT_SAYS(seen.line("login"), "skipped");
}

TEST(doctor, trusts_the_certificates_it_is_given) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const auto made = security::make_self_signed("phones.example", now);
  const auto file =
      std::filesystem::temp_directory_path() / ("doctor_" + std::to_string(getpid()) + ".pem");
  std::ofstream{file} << made.certificate_pem;
  const fake_server server{healthy(), made};
  doctor_options wanted;
  wanted.url = server.url("https");
  wanted.ca_file = file;
  const auto seen = examined(wanted);
  std::filesystem::remove(file);
  EXPECT_SAYS(seen.line("TLS"), "ok       TLS: The certificate is valid for 127.0.0.1 until 2");
  EXPECT_SAYS(seen.line("health"), "ok ");
}

TEST(doctor, says_that_there_is_no_tls_where_plain_http_is_spoken) {
  const fake_server server{healthy()};
  doctor_options wanted;
  wanted.url = server.url("https");
  EXPECT_SAYS(examined(wanted).line("TLS"), "failed   TLS: No TLS at ");
}

struct call_row {
  unsigned status;
  const char* body;
  int code;
  const char* says;
};

TEST(doctor, answers_about_a_call_in_one_sentence) {
  const call_row rows[] = {
      {200, R"({"success":true,"would_work":true,"sentence":"A call would ring."})", exit_ok,
       "A call would ring.\n"},
      {200, R"({"success":true,"would_work":false,"sentence":"Nobody is signed in."})",
       exit_difference, "Nobody is signed in.\n"},
      {403, R"({"error":"Extension belongs to another agent"})", exit_difference,
       "The server would not say: Extension belongs to another agent.\n"},
      {401, R"({"error":"Token expired"})", exit_unavailable,
       "The server would not say: Token expired; give --username and --password, or --token.\n"}};
  for (const auto& row : rows) {
    const fake_server server{{{"/protected/doctor/call", {row.status, row.body, {}}}}};
    doctor_options wanted;
    wanted.url = server.url();
    wanted.token = "t";
    wanted.from = "1000";
    wanted.to = "1001";
    const auto seen = examined(wanted);
    EXPECT_EQ(seen.code, row.code) << row.says;
    EXPECT_EQ(seen.text, row.says);
  }
}

TEST(doctor, keeps_control_codes_of_the_other_side_out_of_its_lines) {
  auto pages = healthy();
  pages["/api/login"] = {500, R"({"error":"a\u001b[31m\nfailed"})", {}};
  const fake_server server{pages};
  const auto line = examined(server).line("login");
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_SAYS(line, "a [31m failed");
}

} // namespace
} // namespace strowger::cli
