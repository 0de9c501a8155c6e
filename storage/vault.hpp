// Seals and opens personal fields under their subject's key (XChaCha20-Poly1305, random nonce).
#pragma once

#include "core/ids.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::storage {

struct sealed {
  std::string nonce;      // 24 bytes
  std::string ciphertext; // plain text + 16 bytes
};

class vault {
public:
  virtual ~vault() = default;
  // Any thread. The associated data (tenant and subject) binds a ciphertext to its owner.
  virtual sealed seal(const tenant_id&, const subject_id&, std::string_view plain) = 0;
  // Before values of many subjects are sealed: what is missing of their keys is made with one sync,
  // not one each. Any thread. `seal` needs no preparation.
  virtual void prepare(const tenant_id&, const std::vector<subject_id>&) {}
  // nullopt: the key was erased. Throws std::runtime_error when the bytes were tampered with.
  virtual std::optional<std::string> open(const tenant_id&, const subject_id&, const sealed&) = 0;
};

} // namespace strowger::storage
