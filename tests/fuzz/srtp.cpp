// SRTP and SRTCP from a stranger: nothing is ever taken for authentic.
#include "media/srtp.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <vector>

namespace strowger::fuzz {

void one(bytes in) {
  using media::srtp_profile;
  for (const auto which : {srtp_profile::aead_aes_128_gcm, srtp_profile::aes128_cm_sha1_80}) {
    static const media::srtp_key key{{1, 2, 3}, 30};
    static auto gcm = *media::srtp_session::make(srtp_profile::aead_aes_128_gcm, key, key);
    static auto cm = *media::srtp_session::make(srtp_profile::aes128_cm_sha1_80, key, key);
    auto& session = which == srtp_profile::aead_aes_128_gcm ? gcm : cm;
    for (const bool control : {false, true}) {
      std::vector<std::uint8_t> copy(in.begin(), in.end());
      auto size = copy.size();
      const auto said = control ? session.unprotect_rtcp(copy.data(), size)
                                : session.unprotect_rtp(copy.data(), size);
      check(said != media::srtp_session::state::ok, "a stranger's packet is not authentic");
      check(size == in.size(), "its size stays");
    }
  }
}

} // namespace strowger::fuzz
