// Our SRTP against libsrtp2, which is the other side here.
#include "media/srtp.hpp"

#include "media/replay_window.hpp"
#include "media/rtcp.hpp"
#include "media/srtp_keys.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <srtp2/srtp.h>
#include <vector>

namespace strowger::media {
namespace {

using buffer = std::vector<std::uint8_t>;
using state = srtp_session::state;

class libsrtp {
public:
  libsrtp(srtp_profile which, srtp_key in, srtp_key out) {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    EXPECT_TRUE(ready);
    in_ = make(which, in, ssrc_any_inbound);
    out_ = make(which, out, ssrc_any_outbound);
  }
  ~libsrtp() {
    srtp_dealloc(in_);
    srtp_dealloc(out_);
  }
  bool unprotect(buffer& packet) { return call(srtp_unprotect, in_, packet); }
  bool unprotect_rtcp(buffer& packet) { return call(srtp_unprotect_rtcp, in_, packet); }
  bool protect(buffer& packet) { return call(srtp_protect, out_, packet); }
  bool protect_rtcp(buffer& packet) { return call(srtp_protect_rtcp, out_, packet); }

private:
  static srtp_t make(srtp_profile which, srtp_key& key, srtp_ssrc_type_t direction) {
    srtp_policy_t policy;
    std::memset(&policy, 0, sizeof policy);
    const auto profile = static_cast<srtp_profile_t>(which); // the same numbers
    srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile);
    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile);
    policy.ssrc.type = direction;
    policy.key = key.bytes.data();
    policy.window_size = 1024;
    srtp_t out = nullptr;
    EXPECT_EQ(srtp_create(&out, &policy), srtp_err_status_ok);
    return out;
  }
  template <class F> static bool call(F how, srtp_t with, buffer& packet) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    const bool done = how(with, packet.data(), &size) == srtp_err_status_ok;
    packet.resize(static_cast<std::size_t>(size));
    return done;
  }
  srtp_t in_, out_;
};

srtp_key some_key(srtp_profile which, std::uint8_t first) {
  srtp_key out;
  out.size = key_bytes(which) + salt_bytes(which);
  for (std::size_t i = 0; i < out.size; ++i)
    out.bytes[i] = static_cast<std::uint8_t>(first + 7 * i);
  return out;
}

buffer packet(std::uint16_t sequence, std::size_t payload = 160) {
  buffer out{0x91, 111, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 0xBE, 0xDE, 0, 1, 0x10, 5, 0, 0};
  write16(&out[2], sequence);
  out.resize(out.size() + payload, 0x5A);
  return out;
}

struct way_to_do_it {
  srtp_profile profile;
  bool instructions; // the processor's own, or OpenSSL
};
class srtp : public ::testing::TestWithParam<way_to_do_it> {
protected:
  using step = state (srtp_session::*)(std::uint8_t*, std::size_t&);
  bool ours_do(step what, buffer& in) {
    auto size = in.size();
    in.resize(size + srtp_trailer_bytes_max);
    const bool done = (ours.*what)(in.data(), size) == state::ok;
    in.resize(size);
    return done;
  }
  srtp_session made() {
    srtp_cipher::without_instructions(!GetParam().instructions);
    auto out = srtp_session::make(profile, to_us, from_us);
    srtp_cipher::without_instructions(false);
    return std::move(*out);
  }
  const srtp_profile profile = GetParam().profile;
  const srtp_key to_us = some_key(profile, 1), from_us = some_key(profile, 99);
  srtp_session ours = made();
  libsrtp theirs{profile, from_us, to_us};
};

TEST_P(srtp, what_we_protect_libsrtp_reads_across_wraps) {
  for (std::uint32_t i = 65'000; i < 65'000 + 3 * 65'536U; i += 97) {
    auto sent = packet(static_cast<std::uint16_t>(i), i % 300);
    const auto plain = sent;
    ASSERT_TRUE(ours_do(&srtp_session::protect_rtp, sent)) << i;
    ASSERT_NE(sent, plain);
    ASSERT_TRUE(theirs.unprotect(sent)) << i;
    ASSERT_EQ(sent, plain) << i;
  }
}

