#include "media/srtp.hpp"

#include <cstring>
#include <srtp2/srtp.h>

namespace strowger::media {
namespace {

bool library_ready() {
  static const bool ready = srtp_init() == srtp_err_status_ok;
  return ready;
}

srtp_profile_t of(srtp_profile which) {
  switch (which) {
  case srtp_profile::aead_aes_128_gcm:
    return srtp_profile_aead_aes_128_gcm;
  case srtp_profile::aead_aes_256_gcm:
    return srtp_profile_aead_aes_256_gcm;
  case srtp_profile::aes128_cm_sha1_80:
    break;
  }
  return srtp_profile_aes128_cm_sha1_80;
}

srtp_t create(srtp_profile which, const srtp_key& key, srtp_ssrc_type_t direction) {
  srtp_policy_t policy;
  std::memset(&policy, 0, sizeof policy);
  if (srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, of(which)) != srtp_err_status_ok ||
      srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, of(which)) != srtp_err_status_ok)
    return nullptr;
  auto copy = key.bytes;
  policy.ssrc.type = direction;
  policy.key = copy.data();
  policy.window_size = 1024; // late packets of video, and answers to NACK
  policy.allow_repeat_tx = 0;
  srtp_t out = nullptr;
  if (srtp_create(&out, &policy) != srtp_err_status_ok) return nullptr;
  return out;
}

srtp_session::state said(srtp_err_status_t status) {
  switch (status) {
  case srtp_err_status_ok:
    return srtp_session::state::ok;
  case srtp_err_status_replay_fail:
  case srtp_err_status_replay_old:
    return srtp_session::state::replayed;
  case srtp_err_status_auth_fail:
    return srtp_session::state::bad;
  default:
    return srtp_session::state::failed;
  }
}

} // namespace

std::string_view name_of(srtp_profile which) {
  switch (which) {
  case srtp_profile::aead_aes_128_gcm:
    return "AEAD_AES_128_GCM";
  case srtp_profile::aead_aes_256_gcm:
    return "AEAD_AES_256_GCM";
  case srtp_profile::aes128_cm_sha1_80:
    break;
  }
  return "AES128_CM_SHA1_80";
}

std::size_t key_bytes(srtp_profile which) {
  return which == srtp_profile::aead_aes_256_gcm ? 32 : 16;
}
std::size_t salt_bytes(srtp_profile which) {
  return which == srtp_profile::aes128_cm_sha1_80 ? 14 : 12;
}

struct srtp_session::parts {
  srtp_t in = nullptr, out = nullptr;
  parts() = default;
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;
  ~parts() {
    if (in) srtp_dealloc(in);
    if (out) srtp_dealloc(out);
  }
};

srtp_session::srtp_session(srtp_session&&) noexcept = default;
srtp_session& srtp_session::operator=(srtp_session&&) noexcept = default;
srtp_session::~srtp_session() = default;

std::optional<srtp_session> srtp_session::make(srtp_profile which, const srtp_key& from_peer,
                                               const srtp_key& to_peer) {
  if (!library_ready()) return std::nullopt;
  srtp_session out;
  out.parts_ = std::make_unique<parts>();
  out.parts_->in = create(which, from_peer, ssrc_any_inbound);
  out.parts_->out = create(which, to_peer, ssrc_any_outbound);
  if (!out.parts_->in || !out.parts_->out) return std::nullopt;
  return out;
}

bool srtp_available(srtp_profile which) {
  srtp_key key;
  key.size = key_bytes(which) + salt_bytes(which);
  return srtp_session::make(which, key, key).has_value();
}

srtp_session::state srtp_session::unprotect_rtp(std::uint8_t* packet, std::size_t& size) {
  int length = static_cast<int>(size);
  const auto out = said(srtp_unprotect(parts_->in, packet, &length));
  size = static_cast<std::size_t>(length);
  return out;
}
srtp_session::state srtp_session::unprotect_rtcp(std::uint8_t* packet, std::size_t& size) {
  int length = static_cast<int>(size);
  const auto out = said(srtp_unprotect_rtcp(parts_->in, packet, &length));
  size = static_cast<std::size_t>(length);
  return out;
}
srtp_session::state srtp_session::protect_rtp(std::uint8_t* packet, std::size_t& size) {
  int length = static_cast<int>(size);
  const auto out = said(srtp_protect(parts_->out, packet, &length));
  size = static_cast<std::size_t>(length);
  return out;
}
srtp_session::state srtp_session::protect_rtcp(std::uint8_t* packet, std::size_t& size) {
  int length = static_cast<int>(size);
  const auto out = said(srtp_protect_rtcp(parts_->out, packet, &length));
  size = static_cast<std::size_t>(length);
  return out;
}
void srtp_session::forget_inbound(std::uint32_t ssrc) { srtp_remove_stream(parts_->in, ssrc); }
void srtp_session::forget_outbound(std::uint32_t ssrc) { srtp_remove_stream(parts_->out, ssrc); }

} // namespace strowger::media
