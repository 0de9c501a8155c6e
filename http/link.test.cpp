// Both ends of a link in one process: a server with a fake gateway, a client with another.
#include "protocol/link/link.hpp"
#include "http/test_slave.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace strowger::http {
namespace {

bool master_lost(test_site& master, std::size_t times = 1) {
  return fake_gateway::eventually([&] {
    const auto all = master.gateway.slave_links();
    return all.size() >= times &&
           std::ranges::all_of(all, [](const auto& each) { return each.second.lost == 1; });
  });
}

TEST(link, hello_and_welcome_travel) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  const auto there = master.gateway.slave_links().begin()->second;
  EXPECT_EQ(there.license, license_id{"license-1"});
  ASSERT_EQ(there.said.size(), 1U);
  EXPECT_EQ(std::get<link::hello>(there.said[0]).title, "here");
  const auto here = slave.gateway.master_links()[0];
  const auto& said = std::get<link::welcome>(here.said[0]);
  EXPECT_EQ(said.license, "license.of.license-1");
  EXPECT_EQ(said.asks, 7U);
}

TEST(link, messages_keep_their_order_both_ways) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  const auto up = slave.gateway.master_links()[0].sink;
  const auto down = master.gateway.slave_links().begin()->second.sink;
  for (std::uint32_t i = 0; i < 500; ++i) {
    up->send(link::ask{i, i});
    down->send(link::reported{i});
  }
  ASSERT_TRUE(fake_gateway::eventually([&] {
    return master.gateway.slave_links().begin()->second.said.size() == 501 &&
           slave.gateway.master_links()[0].said.size() == 501;
  }));
  const auto there = master.gateway.slave_links().begin()->second.said;
  const auto here = slave.gateway.master_links()[0].said;
  for (std::uint32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(std::get<link::ask>(there[i + 1]).ask, i);
    EXPECT_EQ(std::get<link::reported>(here[i + 1]).upto, i);
  }
}

TEST(link, the_largest_statement_fits) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  const std::string license(protocol::link::statement_bytes_max, 'x');
  for (int i = 0; i < 4; ++i)
    master.gateway.slave_links().begin()->second.sink->send(link::terms{license});
  ASSERT_TRUE(
      fake_gateway::eventually([&] { return slave.gateway.master_links()[0].said.size() == 5; }));
  EXPECT_EQ(std::get<link::terms>(slave.gateway.master_links()[0].said[4]).license, license);
}

TEST(link, who_may_not_come_in_is_told_before_the_upgrade) {
  test_site master;
  struct row {
    std::string fields;
    int status;
    std::string code;
  };
  const std::string asks = "Sec-WebSocket-Protocol: strowger.link.v1\r\n";
  for (const auto& [fields, status, code] :
       {row{asks, 401, "token-missing"},
        row{asks + "Authorization: Basic eDp5\r\n", 401, "token-missing"},
        row{asks + "Authorization: Bearer \r\n", 401, "token-missing"},
        row{link_fields("wrong"), 401, "token-invalid"},
        row{"Authorization: Bearer lic-key\r\n", 400, "value-out-of-range"},
        row{"Authorization: Bearer lic-key\r\nSec-WebSocket-Protocol: strowger.v1.json\r\n", 400,
            "value-out-of-range"}}) {
    const raw_slave slave{master.port, fields};
    EXPECT_EQ(slave.handshake.status, status) << fields;
    EXPECT_EQ(slave.handshake.text("code"), code) << fields;
  }
  master.gateway.refuse_link_with = errc::license_revoked;
  EXPECT_EQ(raw_slave(master.port).handshake.status, 403);
  master.gateway.refuse_link_with = errc::wrong_role;
  EXPECT_EQ(raw_slave(master.port).handshake.status, 409);
  EXPECT_EQ(fetch(master.port, "GET", "/api/licenses/link", link_fields("lic-key")).status, 400)
      << "no upgrade";
  EXPECT_EQ(fetch(master.port, "PATCH", "/api/licenses/link").status, 405);
  EXPECT_TRUE(master.gateway.slave_links().empty());
}

TEST(link, an_address_that_tries_keys_is_slowed_down) {
  test_site master;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(raw_slave(master.port, link_fields("wrong")).handshake.status, 401);
  const raw_slave next{master.port};
  EXPECT_EQ(next.handshake.status, 429);
  EXPECT_FALSE(next.handshake.header("Retry-After").empty());
  EXPECT_EQ(master.gateway.keys_tried, 5);
}

