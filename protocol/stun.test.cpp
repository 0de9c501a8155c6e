#include "protocol/stun.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strowger::stun {
namespace {

using buffer = std::vector<std::uint8_t>;

// RFC 5769, section 2.1.
const buffer request{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

TEST(stun_codec, reads_the_request_of_rfc_5769) {
  message in;
  ASSERT_TRUE(parse(request, in));
  EXPECT_EQ(in.type, type::request);
  EXPECT_TRUE(in.fingerprinted);
  ASSERT_TRUE(in.username);
  EXPECT_EQ(std::string(in.username->begin(), in.username->end()), "evtj:h6vY");
  EXPECT_EQ(in.priority, 0x6e0001ffU);
  EXPECT_EQ(in.controlled, 0x932ff9b151263b36U);
  EXPECT_FALSE(in.controlling);
  ASSERT_TRUE(in.integrity);
  EXPECT_EQ(in.integrity_at, 76U);
  EXPECT_EQ(in.required_count, 1U) << "PRIORITY is no word of STUN itself";
}

TEST(stun_codec, says_over_which_bytes_integrity_was_computed) {
  message in;
  ASSERT_TRUE(parse(request, in));
  const auto parts = signed_by(request, in);
  EXPECT_EQ(parts.head[3], 76 - 20 + 24) << "up to and with MESSAGE-INTEGRITY";
  EXPECT_EQ(parts.rest.size(), 56U);
}

TEST(stun_codec, what_follows_integrity_is_not_read) {
  writer to{type::request, bytes{request}.subspan(8, 12)};
  const std::array<std::uint8_t, 20> any{};
  to.put_integrity(any);
  to.put(attribute::use_candidate, {});
  message in;
  ASSERT_TRUE(parse(to.finish(), in));
  EXPECT_FALSE(in.use_candidate);
}

TEST(stun_codec, reads_back_what_it_writes) {
  writer to{type::success, bytes{request}.subspan(8, 12)};
  address from;
  from.v6 = true;
  from.port = 5;
  from.bytes = {0x20, 1, 2, 3, 4, 5};
  to.put_xor_address(from);
  to.put_error(487, "Role Conflict");
  to.put64(attribute::ice_controlling, 9);
  to.put_fingerprint();
  message in;
  ASSERT_TRUE(parse(to.finish(), in));
  EXPECT_TRUE(to.fits());
  EXPECT_EQ(in.mapped, from);
  EXPECT_EQ(in.error, 487);
  EXPECT_EQ(in.controlling, 9U);
}

TEST(stun_codec, a_message_that_does_not_fit_says_so) {
  writer to{type::request, bytes{request}.subspan(8, 12)};
  const buffer large(700);
  to.put(attribute::username, large);
  EXPECT_FALSE(to.fits());
}

TEST(stun_codec, every_flipped_bit_is_noticed) {
  for (std::size_t bit = 0; bit < request.size() * 8; ++bit) {
    auto changed = request;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    message in;
    EXPECT_FALSE(parse(changed, in) && in.fingerprinted) << bit;
  }
}

TEST(stun_codec, sizes_of_known_attributes_are_checked) {
  for (const auto name : {attribute::priority, attribute::ice_controlled,
                          attribute::message_integrity, attribute::xor_mapped_address}) {
    writer to{type::request, bytes{request}.subspan(8, 12)};
    const std::array<std::uint8_t, 2> few{};
    to.put(name, few);
    message in;
    EXPECT_FALSE(parse(to.finish(), in)) << name;
  }
}

} // namespace
} // namespace strowger::stun
