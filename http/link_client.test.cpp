// What a slave does when its master does not.
#include "http/link_address.hpp"
#include "http/test_slave.hpp"
#include "security/certificate.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace strowger::http {
namespace {

using clock = std::chrono::steady_clock;

std::int64_t ms_since(clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - when).count();
}

// Takes connections and does no more than it is told.
class strange_master {
public:
  enum class habit { closes, says_nothing, upgrades_and_sleeps, other_protocol };
  explicit strange_master(habit what) : what_(what), thread_([this] { run(); }) {}
  ~strange_master() {
    stop_ = true;
    tcp::socket knock{io_};
    error_code ignored;
    knock.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/api";
  }
  std::atomic<int> came{0};

private:
  void run() {
    while (!stop_) {
      tcp::socket line{io_};
      error_code ec;
      acceptor_.accept(line, ec);
      if (ec || stop_) return;
      ++came;
      if (what_ == habit::closes) continue;
      if (what_ == habit::says_nothing) {
        kept_.push_back(std::make_unique<websocket::stream<tcp::socket>>(std::move(line)));
        continue;
      }
      auto socket = std::make_unique<websocket::stream<tcp::socket>>(std::move(line));
      if (what_ == habit::upgrades_and_sleeps)
        socket->set_option(websocket::stream_base::decorator{[](websocket::response_type& r) {
          r.set(bhttp::field::sec_websocket_protocol, "strowger.link.v1");
        }});
      socket->accept(ec);
      kept_.push_back(std::move(socket));
    }
  }

  const habit what_;
  std::atomic<bool> stop_{false};
  net::io_context io_;
  tcp::acceptor acceptor_{io_, {net::ip::make_address("127.0.0.1"), 0}};
  std::vector<std::unique_ptr<websocket::stream<tcp::socket>>> kept_;
  std::thread thread_;
};
using habit = strange_master::habit;

