// The vault over a key store: XChaCha20-Poly1305 bound to tenant and subject.
#pragma once

#include "security/random.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"

#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace strowger::storage {

// Any thread. `keys` and `random` must outlive it. At most `keys_max` keys are kept in memory.
class sealing_vault final : public vault {
public:
  sealing_vault(key_store& keys, security::random_source& random, std::size_t keys_max = 65'536);
  ~sealing_vault() override;

  sealed seal(const tenant_id&, const subject_id&, std::string_view plain) override;
  void prepare(const tenant_id&, const std::vector<subject_id>&) override;
  std::optional<std::string> open(const tenant_id&, const subject_id&, const sealed&) override;
  // After an erasure: the subject's key leaves memory, too.
  void forget(const tenant_id&, const subject_id&);

private:
  // The remembered key, or the one that `fetch` has: that one is remembered, too.
  template <class Fetch> std::optional<std::string> find(const std::string& owner, Fetch fetch);
  std::optional<std::string> cached(const std::string& owner);
  void remember(const std::string& owner, const std::string& key);

  key_store& keys_;
  security::random_source& random_;
  const std::size_t keys_max_;
  std::mutex mutex_;
  // Two generations: a full young one becomes the old one, so that used keys stay.
  std::unordered_map<std::string, std::string> young_, old_;
  std::uint64_t forgotten_ = 0; // a key that was fetched before it rose may be an erased one
};

} // namespace strowger::storage
