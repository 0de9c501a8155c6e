#include "security/jws.hpp"

#include "security/sodium.hpp"

#include <algorithm>

namespace strowger::security::jws {
namespace {

constexpr int url_safe = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

std::optional<parts> split(std::string_view text) {
  const auto first = text.find('.');
  const auto last = text.rfind('.');
  if (first == text.npos || last == first || text.find('.', first + 1) != last) return std::nullopt;
  return parts{text.substr(0, first), text.substr(first + 1, last - first - 1),
               text.substr(last + 1), text.substr(0, last)};
}

std::optional<std::string> decode(std::string_view text) {
  // libsodium 1.0.18 takes '-' and '_' with their highest bit set for themselves.
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7f; }))
    return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const int bad = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                    text.data(), text.size(), nullptr, &length, nullptr, url_safe);
  if (bad != 0) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

std::string encode(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), url_safe), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), url_safe);
  out.pop_back(); // the end mark of C
  return out;
}

bool verify_eddsa(EVP_PKEY* key, std::string_view signed_text, std::string_view signature) {
  using context = std::unique_ptr<EVP_MD_CTX, jose::freed_by<EVP_MD_CTX_free>>;
  const context ctx{EVP_MD_CTX_new()};
  if (!ctx || EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, key) != 1) return false;
  return EVP_DigestVerify(ctx.get(), bytes_of(signature), signature.size(), bytes_of(signed_text),
                          signed_text.size()) == 1;
}

} // namespace strowger::security::jws
