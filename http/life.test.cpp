#include "http/test_site.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace strowger::http {
namespace {

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST(http_life, before_the_site_has_recovered_health_answers_and_the_rest_is_told_to_wait) {
  test_site site{{}, false};
  test_socket line{site.port};
  line.send(get("/health"));
  EXPECT_EQ(line.response().status, 200);
  line.send(get("/ready"));
  const auto ready = line.response();
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.text("status"), "starting");
  for (const auto* path : {"/ws?extension=1000", "/protected/extensions/status", "/metrics",
                           "/api/webrtc/ice-servers", "/api/webrtc/sessions"}) {
    test_socket another{site.port};
    another.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n" +
                 test_site::bearer("1000") + "\r\n");
    const auto got = another.response();
    EXPECT_EQ(got.status, 503) << path;
    EXPECT_EQ(got.text("code"), "hub-not-available") << path;
    EXPECT_EQ(got.header("Retry-After"), "1") << path;
  }
  site.web->serve(site.gateway);
  line.send(get("/ready"));
  EXPECT_EQ(line.response().status, 200);
}

TEST(http_life, while_it_drains_new_connections_still_hear_that_it_does) {
  test_site site;
  test_socket busy{site.port}; // keeps the drain waiting: half a request
  busy.send("POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{");
  test_socket{site.port}.send(get("/health"));
  std::thread drain{[&] { site.web->drain(3000); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  for (const auto& [path, status] :
       {std::pair{"/health", 200}, std::pair{"/ready", 503}, std::pair{"/ws", 503}}) {
    test_socket late{site.port};
    late.send(get(path));
    const auto got = late.response();
    EXPECT_EQ(got.status, status) << path;
    EXPECT_EQ(got.text("status"), std::string{path} == "/ready"    ? "draining"
                                  : std::string{path} == "/health" ? "ok"
                                                                   : "");
    EXPECT_TRUE(late.at_end()) << "one answer, then the line is closed";
  }
  test_socket idle{site.port}; // nobody waits for this one
  busy.send("123456789");
  drain.join();
}

} // namespace
} // namespace strowger::http
