// Test helper: a slave's link client on a lane of its own, with a gateway that remembers.
#pragma once

#include "http/lane.hpp"
#include "http/link_client.hpp"
#include "http/test_site.hpp"

namespace strowger::http {

struct test_slave {
  using change = std::function<void(link_settings&)>;

  explicit test_slave(const std::string& master_url, const change& what = {}) {
    on->start();
    link_settings s;
    s.master_url = master_url;
    s.key = "lic-key";
    s.retry_min_ms = 10;
    s.retry_max_ms = 50;
    s.close_deadline_ms = 300;
    if (what) what(s);
    client = std::make_unique<link_client>(s, on, gateway, random);
    client->start();
  }
  explicit test_slave(const test_site& master, const change& what = {}) :
      test_slave("http://127.0.0.1:" + std::to_string(master.port) + "/api", what) {}

  bool linked(std::size_t times = 1) { // and welcomed
    return fake_gateway::eventually([&] {
      const auto all = gateway.master_links();
      return all.size() >= times && !all[times - 1].said.empty();
    });
  }
  bool lost(std::size_t times = 1) {
    return fake_gateway::eventually([&] {
      const auto all = gateway.master_links();
      return all.size() >= times && all[times - 1].lost == 1;
    });
  }

  std::shared_ptr<lane> on = std::make_shared<lane>();
  fake_gateway gateway;
  security::system_random random;
  std::unique_ptr<link_client> client;
};

inline std::string link_fields(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\nSec-WebSocket-Protocol: strowger.link.v1\r\n";
}

// A slave that says what no slave would.
struct raw_slave : test_websocket {
  explicit raw_slave(std::uint16_t port, const std::string& fields = link_fields("lic-key"),
                     int receive_buffer = 0) :
      test_websocket(port, "/api/licenses/link", fields, receive_buffer) {}
};

} // namespace strowger::http