TEST(link, what_cannot_be_read_ends_the_line) {
  test_site master{[](options& o) { o.close_deadline_ms = 100; }};
  struct row {
    std::string bytes;
    int opcode, close;
  };
  std::size_t links = 0;
  for (const auto& [bytes, opcode, close] :
       {row{"{", 1, 1008}, row{R"({"type":"later"})", 1, 1008}, row{R"({"type":"hello"})", 1, 1008},
        row{R"({"type":"alive","sessions":[]})", 2, 1003},
        row{std::string(limits::frame_bytes_max + 1, ' '), 1, 1009}, row{"\xff\xfe", 1, 1007},
        row{"x", 3, 1002}}) {
    raw_slave slave{master.port};
    ASSERT_EQ(slave.handshake.status, 101);
    EXPECT_EQ(slave.handshake.header("Sec-WebSocket-Protocol"), "strowger.link.v1");
    slave.send(bytes, opcode);
    EXPECT_EQ(slave.frame().close_code(), close) << bytes.substr(0, 40);
    EXPECT_TRUE(master_lost(master, ++links)) << bytes.substr(0, 40);
  }
}

TEST(link, words_before_the_fault_are_heard_and_none_after_it) {
  test_site master{[](options& o) { o.close_deadline_ms = 100; }};
  raw_slave slave{master.port};
  slave.send(R"({"type":"hello","slave":"k"})");
  slave.send("nonsense");
  slave.send(R"({"type":"ask","ask":1,"seats":1})");
  EXPECT_TRUE(master_lost(master));
  EXPECT_EQ(master.gateway.slave_links().begin()->second.said.size(), 1U);
}

TEST(link, either_gateway_can_end_it_and_the_slave_comes_back) {
  test_site master;
  test_slave slave{master};
  ASSERT_TRUE(slave.linked());
  master.gateway.slave_links()[1].sink->close(errc::signed_in_elsewhere);
  ASSERT_TRUE(slave.linked(2));
  EXPECT_EQ(slave.gateway.master_links()[0].lost, 1);
  slave.gateway.master_links()[1].sink->close(errc::statement_invalid);
  ASSERT_TRUE(slave.linked(3));
  EXPECT_TRUE(fake_gateway::eventually([&] { return master.gateway.slave_links()[2].lost == 1; }));
  EXPECT_EQ(slave.gateway.master_links()[1].lost, 1);
  EXPECT_EQ(slave.gateway.master_links()[2].lost, 0);
}

TEST(link, a_peer_that_stops_reading_is_closed) {
  test_site master{[](options& o) {
    o.socket_queue_bytes_max = 256 * 1024;
    o.close_deadline_ms = 200;
  }};
  const raw_slave slave{master.port, link_fields("lic-key"), 4096};
  ASSERT_TRUE(fake_gateway::eventually([&] { return !master.gateway.slave_links().empty(); }));
  const auto sink = master.gateway.slave_links()[1].sink;
  for (int i = 0; i < 400; ++i) {
    sink->send(link::terms{std::string(20'000, 'x')});
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  EXPECT_TRUE(master_lost(master));
}

TEST(link, a_silent_slave_is_given_up) {
  test_site master{[](options& o) {
    o.ping_interval_ms = 50;
    o.silence_ms = 300;
  }};
  raw_slave quiet{master.port}; // never answers a ping
  test_slave live{master};
  ASSERT_TRUE(live.linked());
  EXPECT_TRUE(fake_gateway::eventually([&] {
    const auto all = master.gateway.slave_links();
    return std::ranges::count_if(all, [](const auto& x) { return x.second.lost == 1; }) == 1;
  }));
  EXPECT_EQ(quiet.any_frame().opcode, 9) << "it was asked";
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_EQ(live.gateway.master_links().size(), 1U) << "pings and pongs keep a link";
}

TEST(link, a_drain_says_goodbye) {
  test_site master{[](options& o) { o.close_deadline_ms = 100; }};
  raw_slave slave{master.port};
  ASSERT_EQ(slave.handshake.status, 101);
  std::thread drain{[&] { master.web->drain(3000); }};
  EXPECT_EQ(slave.frame().close_code(), 1001);
  drain.join();
  EXPECT_TRUE(master_lost(master));
}

TEST(link, a_hundred_links_leave_nothing_behind) {
  const auto open_files = [] {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  };
  test_site master;
  test_slave slave{master, [](link_settings& s) { s.retry_max_ms = 10; }};
  std::vector<std::weak_ptr<void>> sinks;
  std::ptrdiff_t files = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ASSERT_TRUE(slave.linked(i));
    if (i == 10) files = open_files();
    sinks.push_back(master.gateway.slave_links()[i].sink);
    sinks.push_back(slave.gateway.master_links()[i - 1].sink);
    if (i % 2)
      master.gateway.slave_links()[i].sink->close(errc::busy);
    else
      slave.gateway.master_links()[i - 1].sink->close(errc::busy);
  }
  ASSERT_TRUE(slave.linked(101));
  EXPECT_TRUE(fake_gateway::eventually([&] { return open_files() <= files; }));
  EXPECT_TRUE(fake_gateway::eventually(
      [&] { return std::ranges::all_of(sinks, [](const auto& sink) { return sink.expired(); }); }));
  const auto all = master.gateway.slave_links();
  EXPECT_EQ(all.size(), 101U);
  EXPECT_EQ(std::ranges::count_if(all, [](const auto& x) { return x.second.lost == 1; }), 100);
}

} // namespace
} // namespace strowger::http
