// What may go wrong between a session and the socket that is to take it over, step by step: the
// lanes run only where the test says so.
#include "http/eio_session.hpp"
#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

struct silent_app final : eio_app {
  bool on_text(std::string_view) override { return true; }
  bool on_binary(std::string_view) override { return true; }
  void on_close(std::string_view why) override { closed = why; }
  std::string closed;
};

// A line of which the test holds the other end.
struct far_end {
  explicit far_end(lane& on) : here(on.context()) {
    tcp::acceptor door{on.context(), {net::ip::address_v4::loopback(), 0}};
    other.connect(door.local_endpoint());
    door.accept(here);
  }
  void reset() { // the next write fails
    other.set_option(net::socket_base::linger{true, 0});
    other.close();
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  std::string heard() {
    std::string out(4096, '\0');
    error_code ec;
    other.non_blocking(true);
    out.resize(other.read_some(net::buffer(out), ec));
    return out;
  }
  net::io_context own;
  tcp::socket here, other{own};
};

class upgrade : public ::testing::Test {
protected:
  static options quiet(const std::shared_ptr<silent_app>& app) {
    options opt;
    opt.engine.needs_site = false;
    opt.engine.app = [app](const auto&) { return app; };
    return opt;
  }
  upgrade() {
    session->open_by_poll([](const http_response&) {});
    run();
  }
  ~upgrade() override {
    session->cut();
    run();
  }
  std::shared_ptr<eio_socket> socket(far_end& line, const std::shared_ptr<lane>& on) {
    http_request request;
    request.fields = {{"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    return std::make_shared<eio_socket>(handoff{shared, on, std::move(request), {}, {}},
                                        any_stream{std::move(line.here)});
  }
  void run() {
    for (int i = 0; i < 3; ++i)
      for (auto* each : {near.get(), far.get()}) {
        each->context().restart();
        each->context().poll();
      }
  }
  const std::shared_ptr<silent_app> app = std::make_shared<silent_app>();
  const std::shared_ptr<state> shared = std::make_shared<state>(quiet(app));
  const std::shared_ptr<lane> near = std::make_shared<lane>(), far = std::make_shared<lane>();
  const std::shared_ptr<eio_session> session =
      std::make_shared<eio_session>(shared, near, http_request{});
};

TEST_F(upgrade, a_probe_that_broke_before_its_session_heard_of_it_does_not_bar_the_next) {
  far_end broken{*far}, whole{*far};
  broken.reset();
  const auto first = socket(broken, far);
  first->start(session);
  EXPECT_TRUE(first->over());
  session->probe(first);
  const auto second = socket(whole, far);
  second->start(session);
  session->probe(second);
  run();
  session->on_socket_text(*second, "2probe");
  run();
  const auto heard = whole.heard();
  EXPECT_EQ(heard.substr(heard.find("\r\n\r\n") + 4), "\x81\x06"
                                                      "3probe");
}

TEST_F(upgrade, a_session_whose_first_socket_broke_at_once_is_none) {
  far_end broken{*near};
  broken.reset();
  const auto direct = std::make_shared<eio_session>(shared, near, http_request{});
  std::shared_ptr<eio_session> gone;
  shared->engine.add(direct->sid(), "127.0.0.1", direct, {10, 10}, gone);
  const auto line = socket(broken, near);
  line->start(direct);
  direct->open_by_socket(line);
  EXPECT_EQ(shared->engine.find(direct->sid()), nullptr);
}

TEST_F(upgrade, a_line_that_breaks_under_what_was_kept_for_it_ends_the_session_and_no_more) {
  far_end line{*near};
  const auto to = socket(line, near);
  to->start(session);
  session->probe(to);
  session->on_socket_text(*to, "2probe");
  for (int i = 0; i < 5; ++i) session->send_text("kept");
  line.reset();
  session->on_socket_text(*to, "5");
  EXPECT_EQ(app->closed, "lost");
  run();
}

TEST_F(upgrade, a_probe_that_breaks_under_its_answer_leaves_the_polls_alone) {
  far_end line{*near}, next{*near};
  const auto to = socket(line, near);
  to->start(session);
  session->probe(to);
  line.reset();
  session->on_socket_text(*to, "2probe");
  bool answered = false;
  session->poll(this, [&](const http_response&) { answered = true; });
  run();
  EXPECT_FALSE(answered);
  EXPECT_EQ(app->closed, "");
  const auto second = socket(next, near);
  second->start(session);
  session->probe(second);
  session->on_socket_text(*second, "5"); // without its own ping
  run();
  EXPECT_NE(next.heard().find("\x88\x02\x03\xea"), std::string::npos) << "1002";
}

TEST_F(upgrade, a_probe_refused_while_the_session_ends_harms_nobody) {
  far_end line{*near}, late{*far};
  const auto to = socket(line, near);
  to->start(session);
  session->probe(to);
  line.reset();
  session->on_socket_binary(*to, "x"); // refused, and the line breaks under the refusal
  session->cut();
  const auto other = socket(late, far);
  other->start(session);
  far->post([&] { session->on()->post([&] { session->probe(other); }); });
  run();
  EXPECT_EQ(app->closed, "cut");
  EXPECT_NE(late.heard().find("\x88\x02\x03\xf0"), std::string::npos) << "1008";
}

} // namespace
} // namespace strowger::http
