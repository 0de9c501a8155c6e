// Bearer tokens: JWT (RFC 7519) as compact JWS (RFC 7515), HS256, RS256 or EdDSA (RFC 8037).
#pragma once

#include "core/errc.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::security {

struct claims {
  std::string sub; // agent id
  std::string tenant;
  std::string ext;                // extension number; empty: none
  std::vector<std::string> roles; // "admin", "agent", ...
  std::int64_t exp = 0;           // seconds since 1970; the first second it no longer holds
  std::int64_t iat = 0;           // seconds since 1970
  std::string jti;                // what a revocation names; empty in some foreign tokens
  std::string session;            // the sign-in it belongs to; empty: none

  bool operator==(const claims&) const = default;
};

// Bounds that a token must keep beside limits::token_bytes_max.
inline constexpr std::size_t claim_bytes_max = 256;
inline constexpr std::size_t roles_max = 16;
inline constexpr std::int64_t clock_skew_s = 60; // a foreign issuer's clock may be ahead by this

// Signs HS256. Any thread after construction.
class token_signer {
public:
  explicit token_signer(std::string_view secret);
  ~token_signer();
  token_signer(token_signer&&) noexcept;
  token_signer& operator=(token_signer&&) noexcept;
  std::string sign(const claims& who) const; // throws std::runtime_error out of memory

private:
  struct key;
  std::unique_ptr<key> key_;
};

struct token_check {
  errc why = errc::ok; // ok, token_missing, token_invalid or token_expired; nothing finer leaks
  claims who;          // meaningful only when why == ok
  bool ok() const { return why == errc::ok; }
};

// Verifies against typed keys: each key verifies its own algorithm and no other, so `none` and a
// public key used as an HMAC secret are refused. Add keys first; then any thread may verify.
class token_verifier {
public:
  token_verifier();
  ~token_verifier();
  token_verifier(token_verifier&&) noexcept;
  token_verifier& operator=(token_verifier&&) noexcept;

  void add_secret(std::string_view secret); // HS256
  // A PEM "PUBLIC KEY": RSA of 2048 bits or more (RS256) or Ed25519 (EdDSA). Throws
  // std::invalid_argument with a sentence for anything else, a private key included.
  void add_public_pem(std::string_view pem);
  // A JWK set (RFC 7517): its RSA and Ed25519 keys; `kid` then chooses. Others are skipped;
  // a set without a usable key throws std::invalid_argument.
  void add_jwks(std::string_view json);

  token_check verify(std::string_view token, time_ms now) const;

private:
  struct keys;
  std::unique_ptr<keys> keys_;
};

} // namespace strowger::security
