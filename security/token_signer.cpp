#include "security/claims.hpp"
#include "security/jose.hpp"
#include "security/token.hpp"

#include <stdexcept>

namespace strowger::security {

struct token_signer::key {
  jose::jwk value;
};

token_signer::token_signer(std::string_view secret) : key_(std::make_unique<key>()) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(secret.data());
  key_->value.reset(cjose_jwk_create_oct_spec(bytes, secret.size(), nullptr));
  if (!key_->value) throw std::invalid_argument("token: an empty secret cannot sign");
}

token_signer::~token_signer() = default;
token_signer::token_signer(token_signer&&) noexcept = default;
token_signer& token_signer::operator=(token_signer&&) noexcept = default;

std::string token_signer::sign(const claims& who) const {
  const jose::header header{cjose_header_new(nullptr)};
  const auto payload = claims_json(who);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(payload.data());
  const char* token = nullptr; // owned by `signed_one`
  const bool headed = header != nullptr &&
                      cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, nullptr) &&
                      cjose_header_set(header.get(), "typ", "JWT", nullptr);
  const jose::jws signed_one{
      headed ? cjose_jws_sign(key_->value.get(), header.get(), bytes, payload.size(), nullptr)
             : nullptr};
  if (!signed_one || !cjose_jws_export(signed_one.get(), &token, nullptr))
    throw std::runtime_error("token: signing failed");
  return token;
}

} // namespace strowger::security
