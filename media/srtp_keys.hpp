// For the .cpp files of this folder only: the ciphers of one SRTP direction, keyed once.
#pragma once

#include "media/aes_instructions.hpp"
#include "media/srtp.hpp"

#include <memory>

#define OPENSSL_SUPPRESS_DEPRECATED // SHA_CTX: its state can be copied without allocation
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace strowger::media {

// RTP and RTCP have keys of their own, derived from the same master key. By the processor's own
// instructions where it has them, else by OpenSSL.
class srtp_cipher {
public:
  // `first_label`: 0 for RTP, 3 for RTCP (RFC 3711, section 4.3). False: OpenSSL refused.
  bool make(srtp_profile which, const srtp_key& master, std::uint8_t first_label, bool encrypts);

  bool aead() const { return aead_; }
  std::size_t tag_bytes() const { return aead_ ? 16 : 10; }

  // AES-CM and HMAC-SHA1: `iv` is 16 bytes.
  void counter(const std::uint8_t* iv, room content);
  void tag(bytes first, bytes second, std::uint8_t* out) const; // 10 bytes
  // AES-GCM: `iv` is 12 bytes. In place; the tag stands behind the content.
  bool seal(const std::uint8_t* iv, bytes first, bytes second, room content, std::uint8_t* tag);
  bool open(const std::uint8_t* iv, bytes first, bytes second, room content, std::uint8_t* tag);

  const std::array<std::uint8_t, 14>& salt() const { return salt_; }
  static void without_instructions(bool on); // test only: whoever is keyed from now on

  srtp_cipher() = default;
  srtp_cipher(const srtp_cipher&) = delete;
  srtp_cipher& operator=(const srtp_cipher&) = delete;
  ~srtp_cipher() { own_.forget(); }

private:
  bool make_context(srtp_profile which, const std::uint8_t* key, bool encrypts);
  struct free_context {
    void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
  };
  // In the order of use, see srtp_session::memory.
  std::unique_ptr<EVP_CIPHER_CTX, free_context> context_; // null: own_
  std::array<std::uint8_t, 14> salt_{};
  bool aead_ = false;
  aes_instructions own_;
  SHA_CTX inner_{}, outer_{}; // after the padded key
};

} // namespace strowger::media
