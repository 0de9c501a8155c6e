#include "cli/http_client.hpp"

#include <gtest/gtest.h>

namespace strowger::cli {
namespace {

TEST(http_client, reads_urls_of_servers) {
  url out;
  ASSERT_TRUE(parse_url("https://pbx.example/phones/", out));
  EXPECT_EQ(out.text("/ws"), "https://pbx.example/phones/ws");
  EXPECT_EQ(out.port, 443);
  ASSERT_TRUE(parse_url("http://[::1]:8080", out));
  EXPECT_EQ(out.host, "::1");
  EXPECT_EQ(out.authority(), "[::1]:8080");
  for (const auto* bad : {"", "ftp://a", "http://", "http://a:0", "http://a:b", "http://u@a",
                          "http://a/?b", "http://[::1", "http://a:99999"})
    EXPECT_FALSE(parse_url(bad, out)) << bad;
  EXPECT_TRUE(is_loopback("localhost"));
  EXPECT_TRUE(is_loopback("127.1.2.3"));
  EXPECT_FALSE(is_loopback("192.168.0.1"));
}

} // namespace
} // namespace strowger::cli
