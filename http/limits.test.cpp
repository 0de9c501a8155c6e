#include "http/test_site.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

namespace strowger::http {
namespace {

TEST(http_limits, several_requests_share_a_connection) {
  test_site site;
  test_socket line{site.port};
  line.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /ready HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(line.response().text("status"), "ok");
  EXPECT_EQ(line.response().text("status"), "ready");
}

TEST(http_limits, a_body_announced_too_large_is_refused_before_it_is_read) {
  test_site site;
  test_socket line{site.port};
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  const auto got = line.response();
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(got.text("code"), "body-too-large");
  EXPECT_TRUE(line.at_end());
}

TEST(http_limits, a_request_names_one_host) {
  test_site site;
  const auto answered = [&](const std::string& head) {
    test_socket line{site.port};
    line.send(head + "\r\n");
    return line.response();
  };
  const std::string host = "Host: a\r\n";
  for (const auto& hosts : {std::string{}, host + host, host + "host: b\r\n"}) {
    const auto got = answered("GET /no/such/path HTTP/1.1\r\n" + hosts);
    EXPECT_EQ(got.status, 400) << hosts;
    EXPECT_EQ(got.text("code"), "malformed-message");
    EXPECT_EQ(got.text("detail"), "Malformed message: Host");
  }
  EXPECT_EQ(answered("GET /health HTTP/1.0\r\n").status, 200) << "HTTP/1.0 knew no Host";
  EXPECT_EQ(answered("GET /health HTTP/1.0\r\n" + host + host).status, 400);
  EXPECT_EQ(answered("GET /health HTTP/1.1\r\nHost:\r\n").status, 200) << "empty is allowed";
}

// The server's ends of the connections to `port`; it runs in this process.
std::vector<int> accepted_on(std::uint16_t port) {
  std::vector<int> out;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in here{}, there{};
    socklen_t size = sizeof here;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size) != 0) continue;
    size = sizeof there;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&there), &size) != 0) continue;
    if (here.sin_family == AF_INET && ntohs(here.sin_port) == port) out.push_back(fd);
  }
  return out;
}

TEST(http_limits, tcp_itself_gives_up_a_peer_that_vanished) {
  test_site site;
  test_socket line{site.port};
  line.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(line.response().status, 200);
  const auto ends = accepted_on(site.port);
  ASSERT_EQ(ends.size(), 1U);
  unsigned patience_ms = 0;
  socklen_t size = sizeof patience_ms;
  ASSERT_EQ(::getsockopt(ends[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, &size), 0);
  EXPECT_EQ(patience_ms, limits::unacknowledged_ms);
}

TEST(http_limits, an_sdp_route_takes_more_than_the_others) {
  test_site site{[](options& o) { o.tokenless = true; }};
  const std::string sdp(100'000, 'a');
  const auto body = R"({"session_id":"s","sdp":"v=0\r\no=- 1 1 IN IP4 0\r\na=)" + sdp + "\"}";
  EXPECT_EQ(fetch(site.port, "POST", "/api/webrtc/offer", json_fields, body).status, 200);
  EXPECT_EQ(fetch(site.port, "POST", "/api/webrtc/call", json_fields, body).status, 413);
}

TEST(http_limits, a_chunked_body_without_end_is_cut_off) {
  test_site site;
  test_socket line{site.port};
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) line.send(chunk);
  EXPECT_EQ(line.response().status, 413);
  EXPECT_TRUE(line.at_end());
}

TEST(http_limits, endless_chunked_trailers_are_cut_off) {
  test_site site;
  test_socket line{site.port};
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\n{}\r\n0\r\n");
  const std::string trailer = "X-Noise: " + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 200; ++i) line.send(trailer);
  EXPECT_EQ(line.response().status, 413);
  EXPECT_TRUE(line.at_end());
}

TEST(http_limits, a_chunked_body_with_a_small_trailer_is_fine) {
  test_site site;
  test_socket line{site.port};
  const std::string body = R"({"username":"1000","password":"password"})";
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n29\r\n" +
            body + "\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(line.response().status, 200);
}

TEST(http_limits, a_huge_header_is_refused) {
  test_site site;
  test_socket line{site.port};
  line.send("GET /health HTTP/1.1\r\nHost: a\r\nX-Noise: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(line.response().status, 431);
}

TEST(http_limits, noise_is_refused_and_a_silent_client_is_cut) {
  test_site site{[](options& o) { o.header_deadline_ms = 100; }};
  test_socket noise{site.port};
  noise.send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_EQ(noise.response().status, 400);
  test_socket silent{site.port};
  EXPECT_TRUE(silent.at_end());
  test_socket slow{site.port};
  slow.send("GET /health HT");
  EXPECT_TRUE(slow.at_end());
}

TEST(http_limits, a_body_that_never_comes_is_given_up) {
  test_site site{[](options& o) { o.body_deadline_ms = 100; }};
  test_socket line{site.port};
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_TRUE(line.at_end());
}

TEST(http_limits, expect_continue_is_answered) {
  test_site site;
  test_socket line{site.port};
  line.send("POST /api/login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n");
  ASSERT_TRUE(line.until("100 Continue\r\n\r\n"));
  line.take(line.input.size());
  line.send("{}");
  EXPECT_EQ(line.response().status, 400);
}

TEST(http_limits, a_drain_answers_what_runs_and_closes_the_rest) {
  test_site site;
  test_socket idle{site.port};
  idle.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(idle.response().status, 200);
  auto socket = site.socket("1000");
  EXPECT_EQ(at(socket.message(), "type"), "connected");
  std::thread drain{[&] { site.web->drain(3000); }};
  EXPECT_EQ(socket.frame().close_code(), 1001);
  socket.send(std::string{"\x03\xe9", 2}, 8);
  EXPECT_TRUE(idle.at_end());
  drain.join();
  site.web->stop();
  EXPECT_THROW(test_socket{site.port}, std::runtime_error) << "nothing listens any more";
}

} // namespace
} // namespace strowger::http
