#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

struct test_events {
  test_events(test_site& site, const std::string& fields, const std::string& query = {}) :
      line(site.port) {
    line.send("GET /api/webrtc/session/sess-1/events" + query +
              " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n" + fields + "\r\n");
    head = line.response();
  }
  std::string next() {
    if (!line.until("\n\n")) return "";
    return line.take(line.input.find("\n\n") + 2);
  }
  test_socket line;
  test_response head;
};

TEST(sse, events_carry_position_name_and_payload) {
  test_site site;
  test_events events{site, test_site::bearer("1001")};
  ASSERT_EQ(events.head.status, 200);
  EXPECT_EQ(events.head.header("Content-Type"), "text/event-stream");
  const auto hello = events.next();
  EXPECT_TRUE(hello.starts_with("id: 160\nevent: connected\ndata: {")) << hello;
  site.gateway.sink()->push(
      std::make_shared<const notice::any>(notice::call_peer_muted{call_id{"c"}, true}), 177);
  EXPECT_EQ(events.next(),
            "id: 177\nevent: call:peer-muted\ndata: {\"callId\":\"c\",\"isMuted\":true}\n\n");
}

TEST(sse, the_last_event_id_resumes_and_is_not_jumped_over) {
  test_site site;
  test_events events{site, test_site::bearer("1001") + "Last-Event-ID: 42\r\n"};
  EXPECT_TRUE(events.next().starts_with("id: 42\nevent: connected\n"));
  EXPECT_EQ(site.gateway.session_attaches().front().position, 42U);
  EXPECT_EQ(site.gateway.session_attaches().front().session.value, "sess-1");
  test_events bad{site, test_site::bearer("1001") + "Last-Event-ID: x\r\n"};
  EXPECT_EQ(bad.head.status, 400);
}

TEST(sse, refusals_are_plain_answers) {
  test_site site;
  EXPECT_EQ(test_events(site, "").head.status, 401);
  EXPECT_EQ(test_events(site, "", "?token=" + test_site::token("1001")).head.status, 200)
      << "an EventSource cannot send headers";
  site.gateway.refuse_with = errc::session_closed;
  test_events closed{site, test_site::bearer("1001")};
  EXPECT_EQ(closed.head.status, 410);
  EXPECT_EQ(closed.head.text("code"), "session-closed");
}

TEST(sse, the_end_of_the_client_detaches_and_the_end_of_the_server_ends_the_stream) {
  test_site site{[](options& o) { o.ping_interval_ms = 30; }};
  {
    test_events events{site, test_site::bearer("1001")};
    events.next();
    EXPECT_EQ(events.next(), ": ping\n\n");
  }
  EXPECT_TRUE(fake_gateway::eventually([&] { return site.gateway.detached().size() == 1; }));
  test_events events{site, test_site::bearer("1001")};
  events.next();
  site.gateway.sink()->close(errc::session_closed);
  EXPECT_TRUE(events.line.at_end());
}

} // namespace
} // namespace strowger::http