TEST(link_client, a_refused_key_is_tried_again_only_after_the_long_wait) {
  test_site master;
  test_slave slave{master, [](link_settings& s) {
                     s.key = "wrong";
                     s.refused_retry_ms = 600;
                   }};
  ASSERT_TRUE(fake_gateway::eventually([&] { return master.gateway.keys_tried == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_EQ(master.gateway.keys_tried, 1);
  EXPECT_TRUE(fake_gateway::eventually([&] { return master.gateway.keys_tried == 2; }));
  EXPECT_TRUE(slave.gateway.master_links().empty());
}

TEST(link_client, a_master_that_starts_later_is_tried_soon) {
  test_site master{{}, false}; // 503 until its log is read
  test_slave slave{master, [](link_settings& s) { s.retry_max_ms = 100; }};
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  EXPECT_TRUE(slave.gateway.master_links().empty());
  master.web->serve(master.gateway);
  EXPECT_TRUE(slave.linked()); // its answers said Retry-After: 1
}

TEST(link_client, a_master_that_goes_and_comes_back_is_found_again) {
  auto master = std::make_unique<test_site>();
  const auto port = master->port;
  test_slave slave{*master};
  ASSERT_TRUE(slave.linked());
  master = nullptr;
  ASSERT_TRUE(slave.lost());
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_EQ(slave.gateway.master_links().size(), 1U);
  master = std::make_unique<test_site>([&](options& o) { o.listen = {{"127.0.0.1", port}}; });
  ASSERT_TRUE(slave.linked(2));
  EXPECT_EQ(slave.gateway.master_links()[0].lost, 1);
  EXPECT_EQ(slave.gateway.master_links()[1].lost, 0);
}

TEST(link_client, waits_grow_from_one_failure_to_the_next) {
  strange_master master{habit::closes};
  test_slave slave{master.url(), [](link_settings& s) {
                     s.retry_min_ms = 40;
                     s.retry_max_ms = 320;
                   }};
  const auto began = clock::now();
  ASSERT_TRUE(fake_gateway::eventually([&] { return master.came == 5; }));
  EXPECT_GE(ms_since(began), 20 + 40 + 80 + 160) << "half of each wait is certain";
}

TEST(link_client, a_master_that_never_answers_is_given_up) {
  strange_master master{habit::says_nothing};
  test_slave slave{master.url(), [](link_settings& s) { s.connect_deadline_ms = 100; }};
  EXPECT_TRUE(fake_gateway::eventually([&] { return master.came >= 3; }));
  EXPECT_TRUE(slave.gateway.master_links().empty());
}

TEST(link_client, a_master_that_falls_silent_is_lost) {
  strange_master master{habit::upgrades_and_sleeps};
  test_slave slave{master.url(), [](link_settings& s) {
                     s.ping_interval_ms = 50;
                     s.silence_ms = 200;
                   }};
  ASSERT_TRUE(slave.lost());
  EXPECT_TRUE(fake_gateway::eventually([&] { return slave.gateway.master_links().size() == 2; }));
}

TEST(link_client, a_server_of_another_kind_is_left_alone) {
  strange_master master{habit::other_protocol};
  test_slave slave{master.url()};
  ASSERT_TRUE(fake_gateway::eventually([&] { return master.came == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_EQ(master.came, 1);
  EXPECT_TRUE(slave.gateway.master_links().empty());
}

TEST(link_client, a_stop_reports_the_loss_and_says_goodbye) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  const auto began = clock::now();
  slave.client->stop();
  EXPECT_LT(ms_since(began), 1000);
  EXPECT_EQ(slave.gateway.master_links()[0].lost, 1);
  EXPECT_TRUE(fake_gateway::eventually([&] { return master.gateway.slave_links()[1].lost == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  EXPECT_EQ(slave.gateway.master_links().size(), 1U);
  slave.client->stop();
}

TEST(link_client, a_stop_never_hangs) {
  strange_master mute{habit::says_nothing}, asleep{habit::upgrades_and_sleeps},
      closed{habit::closes};
  for (const auto& url :
       {mute.url(), asleep.url(), closed.url(), std::string{"http://localhost:1/api"},
        std::string{"http://no-such-host.invalid/api"}})
    for (const int wait_ms : {0, 20}) {
      test_slave slave{url};
      std::this_thread::sleep_for(std::chrono::milliseconds{wait_ms});
      const auto began = clock::now();
      slave.client->stop();
      EXPECT_LT(ms_since(began), 1000) << url;
      for (const auto& each : slave.gateway.master_links()) EXPECT_EQ(each.lost, 1) << url;
    }
}

TEST(link_client, a_stop_after_its_lane_reports_the_loss_too) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  slave.on->stop();
  const auto began = clock::now();
  slave.client->stop();
  EXPECT_LT(ms_since(began), 1000);
  EXPECT_EQ(slave.gateway.master_links()[0].lost, 1);
}

TEST(link_client, a_storm_of_stops_tells_each_loss_once) {
  test_site master;
  for (int i = 0; i < 60; ++i) {
    test_slave slave{master};
    std::this_thread::sleep_for(std::chrono::microseconds{i * 100});
    slave.client->stop();
    for (const auto& each : slave.gateway.master_links()) EXPECT_EQ(each.lost, 1);
  }
}

struct pem_file {
  explicit pem_file(const std::string& text) {
    char name[] = "/tmp/strowger-link-XXXXXX";
    ::close(::mkstemp(name));
    path = name;
    std::ofstream{path} << text;
  }
  ~pem_file() { ::unlink(path.c_str()); }
  std::string path;
};

TEST(link_client, tls_asks_the_master_who_it_is) {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto made = security::make_self_signed("127.0.0.1", now.count());
  const pem_file good{made.certificate_pem},
      other{security::make_self_signed("127.0.0.1", now.count()).certificate_pem};
  test_site master{[&](options& o) {
    o.certificate_pem = made.certificate_pem;
    o.private_key_pem = made.private_key_pem;
  }};
  const auto port = std::to_string(master.port);
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    test_slave slave{std::string{"https://"} + host + ":" + port + "/api/",
                     [&](link_settings& s) { s.ca_file = good.path; }};
    EXPECT_TRUE(slave.linked()) << host;
  }
  test_slave doubtful{"https://127.0.0.1:" + port + "/api",
                      [&](link_settings& s) { s.ca_file = other.path; }};
  test_slave strict{"https://127.0.0.1:" + port + "/api"};
  test_slave plain{master};
  std::this_thread::sleep_for(std::chrono::milliseconds{400});
  EXPECT_TRUE(doubtful.gateway.master_links().empty());
  EXPECT_TRUE(strict.gateway.master_links().empty());
  EXPECT_TRUE(plain.gateway.master_links().empty());
  EXPECT_THROW(
      test_slave("https://localhost/api", [](link_settings& s) { s.ca_file = "/no/such/file"; }),
      std::runtime_error);
}

TEST(link_client, addresses_are_read_as_the_settings_spell_them) {
  struct row {
    std::string url;
    bool tls;
    std::string host;
    std::uint16_t port;
    std::string target, host_header;
  };
  for (const auto& x :
       {row{"http://localhost:8001/api", false, "localhost", 8001, "/api/licenses/link",
            "localhost:8001"},
        row{"https://Master.example/", true, "master.example", 443, "/licenses/link",
            "Master.example"},
        row{"http://10.0.0.1", false, "10.0.0.1", 80, "/licenses/link", "10.0.0.1"},
        row{"https://[::1]:8443/a/b//", true, "::1", 8443, "/a/b/licenses/link", "[::1]:8443"}}) {
    const auto got = link_address_of(x.url);
    EXPECT_EQ(got.tls, x.tls) << x.url;
    EXPECT_EQ(got.host, x.host) << x.url;
    EXPECT_EQ(got.port, x.port) << x.url;
    EXPECT_EQ(got.target, x.target) << x.url;
    EXPECT_EQ(got.host_header, x.host_header) << x.url;
  }
  for (const auto* bad :
       {"", "localhost:8001", "ftp://localhost/api", "http://", "http:///api", "http://a:0/api",
        "http://a:70000/api", "http://a:/api", "http://a:1x/api", "http://[::1]x/api",
        "http://user@a/api", "http://a/api?x=1", "http://a/api#x", "http://a/a b",
        "http://a\r\nX: y/api", "http://[::1/api"})
    EXPECT_THROW(link_address_of(bad), std::invalid_argument) << bad;
}

} // namespace
} // namespace strowger::http
