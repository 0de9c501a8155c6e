#include "media/aes_instructions.hpp"

#include <cstring>
#include <openssl/crypto.h>

#if defined(__x86_64__)

#include <immintrin.h>

#define STROWGER_AES __attribute__((target("aes,pclmul,ssse3,sse4.1")))

namespace strowger::media {
namespace {

using vector = __m128i;

STROWGER_AES inline vector load(const std::uint8_t* at) {
  return _mm_loadu_si128(reinterpret_cast<const vector*>(at));
}
STROWGER_AES inline void store(std::uint8_t* at, vector what) {
  _mm_storeu_si128(reinterpret_cast<vector*>(at), what);
}
STROWGER_AES inline vector reversed(vector what) { // the order of bytes
  return _mm_shuffle_epi8(what, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

// Counter blocks: the last four bytes count, in network order.
struct counting {
  vector next; // reversed, so that the lowest lane counts
};

template <int Blocks> STROWGER_AES inline void encrypt(const std::uint8_t* rounds, int count,
                                                       counting& from, vector (&out)[Blocks]) {
  const auto first = load(rounds);
  for (int i = 0; i < Blocks; ++i) {
    out[i] = _mm_xor_si128(reversed(from.next), first);
    from.next = _mm_add_epi32(from.next, _mm_set_epi32(0, 0, 0, 1));
  }
  for (int round = 1; round < count; ++round) {
    const auto key = load(rounds + 16 * round);
    for (int i = 0; i < Blocks; ++i) out[i] = _mm_aesenc_si128(out[i], key);
  }
  const auto last = load(rounds + 16 * count);
  for (int i = 0; i < Blocks; ++i) out[i] = _mm_aesenclast_si128(out[i], last);
}

template <int Blocks> STROWGER_AES inline void mix(const std::uint8_t* rounds, int count,
                                                   counting& from, std::uint8_t* at) {
  vector stream[Blocks];
  encrypt(rounds, count, from, stream);
  for (int i = 0; i < Blocks; ++i) store(at + 16 * i, _mm_xor_si128(load(at + 16 * i), stream[i]));
}

STROWGER_AES void mix_all(const std::uint8_t* rounds, int count, counting from, room content) {
  auto* at = content.data();
  auto left = content.size();
  for (; left >= 128; at += 128, left -= 128) mix<8>(rounds, count, from, at);
  for (; left >= 32; at += 32, left -= 32) mix<2>(rounds, count, from, at);
  while (left > 0) {
    alignas(16) std::array<std::uint8_t, 16> block{};
    const auto size = left < 16 ? left : 16;
    std::memcpy(block.data(), at, size);
    mix<1>(rounds, count, from, block.data());
    std::memcpy(at, block.data(), size);
    at += size;
    left -= size;
  }
}

// GHASH is computed as POLYVAL (RFC 8452, appendix A): its blocks reversed, its key times x.
struct product { // of two polynomials, not reduced
  vector low = _mm_setzero_si128(), high = _mm_setzero_si128();
};
STROWGER_AES inline void add(product& to, vector a, vector b) {
  const auto middle =
      _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10));
  const auto low = _mm_clmulepi64_si128(a, b, 0x00), high = _mm_clmulepi64_si128(a, b, 0x11);
  to.low = _mm_xor_si128(to.low, _mm_xor_si128(low, _mm_slli_si128(middle, 8)));
  to.high = _mm_xor_si128(to.high, _mm_xor_si128(high, _mm_srli_si128(middle, 8)));
}
// Times x^-128, modulo x^128 + x^127 + x^126 + x^121 + 1: the lowest 64 bits go, twice.
STROWGER_AES inline vector reduced(product of) {
  const auto modulus = _mm_set_epi64x(0, static_cast<long long>(0xC200000000000000ULL));
  for (int i = 0; i < 2; ++i)
    of.low =
        _mm_xor_si128(_mm_shuffle_epi32(of.low, 0x4E), _mm_clmulepi64_si128(of.low, modulus, 0x00));
  return _mm_xor_si128(of.high, of.low);
}
STROWGER_AES inline vector times(vector a, vector b) {
  product out;
  add(out, a, b);
  return reduced(out);
}
STROWGER_AES inline vector times_x(vector what) {
  const auto carry = _mm_srli_epi64(what, 63);
  const auto shifted = _mm_or_si128(_mm_slli_epi64(what, 1), _mm_slli_si128(carry, 8));
  const auto over = _mm_srli_si128(carry, 8); // 1 when the highest bit fell out
  const auto all = _mm_sub_epi64(_mm_setzero_si128(), _mm_unpacklo_epi64(over, over));
  return _mm_xor_si128(
      shifted,
      _mm_and_si128(all, _mm_set_epi64x(static_cast<long long>(0xC200000000000000ULL), 1)));
}

STROWGER_AES inline void absorb_block(vector& sum, vector key, vector block) {
  sum = times(_mm_xor_si128(sum, reversed(block)), key);
}

STROWGER_AES void absorb(vector& sum, const std::uint8_t* powers, bytes what) {
  const auto* at = what.data();
  auto left = what.size();
  for (; left >= 64; at += 64, left -= 64) {
    product all;
    add(all, _mm_xor_si128(sum, reversed(load(at))), load(powers));
    for (int i = 1; i < 4; ++i) add(all, reversed(load(at + 16 * i)), load(powers + 16 * i));
    sum = reduced(all);
  }
  const auto key = load(powers + 48);
  for (; left >= 16; at += 16, left -= 16) absorb_block(sum, key, load(at));
  if (left == 0) return;
  alignas(16) std::array<std::uint8_t, 16> block{};
  std::memcpy(block.data(), at, left);
  absorb_block(sum, key, load(block.data()));
}

struct parts { // of one packet
  bytes first, second, content;
};

STROWGER_AES vector tag_of(const std::uint8_t* powers, const parts& of, vector mask) {
  auto sum = _mm_setzero_si128();
  if (of.second.empty()) {
    absorb(sum, powers, of.first);
  } else { // rare and short: SRTCP's index
    std::array<std::uint8_t, 64> both{};
    std::memcpy(both.data(), of.first.data(), of.first.size());
    std::memcpy(both.data() + of.first.size(), of.second.data(), of.second.size());
    absorb(sum, powers, bytes{both}.first(of.first.size() + of.second.size()));
  }
  absorb(sum, powers, of.content);
  const auto bits = static_cast<long long>(8 * (of.first.size() + of.second.size()));
  const auto lengths = _mm_set_epi64x(bits, static_cast<long long>(8 * of.content.size()));
  sum = times(_mm_xor_si128(sum, lengths), load(powers + 48));
  return _mm_xor_si128(reversed(sum), mask);
}

STROWGER_AES counting first_block(const std::uint8_t* iv) {
  std::array<std::uint8_t, 16> block{};
  std::memcpy(block.data(), iv, 12);
  block[15] = 1;
  return {reversed(load(block.data()))};
}

STROWGER_AES std::array<std::uint32_t, 2> substituted(std::uint32_t word) { // and also rotated
  const auto out = _mm_aeskeygenassist_si128(_mm_set1_epi32(static_cast<int>(word)), 0);
  return {static_cast<std::uint32_t>(_mm_extract_epi32(out, 0)),
          static_cast<std::uint32_t>(_mm_extract_epi32(out, 1))};
}

STROWGER_AES void make_powers(const std::uint8_t* rounds, int count, std::uint8_t* out) {
  vector zero[1];
  counting none{_mm_setzero_si128()};
  encrypt(rounds, count, none, zero);
  const auto key = times_x(reversed(zero[0]));
  auto power = key;
  for (int i = 3; i >= 0; --i) {
    store(out + 16 * i, power);
    power = times(power, key);
  }
}

} // namespace

bool aes_instructions::available() {
  static const bool out = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
                          __builtin_cpu_supports("sse4.1");
  return out;
}

// FIPS 197, section 5.2.
void aes_instructions::key(bytes what) {
  const auto words = what.size() / 4;
  count_ = static_cast<int>(words) + 6;
  std::array<std::uint32_t, 60> all{};
  std::memcpy(all.data(), what.data(), what.size());
  std::uint32_t constant = 1;
  for (auto i = words; i < 4 * (static_cast<std::size_t>(count_) + 1); ++i) {
    auto last = all[i - 1];
    if (i % words == 0) {
      last = substituted(last)[1] ^ constant;
      constant = constant << 1 ^ (constant & 0x80 ? 0x11B : 0);
    } else if (words > 6 && i % words == 4) {
      last = substituted(last)[0];
    }
    all[i] = all[i - words] ^ last;
  }
  std::memcpy(rounds_.data(), all.data(), rounds_.size());
  OPENSSL_cleanse(all.data(), sizeof all);
  make_powers(rounds_.data(), count_, powers_.data());
}

STROWGER_AES void aes_instructions::counter(const std::uint8_t* iv, room content) const {
  mix_all(rounds_.data(), count_, {reversed(load(iv))}, content);
}

STROWGER_AES void aes_instructions::seal(const std::uint8_t* iv, bytes first, bytes second,
                                         room content, std::uint8_t* tag) const {
  auto from = first_block(iv);
  vector mask[1];
  encrypt(rounds_.data(), count_, from, mask);
  mix_all(rounds_.data(), count_, from, content);
  store(tag, tag_of(powers_.data(), {first, second, content}, mask[0]));
}

STROWGER_AES bool aes_instructions::open(const std::uint8_t* iv, bytes first, bytes second,
                                         room content, const std::uint8_t* tag) const {
  auto from = first_block(iv);
  vector mask[1];
  encrypt(rounds_.data(), count_, from, mask);
  std::array<std::uint8_t, 16> wanted;
  store(wanted.data(), tag_of(powers_.data(), {first, second, content}, mask[0]));
  if (CRYPTO_memcmp(wanted.data(), tag, wanted.size()) != 0) return false;
  mix_all(rounds_.data(), count_, from, content);
  return true;
}

} // namespace strowger::media

#else

namespace strowger::media {

bool aes_instructions::available() { return false; }
void aes_instructions::key(bytes) {}
void aes_instructions::counter(const std::uint8_t*, room) const {}
void aes_instructions::seal(const std::uint8_t*, bytes, bytes, room, std::uint8_t*) const {}
bool aes_instructions::open(const std::uint8_t*, bytes, bytes, room, const std::uint8_t*) const {
  return false;
}

} // namespace strowger::media

#endif

namespace strowger::media {

void aes_instructions::forget() {
  OPENSSL_cleanse(powers_.data(), powers_.size());
  OPENSSL_cleanse(rounds_.data(), rounds_.size());
}

} // namespace strowger::media
