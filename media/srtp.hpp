// SRTP and SRTCP of one transport (RFC 3711, RFC 7714) with keys from DTLS (RFC 5764), over
// OpenSSL's ciphers; docs/decisions has why not libsrtp2. Not thread-safe; no allocation per
// packet, one per new SSRC.
#pragma once

#include "media/bytes.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string_view>

namespace strowger::media {

enum class srtp_profile : std::uint16_t { // as in use_srtp
  aes128_cm_sha1_80 = 0x0001,
  aead_aes_128_gcm = 0x0007,
  aead_aes_256_gcm = 0x0008,
};
std::string_view name_of(srtp_profile which);
std::size_t key_bytes(srtp_profile which);  // of one direction
std::size_t salt_bytes(srtp_profile which); //

struct srtp_key { // of one direction: key, then salt
  std::array<std::uint8_t, 32 + 14> bytes{};
  std::size_t size = 0;
};

inline constexpr std::size_t srtp_trailer_bytes_max = 16 + 4 + 4; // tag, SRTCP index

class srtp_session {
public:
  enum class state : std::uint8_t { ok, replayed, bad, failed }; // bad: the tag is wrong

  static std::optional<srtp_session> make(srtp_profile, const srtp_key& from_peer,
                                          const srtp_key& to_peer);
  srtp_session(srtp_session&&) noexcept;
  srtp_session& operator=(srtp_session&&) noexcept;
  ~srtp_session();

  // In place; `size` becomes the plain size. Only packets that parse as RTP or RTCP.
  state unprotect_rtp(std::uint8_t* packet, std::size_t& size);
  state unprotect_rtcp(std::uint8_t* packet, std::size_t& size);
  // In place; there is room for srtp_trailer_bytes_max more.
  state protect_rtp(std::uint8_t* packet, std::size_t& size);
  state protect_rtcp(std::uint8_t* packet, std::size_t& size);
  // Where the memory lies that the next RTP packet needs, so that it can be fetched ahead: of the
  // keys, of the SSRCs.
  struct memory {
    const void* keys = nullptr;
    std::size_t key_lines = 0; // of 64 bytes
    const void* sources = nullptr;
  };
  memory inbound() const;
  memory outbound() const;

  void forget_inbound(std::uint32_t ssrc);
  void forget_outbound(std::uint32_t ssrc); // a consumer is gone; its SSRC is never used again

private:
  srtp_session() = default;
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::media
