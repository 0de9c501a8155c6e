#include "media/ice.hpp"

#include "core/limits.hpp"

#include <algorithm>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace strowger::media {
namespace {

using hmac_bytes = std::array<std::uint8_t, EVP_MAX_MD_SIZE>;

bool hmac_sha1(std::string_view key, stun::bytes data, hmac_bytes& out) {
  unsigned size = 0;
  return HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(), data.size(),
              out.data(), &size) &&
         size == stun::integrity_bytes;
}

std::uint64_t random64() {
  std::uint64_t out = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&out), sizeof out);
  return out;
}

} // namespace

std::string random_ice_text(std::size_t chars) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; // 64: no bias
  std::string out(chars, ' ');
  RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(chars));
  for (auto& c : out) c = alphabet[static_cast<unsigned char>(c) & 63];
  return out;
}

bool integrity_holds(stun::bytes datagram, const stun::message& in, std::string_view password) {
  if (!in.integrity) return false;
  const auto parts = stun::signed_by(datagram, in);
  std::array<std::uint8_t, stun::message_bytes_max> whole;
  auto end = std::ranges::copy(parts.head, whole.begin()).out;
  end = std::ranges::copy(parts.rest, end).out;
  hmac_bytes expected;
  return hmac_sha1(password, {whole.begin(), end}, expected) &&
         CRYPTO_memcmp(expected.data(), in.integrity->data(), stun::integrity_bytes) == 0;
}

void put_integrity(stun::writer& to, std::string_view password) {
  hmac_bytes value;
  if (hmac_sha1(password, to.to_sign(), value))
    to.put_integrity(stun::bytes{value}.first(stun::integrity_bytes));
}

ice_agent::ice_agent() :
    now_{random_ice_text(ice_ufrag_chars), random_ice_text(ice_password_chars)} {}

void ice_agent::restart() {
  before_ = now_;
  now_ = {random_ice_text(ice_ufrag_chars), random_ice_text(ice_password_chars)};
}

bool ice_agent::first_heard(stun::bytes transaction, const address& from) {
  static const auto salt = random64(); // nobody outside can make two collide
  std::uint64_t id = salt;
  for (const auto byte : transaction) id = (id ^ byte) * 0x100000001B3ULL;
  const answered now{static_cast<std::uint32_t>(id >> 32),
                     static_cast<std::uint32_t>(address_hash{}(from) ^ salt)};
  for (const auto& one : heard_) // a check comes every few seconds: a scan will do
    if (one.transaction == now.transaction) return one.where == now.where; // sent again
  if (heard_.size() < limits::media_transactions_max) {
    heard_.push_back(now);
  } else {
    heard_[oldest_] = now;
    oldest_ = (oldest_ + 1) % heard_.size();
  }
  return true;
}

ice_agent::outcome ice_agent::check(stun::bytes datagram, const stun::message& in,
                                    const address& from, stun::writer& response) {
  outcome out;
  const std::string_view user{reinterpret_cast<const char*>(in.username->data()),
                              in.username->size()};
  const auto ufrag = user.substr(0, user.find(':'));
  const bool is_new = ufrag == now_.ufrag;
  const auto& words = is_new ? now_ : before_;
  const auto refuse = [&](int code, std::string_view phrase, bool sign) {
    response = {stun::type::error, in.transaction};
    response.put_error(code, phrase);
    if (sign) put_integrity(response, words.password);
    response.put_fingerprint();
    out.has_response = true;
  };
  if (words.ufrag.empty() || ufrag != words.ufrag ||
      !integrity_holds(datagram, in, words.password)) {
    out.what = verdict::bad_integrity;
    refuse(401, "Unauthenticated", false);
    return out;
  }
  if (!first_heard(in.transaction, from)) {
    out.what = verdict::replayed;
    return out;
  }
  std::array<std::uint16_t, 8> unknown{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < in.required_count; ++i)
    if (in.required[i] != stun::attribute::priority &&
        in.required[i] != stun::attribute::use_candidate)
      unknown[count++] = in.required[i];
  if (count) {
    response = {stun::type::error, in.transaction};
    response.put_error(420, "Unknown Attribute");
    response.put_unknown(std::span{unknown}.first(count));
    put_integrity(response, words.password);
    response.put_fingerprint();
    out.has_response = true;
    return out;
  }
  if (in.controlled) { // a lite agent never controls: the other side has to (section 7.3.1.1)
    refuse(487, "Role Conflict", true);
    return out;
  }
  out.restarted = is_new && !before_.ufrag.empty();
  out.what = verdict::accepted;
  out.nominated = in.use_candidate;
  response = {stun::type::success, in.transaction};
  response.put_xor_address(from.at);
  put_integrity(response, words.password);
  response.put_fingerprint();
  out.has_response = true;
  return out;
}

} // namespace strowger::media
