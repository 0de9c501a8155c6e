#include "media/ice.hpp"

#include "core/limits.hpp"
#include "media/dtls.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strowger::media {
namespace {

// RFC 5769, section 2.1, whose password is below.
const std::vector<std::uint8_t> request{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

TEST(ice, the_integrity_of_rfc_5769_holds) {
  stun::message in;
  ASSERT_TRUE(stun::parse(request, in));
  EXPECT_TRUE(integrity_holds(request, in, "VOkJxbRl1RmTxUk/WvJxBt"));
  EXPECT_FALSE(integrity_holds(request, in, "VOkJxbRl1RmTxUk/WvJxBu"));
}

TEST(ice, words_are_long_random_and_of_the_right_letters) {
  const ice_agent one, two;
  EXPECT_EQ(one.ufrag().size(), ice_ufrag_chars);
  EXPECT_EQ(one.password().size(), ice_password_chars);
  EXPECT_NE(one.ufrag(), two.ufrag());
  EXPECT_NE(one.password(), two.password());
}

TEST(datagrams, are_told_apart_by_their_first_bytes) {
  const auto kind = [](std::uint8_t first, std::uint8_t second) {
    const std::uint8_t in[]{first, second};
    return kind_of(in);
  };
  EXPECT_EQ(kind(0, 1), datagram_kind::stun);
  EXPECT_EQ(kind(1, 1), datagram_kind::stun);
  EXPECT_EQ(kind(2, 1), datagram_kind::unknown);
  EXPECT_EQ(kind(22, 254), datagram_kind::dtls);
  EXPECT_EQ(kind(64, 0), datagram_kind::unknown) << "TURN channels";
  EXPECT_EQ(kind(128, 111), datagram_kind::rtp);
  EXPECT_EQ(kind(144, 239), datagram_kind::rtp);
  EXPECT_EQ(kind(128, 200), datagram_kind::rtcp);
  EXPECT_EQ(kind(192, 0), datagram_kind::unknown);
  EXPECT_EQ(kind_of({}), datagram_kind::unknown);
}

TEST(datagrams, only_whole_dtls_records_reach_openssl) {
  std::vector<std::uint8_t> record{22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 9};
  EXPECT_TRUE(looks_like_dtls(record));
  auto two = record;
  two.insert(two.end(), record.begin(), record.end());
  EXPECT_TRUE(looks_like_dtls(two));
  two.pop_back();
  EXPECT_FALSE(looks_like_dtls(two));
  record[1] = 3;
  EXPECT_FALSE(looks_like_dtls(record)) << "TLS over a stream";
  EXPECT_FALSE(looks_like_dtls({}));
}

TEST(fingerprints, must_be_strong_and_whole) {
  std::string why;
  const auto context = dtls_context::make(why);
  ASSERT_TRUE(context) << why;
  EXPECT_EQ(context->own().algorithm, "sha-256");
  EXPECT_TRUE(strong_fingerprint({context->own()}));
  auto cut = context->own();
  cut.value.pop_back();
  EXPECT_FALSE(strong_fingerprint({cut}));
  auto renamed = context->own();
  renamed.algorithm = "SHA-256";
  EXPECT_TRUE(strong_fingerprint({renamed}));
  renamed.algorithm = "sha-512";
  EXPECT_FALSE(strong_fingerprint({renamed})) << "too short for it";
}

} // namespace
} // namespace strowger::media
