#include "cli/doctor_stun.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace strowger::cli::stun {
namespace {

// The transaction of every RFC 5769 vector but the last.
constexpr transaction sample_id{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

bytes ipv4_response() { // RFC 5769, 2.2
  return {0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
          0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74,
          0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01,
          0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99,
          0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b,
          0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96};
}

bytes ipv6_response() { // RFC 5769, 2.3
  return {0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
          0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74,
          0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02,
          0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5,
          0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6,
          0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41,
          0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c};
}

bytes refusal(const transaction& id) { // 401, realm "home", nonce "now"
  bytes out{0x01, 0x13, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42};
  std::ranges::copy(id, std::back_inserter(out));
  const bytes attributes{0x00, 0x09, 0x00, 0x05, 0x00, 0x00, 0x04, 0x01, 'n', 0,
                         0,    0,    0x00, 0x14, 0x00, 0x04, 'h',  'o',  'm', 'e', //
                         0x00, 0x15, 0x00, 0x03, 'n',  'o',  'w',  0};
  std::ranges::copy(attributes, std::back_inserter(out));
  out[3] = static_cast<std::uint8_t>(attributes.size());
  return out;
}

TEST(doctor_stun, a_binding_request_is_a_header_alone) {
  const bytes wanted{0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7,
                     0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
  EXPECT_EQ(binding_request(sample_id), wanted);
}

TEST(doctor_stun, an_allocation_asks_for_udp) {
  const auto request = allocate_request(sample_id);
  EXPECT_EQ(request[1], 0x03);
  EXPECT_EQ(bytes(request.begin() + 20, request.end()),
            (bytes{0x00, 0x19, 0x00, 0x04, 17, 0, 0, 0}));
  EXPECT_EQ(message_bytes(request), request.size());
}

TEST(doctor_stun, a_signed_request_ends_with_its_sum_and_the_password_is_part_of_it) {
  const credentials who{"user", "secret", "home", "now"}, other{"user", "other", "home", "now"};
  const auto request = allocate_request(sample_id, &who);
  ASSERT_EQ(message_bytes(request), request.size());
  const auto sum = request.size() - 24;
  EXPECT_EQ(
      bytes(request.begin() + static_cast<long>(sum), request.begin() + static_cast<long>(sum) + 4),
      (bytes{0x00, 0x08, 0x00, 0x14}));
  const auto differs = allocate_request(sample_id, &other);
  EXPECT_TRUE(
      std::equal(request.begin(), request.begin() + static_cast<long>(sum), differs.begin()));
  EXPECT_NE(request, differs);
  EXPECT_EQ(release_request(sample_id, who)[1], 0x04);
}

TEST(doctor_stun, reads_the_ipv4_answer_of_rfc_5769) {
  const auto answer = parse_answer(ipv4_response(), sample_id);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->success);
  EXPECT_EQ(answer->mapped, "192.0.2.1:32853");
}

TEST(doctor_stun, reads_the_ipv6_answer_of_rfc_5769) {
  const auto answer = parse_answer(ipv6_response(), sample_id);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->mapped, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

TEST(doctor_stun, reads_a_refusal_with_realm_and_nonce) {
  const auto answer = parse_answer(refusal(sample_id), sample_id);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->success);
  EXPECT_EQ(answer->error, 401);
  EXPECT_EQ(answer->realm, "home");
  EXPECT_EQ(answer->nonce, "now");
  EXPECT_EQ(answer->reason, "n");
}

TEST(doctor_stun, takes_no_answer_to_another_request) {
  auto other = sample_id;
  other[11] ^= 1;
  EXPECT_FALSE(parse_answer(ipv4_response(), other));
}

TEST(doctor_stun, takes_no_request_for_an_answer) {
  EXPECT_FALSE(parse_answer(binding_request(sample_id), sample_id));
}

TEST(doctor_stun, every_changed_byte_breaks_the_fingerprint) {
  for (std::size_t i = 0; i < ipv4_response().size(); ++i) {
    auto changed = ipv4_response();
    changed[i] ^= 0x10;
    const auto answer = parse_answer(changed, sample_id);
    // The type of the fingerprint attribute itself may be hit: then there is none to check.
    EXPECT_TRUE(!answer || i == 72 || i == 73) << i;
  }
}

TEST(doctor_stun, every_shorter_answer_is_refused) {
  const auto whole = ipv6_response();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_answer(std::span{whole}.first(size), sample_id)) << size;
}

TEST(doctor_stun, attributes_that_reach_past_the_end_are_refused) {
  auto lying = refusal(sample_id);
  lying[lying.size() - 6] = 0x40; // the length of the last attribute
  EXPECT_FALSE(parse_answer(lying, sample_id));
}

TEST(doctor_stun, reads_addresses_of_servers) {
  address out;
  ASSERT_TRUE(parse_url("stun:stun.example", out));
  EXPECT_EQ(out.host, "stun.example");
  EXPECT_EQ(out.port, 3478);
  EXPECT_FALSE(out.relay);
  ASSERT_TRUE(parse_url("turn:192.0.2.1:5000?transport=tcp", out));
  EXPECT_EQ(out.port, 5000);
  EXPECT_TRUE(out.relay);
  EXPECT_EQ(out.by, transport::tcp);
  ASSERT_TRUE(parse_url("turns:[::1]", out));
  EXPECT_EQ(out.host, "::1");
  EXPECT_EQ(out.port, 5349);
  EXPECT_EQ(out.by, transport::tls);
}

TEST(doctor_stun, refuses_what_is_no_address_of_a_server) {
  address out;
  for (const auto* text :
       {"", "stun", "stun:", "http://a", "stun:a:0", "stun:a:99999", "stun:a:b",
        "stun:a?transport=udp", "turn:a?transport=sctp", "turn://a", "turn:[::1"})
    EXPECT_FALSE(parse_url(text, out)) << text;
}

} // namespace
} // namespace strowger::cli::stun
