// What a master says about a license, signed with Ed25519: compact JWS (RFC 7515, RFC 8037) with
// `alg` EdDSA, a `kid` (RFC 7638 thumbprint) and a `typ` of its own for each kind, so that none can
// stand in for another. Anybody with the public key can check one, offline.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "security/random.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace strowger::security {

struct license_statement {
  static constexpr auto type = "strowger-license+jwt";
  license_id license;
  std::string organization, plan, status; // active | suspended | revoked
  std::set<std::string> features;
  bool webrtc_extension = false;
  std::uint32_t max_users = 0, webrtc_max_users = 0, sessions_per_user = 0, overdraft = 0;
  time_ms starts_at = 0, expires_at = never, issued_at = 0;
  bool operator==(const license_statement&) const = default;
};
struct lease_statement { // so many seats of the license for that slave, from its ask on
  static constexpr auto type = "strowger-lease+jwt";
  license_id license;
  slave_id slave;
  std::uint64_t ask = 0, epoch = 0;
  std::uint32_t seats = 0;
  duration_ms lease_ms = 0;
  time_ms issued_at = 0;
  bool operator==(const lease_statement&) const = default;
};
struct receipt_statement { // a seat was given, or not
  static constexpr auto type = "strowger-receipt+jwt";
  license_id license;
  agent_id agent;
  session_id session;
  bool granted = false;
  std::string code; // VALID, or why not
  position at = 0;  // of the event that says so, in the log of the node that signs
  time_ms issued_at = 0;
  std::string event, stream;     // its tag, and the stream where it stands
  strowger::version version = 0; // in that stream
  time_ms decided_at = 0;        // the event's own time
  bool operator==(const receipt_statement&) const = default;
};

// Signs. Any thread after construction.
class statement_signer {
public:
  // Reads the private key (PEM, PKCS #8, mode 0600) or makes it, durably, before it is used. A file
  // that others may read, or that holds no Ed25519 key, throws std::runtime_error with a sentence.
  static statement_signer load_or_create(const std::filesystem::path& file, random_source& random);
  ~statement_signer();
  statement_signer(statement_signer&&) noexcept;
  statement_signer& operator=(statement_signer&&) noexcept;

  const std::string& public_pem() const;
  const std::string& key_id() const;
  std::string sign(const license_statement& what) const;
  std::string sign(const lease_statement& what) const;
  std::string sign(const receipt_statement& what) const;

private:
  struct key;
  explicit statement_signer(std::unique_ptr<key> own);
  std::unique_ptr<key> key_;
};

// Nothing for a text that is not what its kind says, has a bit wrong, or was signed by another key.
// Whether it has expired is the caller's question. Never throws for what it is given as `text`;
// `public_pem` that is no Ed25519 key: nothing.
std::optional<license_statement> check_license(std::string_view text, std::string_view public_pem);
std::optional<lease_statement> check_lease(std::string_view text, std::string_view public_pem);
std::optional<receipt_statement> check_receipt(std::string_view text, std::string_view public_pem);

} // namespace strowger::security
