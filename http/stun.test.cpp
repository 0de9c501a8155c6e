#include "http/stun.hpp"

#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

using bytes = std::vector<std::uint8_t>;

// RFC 5769, section 2.1: a request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME,
// MESSAGE-INTEGRITY and FINGERPRINT.
const bytes rfc5769_request{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

stun::address rfc5769_sender() { // 192.0.2.1 port 32853
  stun::address out;
  out.bytes = {192, 0, 2, 1};
  out.port = 32853;
  return out;
}

bytes plain_request() {
  return {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7,
          0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
}

TEST(stun, a_plain_request_gets_its_address_as_in_rfc_5769) {
  // The XOR-MAPPED-ADDRESS bytes are those of RFC 5769, section 2.2.
  const bytes expected{0x01, 0x01, 0x00, 0x0c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7,
                       0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x00, 0x20,
                       0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
  EXPECT_EQ(stun::respond(plain_request(), rfc5769_sender()), expected);
}

TEST(stun, an_ipv6_sender_gets_the_bytes_of_rfc_5769) {
  stun::address from;
  from.v6 = true;
  from.port = 32853;
  from.bytes = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78,
                0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
  const bytes mapped{0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
                     0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9};
  const auto got = stun::respond(plain_request(), from);
  ASSERT_TRUE(got);
  EXPECT_EQ(bytes(got->begin() + 20, got->end()), mapped);
}

TEST(stun, an_attribute_that_must_be_understood_is_refused_with_420) {
  const auto got = stun::respond(rfc5769_request, rfc5769_sender()); // PRIORITY is for ICE peers
  ASSERT_TRUE(got);
  const bytes head(got->begin(), got->begin() + 2);
  EXPECT_EQ(head, (bytes{0x01, 0x11}));
  EXPECT_EQ((*got)[26], 4);
  EXPECT_EQ((*got)[27], 20);
  const bytes unknown(got->begin() + 48, got->begin() + 56);
  EXPECT_EQ(unknown, (bytes{0x00, 0x0a, 0x00, 0x02, 0x00, 0x24, 0x00, 0x00}));
  const bytes fingerprint(got->end() - 8, got->end() - 4);
  EXPECT_EQ(fingerprint, (bytes{0x80, 0x28, 0x00, 0x04}));
}

TEST(stun, the_fingerprint_answer_verifies) {
  auto request = plain_request();
  request[3] = 8;
  for (const std::uint8_t b : {0x80, 0x28, 0x00, 0x04, 0, 0, 0, 0}) request.push_back(b);
  EXPECT_FALSE(stun::respond(request, rfc5769_sender())) << "a wrong fingerprint is noise";
  const std::uint32_t crc = 0xAEA2FB4Cu ^ 0x5354554E;
  for (int i = 0; i < 4; ++i) request[24 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  const bytes golden{0x01, 0x01, 0x00, 0x14, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7,
                     0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
                     0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12,
                     0xa6, 0x43, 0x80, 0x28, 0x00, 0x04, 0x7d, 0x28, 0x1f, 0x59};
  EXPECT_EQ(stun::respond(request, rfc5769_sender()), golden);
}

TEST(stun, noise_gets_nothing) {
  const auto silent = [](bytes datagram) {
    return !stun::respond(datagram, rfc5769_sender()).has_value();
  };
  EXPECT_TRUE(silent({}));
  EXPECT_TRUE(silent(bytes(20, 0)));
  for (std::size_t size = 0; size < rfc5769_request.size(); ++size)
    EXPECT_TRUE(silent({rfc5769_request.begin(), rfc5769_request.begin() + size})) << size;
  auto response = plain_request();
  response[0] = 0x01;
  response[1] = 0x01;
  EXPECT_TRUE(silent(response)) << "two servers must not talk to each other";
  auto overlong = plain_request();
  overlong[3] = 4;
  for (const std::uint8_t b : {0x80, 0x22, 0xff, 0xff}) overlong.push_back(b);
  EXPECT_TRUE(silent(overlong));
}

TEST(stun, the_responder_answers_over_udp) {
  test_site site{[](options& o) { o.stun = {{"127.0.0.1", 0}}; }};
  ASSERT_EQ(site.web->stun_listening().size(), 1U);
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(site.web->stun_listening().front().port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string noise = "hello";
  ::send(fd, noise.data(), noise.size(), 0);
  const auto request = plain_request();
  ::send(fd, request.data(), request.size(), 0);
  std::uint8_t answer[100];
  const auto size = ::recv(fd, answer, sizeof answer, 0);
  ASSERT_EQ(size, 32);
  sockaddr_in self{};
  socklen_t length = sizeof self;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&self), &length);
  const int port = (answer[26] << 8 | answer[27]) ^ 0x2112;
  EXPECT_EQ(port, ntohs(self.sin_port));
  ::close(fd);
}

} // namespace
} // namespace strowger::http
