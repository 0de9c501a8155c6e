#include "core/limits.hpp"
#include "security/claims.hpp"
#include "security/jws.hpp"
#include "security/sodium.hpp"
#include "security/token.hpp"
#include "security/token_keys.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace strowger::security {
namespace {

constexpr token_check invalid{errc::token_invalid, {}};

struct wanted_key {
  token_algorithm algorithm;
  std::string kid;
};

std::optional<wanted_key> read_header(std::string_view text) {
  const auto object = jose::parse(text);
  const char* alg = jose::text_of(object.get(), "alg");
  if (alg == nullptr || json_object_get(object.get(), "crit") != nullptr) return std::nullopt;
  const char* kid = jose::text_of(object.get(), "kid");
  const std::string id = kid == nullptr ? "" : kid;
  if (std::strcmp(alg, "HS256") == 0) return wanted_key{token_algorithm::hs256, id};
  if (std::strcmp(alg, "RS256") == 0) return wanted_key{token_algorithm::rs256, id};
  if (std::strcmp(alg, "EdDSA") == 0) return wanted_key{token_algorithm::eddsa, id};
  return std::nullopt; // "none" and everything else
}

bool verify_eddsa(const token_key& key, const jws::parts& p) {
  const auto signature = jws::decode(p.signature);
  return signature && jws::verify_eddsa(key.ed25519.get(), p.signed_text, *signature);
}

bool verify_jose(const token_key& key, std::string_view token) {
  const jose::jws parsed{cjose_jws_import(token.data(), token.size(), nullptr)};
  return parsed != nullptr && cjose_jws_verify(parsed.get(), key.jwk.get(), nullptr);
}

} // namespace

struct token_verifier::keys {
  std::vector<token_key> all;
};

token_verifier::token_verifier() : keys_(std::make_unique<keys>()) { need_sodium(); }
token_verifier::~token_verifier() = default;
token_verifier::token_verifier(token_verifier&&) noexcept = default;
token_verifier& token_verifier::operator=(token_verifier&&) noexcept = default;

void token_verifier::add_secret(std::string_view secret) {
  keys_->all.push_back(secret_key(secret));
}

void token_verifier::add_public_pem(std::string_view pem) { keys_->all.push_back(pem_key(pem)); }

void token_verifier::add_jwks(std::string_view json) {
  for (auto& key : jwks_keys(json)) keys_->all.push_back(std::move(key));
}

token_check token_verifier::verify(std::string_view token, time_ms now) const {
  if (token.empty()) return {errc::token_missing, {}};
  if (token.size() > limits::token_bytes_max) return invalid;
  const auto p = jws::split(token);
  if (!p) return invalid;
  const auto header = jws::decode(p->header);
  const auto payload = jws::decode(p->payload);
  if (!header || !payload || !jws::decode(p->signature)) return invalid;
  const auto wanted = read_header(*header);
  if (!wanted) return invalid;
  const bool verified = std::ranges::any_of(keys_->all, [&](const token_key& key) {
    if (key.algorithm != wanted->algorithm) return false;
    if (!key.kid.empty() && key.kid != wanted->kid) return false;
    return key.algorithm == token_algorithm::eddsa ? verify_eddsa(key, *p)
                                                   : verify_jose(key, token);
  });
  return verified ? read_claims(*payload, now) : invalid;
}

} // namespace strowger::security
