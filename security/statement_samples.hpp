// Test helper: statements, and keys in folders of their own.
#pragma once

#include "security/statement.hpp"

#include <stdlib.h>

namespace strowger::security {

struct folder { // of its own for each test
  folder() {
    char name[] = "/tmp/strowger-statement-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

inline statement_signer signer_in(const folder& where, const char* name = "license.key") {
  system_random random;
  return statement_signer::load_or_create(where.path / name, random);
}

inline license_statement a_license() {
  return {license_id{"lic-1"},
          "Épicerie \"Nord\"\n",
          "team",
          "active",
          {"recording", "sip"},
          true,
          50,
          25,
          2,
          3,
          1,
          never,
          1'790'000'000'123};
}
inline lease_statement a_lease() {
  return {license_id{"lic-1"}, slave_id{"s-1"}, 7, 9, 25, 60'000, 1'790'000'000'123};
}
inline receipt_statement a_receipt() {
  return {license_id{"lic-1"},
          agent_id{"a-1"},
          session_id{"s"},
          true,
          "VALID",
          4711,
          1,
          "license.seat_taken.v1",
          "license/l-1",
          12,
          1'790'000'000'122};
}

inline bool any_kind(std::string_view text, std::string_view pem) {
  return check_license(text, pem) || check_lease(text, pem) || check_receipt(text, pem);
}

} // namespace strowger::security
