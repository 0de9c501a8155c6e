#include "http/eio_table.hpp"

#include "http/eio_session.hpp"
#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

using verdict = eio_table::verdict;

struct table : ::testing::Test {
  verdict add(const std::string& sid, const std::string& peer) {
    return it.add(sid, peer, nullptr, {4, 2}, gives_way);
  }
  eio_table it;
  std::shared_ptr<eio_session> gives_way;
};

TEST_F(table, one_address_has_so_many_places_for_clients_that_have_not_said_who_they_are) {
  EXPECT_EQ(add("a", "192.0.2.1"), verdict::in);
  EXPECT_EQ(add("b", "192.0.2.1"), verdict::in);
  EXPECT_EQ(add("c", "192.0.2.1"), verdict::too_many_of_peer);
  EXPECT_EQ(it.look("192.0.2.1", {4, 2}), verdict::too_many_of_peer);
  EXPECT_EQ(add("d", "192.0.2.2"), verdict::in);
  it.known("a");
  EXPECT_EQ(add("c", "192.0.2.1"), verdict::in);
  it.remove("b");
  EXPECT_EQ(it.size(), 3U);
  EXPECT_EQ(add("e", "192.0.2.1"), verdict::in);
}

TEST_F(table, where_all_places_are_taken_the_oldest_unknown_one_gives_way_and_no_known_one) {
  add("a", "192.0.2.1");
  add("b", "192.0.2.2");
  add("c", "192.0.2.3");
  add("d", "192.0.2.4");
  it.known("a");
  EXPECT_EQ(add("e", "192.0.2.5"), verdict::in);
  EXPECT_EQ(it.size(), 4U);
  EXPECT_EQ(add("f", "192.0.2.2"), verdict::in) << "b has left a place of its address";
  EXPECT_EQ(add("g", "192.0.2.2"), verdict::in);
  for (const auto* sid : {"a", "e", "f", "g"}) it.known(sid);
  EXPECT_EQ(add("h", "192.0.2.9"), verdict::full);
  it.remove("a");
  EXPECT_EQ(add("h", "192.0.2.9"), verdict::in);
}

TEST(peer_group, is_the_address_and_of_ipv6_the_network) {
  EXPECT_EQ(peer_group("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(peer_group("2001:db8:1:2::1"), peer_group("2001:db8:1:2:ffff::9"));
  EXPECT_NE(peer_group("2001:db8:1:2::1"), peer_group("2001:db8:1:3::1"));
  EXPECT_EQ(peer_group("fe80::1%eth0"), peer_group("fe80::2"));
}

// errc::too_many_sessions
TEST(eio_places, of_one_address_run_out_before_those_of_the_server) {
  test_site site{[](options& opt) {
    opt.engine.sessions_max = 3;
    opt.engine.unknown_per_peer_max = 2;
  }};
  const std::string handshake = "/socket.io/?EIO=4&transport=polling";
  EXPECT_EQ(fetch(site.port, "GET", handshake).status, 200);
  test_websocket known{site.port, "/socket.io/?EIO=4&transport=websocket"};
  known.frame();
  const auto refused = fetch(site.port, "GET", handshake);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.text("error"), "Too many sessions from this address");
  EXPECT_FALSE(refused.header("Retry-After").empty());
  EXPECT_EQ((test_websocket{site.port, "/socket.io/?EIO=4&transport=websocket"}.handshake.status),
            429);
  known.send(R"(40{"token":")" + test_site::token("1000") + "\"}");
  EXPECT_EQ(known.frame().payload.substr(0, 3), "40{");
  EXPECT_EQ(fetch(site.port, "GET", handshake).status, 200) << "it has said who it is";
}

TEST(eio_places, of_clients_that_said_nothing_go_to_those_who_come) {
  test_site site{[](options& opt) { opt.engine.sessions_max = 1; }};
  test_websocket first{site.port, "/socket.io/?EIO=4&transport=websocket"};
  first.frame();
  test_websocket second{site.port, "/socket.io/?EIO=4&transport=websocket"};
  EXPECT_EQ(second.frame().payload.substr(0, 6), R"(0{"sid)");
  EXPECT_EQ(first.frame().opcode, 8);
  second.send(R"(40{"token":")" + test_site::token("1000") + "\"}");
  EXPECT_EQ(second.frame().payload.substr(0, 3), "40{");
  EXPECT_EQ(fetch(site.port, "GET", "/socket.io/?EIO=4&transport=polling").status, 503);
}

} // namespace
} // namespace strowger::http