TEST_P(srtp, what_libsrtp_protects_we_read_across_wraps_and_out_of_order) {
  for (std::uint32_t i = 65'000; i < 65'000 + 3 * 65'536U; i += 98) {
    auto first = packet(static_cast<std::uint16_t>(i)),
         second = packet(static_cast<std::uint16_t>(i + 7));
    const auto plain = first;
    ASSERT_TRUE(theirs.protect(first) && theirs.protect(second)) << i;
    ASSERT_TRUE(ours_do(&srtp_session::unprotect_rtp, second)) << i;
    ASSERT_TRUE(ours_do(&srtp_session::unprotect_rtp, first)) << i;
    ASSERT_EQ(first, plain) << i;
  }
}

TEST_P(srtp, control_packets_pass_both_ways) {
  buffer plain(100);
  rtcp::writer to{plain};
  to.sender_report({0x01020304, 5, 6, 7, 8});
  to.source(0x01020304, "somebody");
  plain.resize(to.size());
  for (int i = 0; i < 5; ++i) {
    auto sent = plain;
    ASSERT_TRUE(ours_do(&srtp_session::protect_rtcp, sent));
    ASSERT_TRUE(theirs.unprotect_rtcp(sent));
    EXPECT_EQ(sent, plain);
    ASSERT_TRUE(theirs.protect_rtcp(sent));
    auto again = sent;
    ASSERT_TRUE(ours_do(&srtp_session::unprotect_rtcp, sent));
    EXPECT_EQ(sent, plain);
    EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtcp, again)) << "a replay";
  }
}

TEST_P(srtp, a_changed_bit_anywhere_is_refused_and_nothing_is_learned_of_it) {
  auto sent = packet(7, 20);
  ASSERT_TRUE(theirs.protect(sent));
  for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
    auto changed = sent;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtp, changed)) << bit;
  }
  auto again = sent;
  EXPECT_TRUE(ours_do(&srtp_session::unprotect_rtp, again)) << "the real one is still fresh";
  EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtp, sent)) << "once";
}

TEST_P(srtp, a_changed_bit_in_control_is_refused) {
  buffer sent(8 + 24);
  rtcp::writer to{sent};
  to.receiver_report(1, {});
  to.pli(1, 2);
  sent.resize(to.size());
  ASSERT_TRUE(theirs.protect_rtcp(sent));
  for (std::size_t bit = 0; bit < sent.size() * 8; ++bit) {
    auto changed = sent;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtcp, changed)) << bit;
  }
  EXPECT_TRUE(ours_do(&srtp_session::unprotect_rtcp, sent));
}

TEST_P(srtp, every_cut_is_refused) {
  auto sent = packet(7, 4);
  ASSERT_TRUE(theirs.protect(sent));
  for (std::size_t size = 0; size < sent.size(); ++size) {
    buffer cut(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(size));
    auto control = cut;
    EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtp, cut)) << size;
    EXPECT_FALSE(ours_do(&srtp_session::unprotect_rtcp, control)) << size;
  }
}

TEST_P(srtp, the_same_number_is_never_encrypted_twice) {
  auto one = packet(9), two = packet(9, 80);
  EXPECT_TRUE(ours_do(&srtp_session::protect_rtp, one));
  EXPECT_FALSE(ours_do(&srtp_session::protect_rtp, two));
}

std::vector<way_to_do_it> ways() {
  std::vector<way_to_do_it> out;
  for (const auto which : {srtp_profile::aead_aes_128_gcm, srtp_profile::aead_aes_256_gcm,
                           srtp_profile::aes128_cm_sha1_80})
    for (const bool instructions : {true, false})
      if (!instructions || aes_instructions::available()) out.push_back({which, instructions});
  return out;
}

INSTANTIATE_TEST_SUITE_P(all, srtp, ::testing::ValuesIn(ways()), [](const auto& info) {
  return std::string{name_of(info.param.profile)} +
         (info.param.instructions ? "_by_instructions" : "_by_openssl");
});

TEST(replay_window, knows_what_it_saw_and_forgets_what_is_old) {
  replay_window seen;
  EXPECT_TRUE(seen.fresh(5));
  seen.saw(5000);
  EXPECT_FALSE(seen.fresh(5000));
  EXPECT_TRUE(seen.fresh(4999));
  EXPECT_TRUE(seen.fresh(5000 - 1023));
  EXPECT_FALSE(seen.fresh(5000 - 1024));
  seen.saw(4999);
  EXPECT_FALSE(seen.fresh(4999));
  seen.saw(5000 + 1024);
  EXPECT_TRUE(seen.fresh(5000 + 1023));
  EXPECT_FALSE(seen.fresh(5000));
}

} // namespace
} // namespace strowger::media
