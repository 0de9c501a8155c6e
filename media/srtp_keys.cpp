#include "media/srtp_keys.hpp"

#include <atomic>
#include <cstring>

namespace strowger::media {
namespace {

using block = std::array<std::uint8_t, 64>;

// RFC 3711, section 4.3.3: AES in counter mode over the label and the master salt.
bool derive(srtp_profile which, const srtp_key& master, std::uint8_t label, room out) {
  std::array<std::uint8_t, 16> iv{};
  std::memcpy(iv.data(), &master.bytes[key_bytes(which)], salt_bytes(which));
  iv[7] ^= label;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  const auto* cipher = key_bytes(which) == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  int size = 0;
  std::memset(out.data(), 0, out.size());
  return context &&
         EVP_EncryptInit_ex(context.get(), cipher, nullptr, master.bytes.data(), iv.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(),
                           static_cast<int>(out.size())) == 1;
}

const EVP_CIPHER* cipher_of(srtp_profile which) {
  switch (which) {
  case srtp_profile::aead_aes_128_gcm:
    return EVP_aes_128_gcm();
  case srtp_profile::aead_aes_256_gcm:
    return EVP_aes_256_gcm();
  case srtp_profile::aes128_cm_sha1_80:
    break;
  }
  return EVP_aes_128_ctr();
}

std::atomic<bool> no_instructions{false};

} // namespace

void srtp_cipher::without_instructions(bool on) { no_instructions = on; }

bool srtp_cipher::make_context(srtp_profile which, const std::uint8_t* key, bool encrypts) {
  if (aes_instructions::available() && !no_instructions) {
    own_.key({key, key_bytes(which)});
    return true;
  }
  context_.reset(EVP_CIPHER_CTX_new());
  return context_ &&
         EVP_CipherInit_ex(context_.get(), cipher_of(which), nullptr, key, nullptr, encrypts) == 1;
}

bool srtp_cipher::make(srtp_profile which, const srtp_key& master, std::uint8_t first_label,
                       bool encrypts) {
  aead_ = which != srtp_profile::aes128_cm_sha1_80;
  std::array<std::uint8_t, 32> key{};
  std::array<std::uint8_t, 20> authentication{};
  const auto label = [&](int which_key) {
    return static_cast<std::uint8_t>(first_label + which_key);
  };
  if (!derive(which, master, label(0), room{key}.first(key_bytes(which))) ||
      !derive(which, master, label(1), authentication) ||
      !derive(which, master, label(2), room{salt_}.first(salt_bytes(which))))
    return false;
  block padded{};
  std::memcpy(padded.data(), authentication.data(), authentication.size());
  for (auto& byte : padded) byte ^= 0x36;
  SHA1_Init(&inner_);
  SHA1_Update(&inner_, padded.data(), padded.size());
  for (auto& byte : padded) byte ^= 0x36 ^ 0x5C;
  SHA1_Init(&outer_);
  SHA1_Update(&outer_, padded.data(), padded.size());
  const bool made = make_context(which, key.data(), encrypts);
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(authentication.data(), authentication.size());
  OPENSSL_cleanse(padded.data(), padded.size());
  return made;
}

void srtp_cipher::counter(const std::uint8_t* iv, room content) {
  if (!context_) return own_.counter(iv, content);
  int size = 0;
  EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv, -1);
  EVP_CipherUpdate(context_.get(), content.data(), &size, content.data(),
                   static_cast<int>(content.size()));
}

void srtp_cipher::tag(bytes first, bytes second, std::uint8_t* out) const {
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
  auto state = inner_;
  SHA1_Update(&state, first.data(), first.size());
  SHA1_Update(&state, second.data(), second.size());
  SHA1_Final(digest.data(), &state);
  state = outer_;
  SHA1_Update(&state, digest.data(), digest.size());
  SHA1_Final(digest.data(), &state);
  std::memcpy(out, digest.data(), 10);
}

bool srtp_cipher::seal(const std::uint8_t* iv, bytes first, bytes second, room content,
                       std::uint8_t* tag) {
  auto* c = context_.get();
  if (!c) return own_.seal(iv, first, second, content, tag), true;
  int size = 0;
  bool done = EVP_CipherInit_ex(c, nullptr, nullptr, nullptr, iv, -1) == 1 &&
              EVP_CipherUpdate(c, nullptr, &size, first.data(), static_cast<int>(first.size()));
  if (!second.empty())
    done =
        done && EVP_CipherUpdate(c, nullptr, &size, second.data(), static_cast<int>(second.size()));
  return done &&
         EVP_CipherUpdate(c, content.data(), &size, content.data(),
                          static_cast<int>(content.size())) == 1 &&
         EVP_CipherFinal_ex(c, tag, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1;
}

bool srtp_cipher::open(const std::uint8_t* iv, bytes first, bytes second, room content,
                       std::uint8_t* tag) {
  auto* c = context_.get();
  if (!c) return own_.open(iv, first, second, content, tag);
  int size = 0;
  std::uint8_t none = 0;
  bool done = EVP_CipherInit_ex(c, nullptr, nullptr, nullptr, iv, -1) == 1 &&
              EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
              EVP_CipherUpdate(c, nullptr, &size, first.data(), static_cast<int>(first.size()));
  if (!second.empty())
    done =
        done && EVP_CipherUpdate(c, nullptr, &size, second.data(), static_cast<int>(second.size()));
  return done &&
         EVP_CipherUpdate(c, content.data(), &size, content.data(),
                          static_cast<int>(content.size())) == 1 &&
         EVP_CipherFinal_ex(c, &none, &size) == 1;
}

} // namespace strowger::media
