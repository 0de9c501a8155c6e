// Engine.IO sessions on live lines, with the echo application; what clients see of the protocol as
// a whole: tests/e2e/engineio.test.mjs.
#include "http/eio_session.hpp"
#include "http/sio_echo.hpp"
#include "http/test_site.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace strowger::http {
namespace {

struct echo_site : test_site {
  explicit echo_site(const std::function<void(options&)>& change = {}) :
      test_site([&](options& opt) {
        opt.engine.app = make_engine_echo;
        opt.engine.needs_site = false;
        opt.engine.payload_bytes_max = 100'000;
        if (change) change(opt);
      }) {}

  static constexpr const char* target = "/socket.io/?EIO=4&transport=polling";
  std::string open() const {
    const auto answer = fetch(port, "GET", target);
    EXPECT_EQ(answer.status, 200);
    const auto tree = protocol::parse_json(answer.body.substr(1));
    return at(std::get<protocol::value>(tree), "sid");
  }
  test_response poll(const std::string& sid) const {
    return fetch(port, "GET", target + ("&sid=" + sid));
  }
  test_response post(const std::string& sid, const std::string& body) const {
    return fetch(port, "POST", target + ("&sid=" + sid), {}, body);
  }
  test_websocket socket(const std::string& sid = {}) const {
    return {port, "/socket.io/?EIO=4&transport=websocket" + (sid.empty() ? "" : "&sid=" + sid)};
  }
};

TEST(eio, what_is_posted_comes_back_by_a_poll_of_another_connection) {
  echo_site site;
  const auto sid = site.open();
  for (int i = 0; i < 20; ++i) { // connections go to the lanes in turn
    EXPECT_EQ(site.post(sid, "4" + std::to_string(i)).body, "ok");
    EXPECT_EQ(site.poll(sid).body, "4" + std::to_string(i));
  }
}

TEST(eio, refusals_are_problems_with_engine_ios_numbers) {
  echo_site site;
  const auto answer = fetch(site.port, "GET", "/socket.io/?EIO=4&transport=polling&sid=x");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(at(answer.json(), "code"), "1");
  EXPECT_EQ(at(answer.json(), "message"), "Session ID unknown");
  EXPECT_EQ(at(answer.json(), "success"), "false");
  const auto foreign =
      fetch(site.port, "GET", echo_site::target, "Origin: https://evil.example\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(at(foreign.json(), "code"), "4");
  EXPECT_EQ(fetch(site.port, "GET", "/socket.io?EIO=4&transport=polling").status, 200);
}

TEST(eio, a_socket_of_another_lane_takes_a_session_over) {
  echo_site site;
  for (int i = 0; i < 4; ++i) {
    const auto sid = site.open();
    site.post(sid, "4waits");
    auto socket = site.socket(sid);
    ASSERT_EQ(socket.handshake.status, 101);
    socket.send("2probe");
    EXPECT_EQ(socket.frame().payload, "3probe");
    socket.send("5");
    EXPECT_EQ(socket.frame().payload, "4waits");
    socket.send("\1\2", 2);
    const auto bytes = socket.frame();
    EXPECT_EQ(bytes.opcode, 2);
    EXPECT_EQ(bytes.payload, "\1\2");
    EXPECT_EQ(site.poll(sid).status, 400);
  }
}

TEST(eio, a_session_that_nobody_polls_keeps_so_much_and_ends) {
  echo_site site{[](options& opt) { opt.socket_queue_bytes_max = 150'000; }};
  const auto sid = site.open();
  EXPECT_EQ(site.post(sid, "4" + std::string(90'000, 'x')).status, 200);
  site.post(sid, "4" + std::string(90'000, 'x'));
  EXPECT_EQ(site.poll(sid).status, 400);
}

TEST(eio, a_message_over_the_limit_is_413_or_1009) {
  echo_site site;
  const auto sid = site.open();
  EXPECT_EQ(site.post(sid, "4" + std::string(100'000, 'x')).status, 413);
  auto socket = site.socket();
  socket.frame();
  socket.send("4" + std::string(100'000, 'x'));
  EXPECT_EQ(socket.frame().close_code(), 1009);
}

TEST(eio, sessions_are_counted_and_limited) {
  echo_site site{[](options& opt) { opt.engine.sessions_max = 2; }};
  const auto first = site.open();
  site.open();
  EXPECT_EQ(fetch(site.port, "GET", echo_site::target).status, 503);
  site.post(first, "1");
  EXPECT_EQ(site.poll(first).body, "6");
  site.open();
}

TEST(eio, a_drain_tells_polls_and_sockets_and_ends) {
  echo_site site;
  const auto sid = site.open();
  auto socket = site.socket();
  socket.frame();
  test_socket waiting{site.port};
  waiting.send("GET " + std::string{echo_site::target} + "&sid=" + sid +
               " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  std::thread drain{[&] { site.web->drain(5'000); }};
  EXPECT_EQ(waiting.response().body, "1");
  EXPECT_EQ(socket.frame().close_code(), 1001);
  drain.join();
  EXPECT_EQ(fetch(site.port, "GET", echo_site::target).status, 503) << "nobody new";
}

TEST(eio, who_does_not_answer_a_ping_is_let_go) {
  echo_site site{[](options& opt) {
    opt.engine.ping_interval_ms = 100;
    opt.engine.ping_timeout_ms = 100;
  }};
  auto socket = site.socket();
  socket.frame();
  EXPECT_EQ(socket.frame().payload, "2");
  socket.send("3");
  EXPECT_EQ(socket.frame().payload, "2");
  EXPECT_EQ(socket.frame().opcode, 8);
}

TEST(eio, overlapping_posts_of_one_session_are_refused_and_end_it) {
  echo_site site;
  const auto sid = site.open();
  const auto head = "POST " + std::string{echo_site::target} + "&sid=" + sid +
                    " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\n\r\n";
  test_socket first{site.port};
  first.send(head + "4half"); // and the rest later
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  const auto second = site.post(sid, "4second");
  EXPECT_EQ(second.status, 400);
  first.send("!");
  EXPECT_EQ(first.response().status, 400);
  EXPECT_EQ(at(site.poll(sid).json(), "message"), "Session ID unknown");
  const auto other = site.open();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(site.post(other, "4x").status, 200) << "one by one";
}

TEST(eio, overlapping_polls_of_one_session_end_it) {
  echo_site site;
  const auto sid = site.open();
  test_socket first{site.port};
  first.send("GET " + std::string{echo_site::target} + "&sid=" + sid +
             " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_EQ(site.poll(sid).status, 400);
  EXPECT_EQ(first.response().body, "1");
  EXPECT_EQ(at(site.poll(sid).json(), "message"), "Session ID unknown");
}

TEST(eio, a_pong_that_takes_its_time_does_not_slow_the_beat) {
  echo_site site{[](options& opt) {
    opt.engine.ping_interval_ms = 200;
    opt.engine.ping_timeout_ms = 500;
  }};
  const auto sid = site.open();
  const auto began = steady_ms();
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(site.poll(sid).body, "2");
    EXPECT_LT(steady_ms() - began, i * 200 + 100) << i;
    std::this_thread::sleep_for(std::chrono::milliseconds{80});
    EXPECT_EQ(site.post(sid, "3").body, "ok");
  }
}

TEST(eio, the_time_to_answer_a_ping_begins_when_a_poll_takes_it) {
  echo_site site{[](options& opt) {
    opt.engine.ping_interval_ms = 200;
    opt.engine.ping_timeout_ms = 400;
  }};
  const auto sid = site.open();
  std::this_thread::sleep_for(std::chrono::milliseconds{450}); // 150 ms before it was given up
  EXPECT_EQ(site.poll(sid).body, "2");
  std::this_thread::sleep_for(std::chrono::milliseconds{250});
  EXPECT_EQ(site.post(sid, "3").status, 200);
}

// Holds the lane of the last session that was opened, and counts what comes to it.
struct counted final : eio_app {
  explicit counted(std::atomic<std::size_t>& to) : bytes(to) {}
  bool on_text(std::string_view message) override { return bytes += message.size(), true; }
  bool on_binary(std::string_view message) override { return on_text(message); }
  void on_close(std::string_view) override {}
  std::atomic<std::size_t>& bytes;
};

TEST(eio, a_socket_is_not_read_on_while_its_session_on_another_lane_is_busy) {
  std::atomic<std::size_t> came{0};
  std::shared_ptr<eio_session> last;
  echo_site site{[&](options& opt) {
    opt.engine.app = [&](const std::shared_ptr<eio_session>& session) {
      last = session;
      return std::make_shared<counted>(came);
    };
  }};
  constexpr std::size_t message_bytes = 50'000, most = 64'000'000;
  for (int lanes_apart = 0; lanes_apart < 2; ++lanes_apart) { // connections go to them in turn
    came = 0;
    const auto sid = site.open();
    if (lanes_apart) site.poll("nobody");
    auto socket = site.socket(sid);
    socket.send("2probe");
    socket.frame();
    socket.send("5");
    socket.send("4now");
    ASSERT_TRUE(fake_gateway::eventually([&] { return came == 3; }));
    std::promise<void> go_on;
    last->on()->post([wait = go_on.get_future().share()] { wait.wait(); });
    std::atomic<std::size_t> sent{0};
    std::thread writer{[&] {
      while (sent < most) {
        socket.send("4" + std::string(message_bytes, 'x'));
        sent += message_bytes;
      }
    }};
    std::size_t before = 1; // until nothing is taken any more
    for (; before != sent && sent < most; std::this_thread::sleep_for(std::chrono::seconds{1}))
      before = sent;
    EXPECT_LT(sent, most / 2) << "the kernel's buffers hold some megabytes, and the server little";
    go_on.set_value();
    writer.join();
    EXPECT_TRUE(fake_gateway::eventually([&] { return came == most + 3; })) << came;
  }
  last = nullptr;
}

} // namespace
} // namespace strowger::http
