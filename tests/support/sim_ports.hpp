// Test only: the ports of the runtime as cheap, deterministic doubles. Not secure, on purpose.
#pragma once

#include "actors/runtime/ports.hpp"
#include "storage/vault.hpp"

#include <array>
#include <bit>
#include <stdexcept>

namespace strowger::sim {

// 128 bits of the parts. Good enough to never meet twice in a test.
inline std::array<std::uint64_t, 2> digest_words(std::initializer_list<std::string_view> parts) {
  std::array<std::uint64_t, 2> h{0xcbf29ce484222325ull, 0x9ae16a3b2f90404full};
  const auto eat = [&](std::uint64_t c) {
    h[0] = (h[0] ^ c) * 0x100000001b3ull;
    h[1] = (h[1] + c) * 0x9e3779b97f4a7c15ull;
    h[1] ^= h[1] >> 31;
  };
  for (const auto part : parts) {
    eat(part.size() + 256);
    for (const unsigned char c : part) eat(c);
  }
  for (auto& value : h) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
    value ^= value >> 27;
  }
  return h;
}

// The same, as 32 hex digits.
inline std::string digest_of(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (auto value : digest_words(parts))
    for (int i = 0; i < 16; ++i, value >>= 4) out.push_back("0123456789abcdef"[value & 15]);
  return out;
}

class sim_ids : public runtime::id_source {
public:
  std::string digest(std::initializer_list<std::string_view> parts) override {
    return digest_of(parts);
  }
  std::string random() override { return digest_of({"random", std::to_string(++drawn_)}); }

private:
  std::uint64_t drawn_ = 0; // outlives a crash: unguessable ids do not repeat either
};

class sim_passwords : public runtime::password_port {
public:
  std::string hash(std::string_view password) override {
    return std::string{"hash of "}.append(password);
  }
  bool verify(std::string_view hash, std::string_view password) override {
    return !hash.empty() && hash == std::string{"hash of "}.append(password);
  }
};

// Hides plain text behind a key stream of its owner and notices when it is moved or changed.
class sim_vault : public storage::vault {
public:
  storage::sealed seal(const tenant_id& t, const subject_id& s, std::string_view plain) override {
    storage::sealed out{digest_of({std::to_string(++nonces_)}).substr(0, 24), std::string{plain}};
    hide(t, s, out.nonce, out.ciphertext);
    const auto seal_tag = tag(t, s, out.nonce, plain);
    out.ciphertext.append(seal_tag.data(), seal_tag.size());
    return out;
  }
  std::optional<std::string> open(const tenant_id& t, const subject_id& s,
                                  const storage::sealed& in) override {
    if (in.ciphertext.size() < tag_size) throw std::runtime_error{"sealed value too short"};
    auto plain = in.ciphertext.substr(0, in.ciphertext.size() - tag_size);
    hide(t, s, in.nonce, plain);
    const auto expected = tag(t, s, in.nonce, plain);
    if (in.ciphertext.compare(plain.size(), tag_size, expected.data(), tag_size) != 0)
      throw std::runtime_error{"sealed value of somebody else"};
    return plain;
  }

private:
  static constexpr std::size_t tag_size = 16;

  static void hide(const tenant_id& t, const subject_id& s, std::string_view nonce,
                   std::string& text) {
    auto key = digest_words({t.value, s.value, nonce});
    for (std::size_t i = 0; i < text.size(); ++i) {
      text[i] = static_cast<char>(static_cast<std::uint64_t>(text[i]) ^ key[0]);
      key[0] = (key[0] >> 8 | key[0] << 56) + key[1];
    }
  }
  static std::array<char, tag_size> tag(const tenant_id& t, const subject_id& s,
                                        std::string_view nonce, std::string_view plain) {
    return std::bit_cast<std::array<char, tag_size>>(
        digest_words({t.value, s.value, nonce, plain}));
  }
  std::uint64_t nonces_ = 0;
};

} // namespace strowger::sim
