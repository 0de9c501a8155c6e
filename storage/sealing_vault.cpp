#include "storage/sealing_vault.hpp"

#include "core/planted.hpp"
#include "security/seal.hpp"

#include <algorithm>
#include <stdexcept>

namespace strowger::storage {
namespace {

constexpr std::size_t nonce_bytes = 24;

// Length first, so that no two pairs of names read the same.
std::string owner_of(const tenant_id& tenant, const subject_id& subject) {
  if (planted(bug::one_key_for_all_tenants)) return subject.value;
  return std::to_string(tenant.value.size()) + ':' + tenant.value + subject.value;
}

security::key key_of(const std::string& bytes) {
  security::key out{};
  if (bytes.size() != out.size()) throw std::runtime_error{"a personal key is not 32 bytes long"};
  std::ranges::copy(bytes, out.begin());
  return out;
}

} // namespace

sealing_vault::sealing_vault(key_store& keys, security::random_source& random,
                             std::size_t keys_max) :
    keys_(keys),
    random_(random), keys_max_(keys_max) {}

sealing_vault::~sealing_vault() = default;

std::optional<std::string> sealing_vault::cached(const std::string& owner) {
  std::lock_guard lock{mutex_};
  if (const auto found = young_.find(owner); found != young_.end()) return found->second;
  const auto found = old_.find(owner);
  if (found == old_.end()) return std::nullopt;
  auto key = found->second;
  young_.emplace(owner, key);
  return key;
}

void sealing_vault::remember(const std::string& owner, const std::string& key) {
  std::lock_guard lock{mutex_};
  if (young_.size() >= keys_max_ / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(owner, key);
}

void sealing_vault::forget(const tenant_id& tenant, const subject_id& subject) {
  const auto owner = owner_of(tenant, subject);
  std::lock_guard lock{mutex_};
  young_.erase(owner);
  if (!planted(bug::erased_key_remembered)) old_.erase(owner);
}

sealed sealing_vault::seal(const tenant_id& tenant, const subject_id& subject,
                           std::string_view plain) {
  const auto owner = owner_of(tenant, subject);
  auto key = cached(owner);
  if (!key) {
    key = keys_.find_or_create(tenant, subject);
    remember(owner, *key);
  }
  const auto closed = security::seal(key_of(*key), plain, owner, random_);
  return {closed.substr(0, nonce_bytes), closed.substr(nonce_bytes)};
}

std::optional<std::string> sealing_vault::open(const tenant_id& tenant, const subject_id& subject,
                                               const sealed& what) {
  const auto owner = owner_of(tenant, subject);
  auto key = cached(owner);
  if (!key) {
    key = planted(bug::lost_key_made_anew) ? keys_.find_or_create(tenant, subject)
                                           : keys_.find(tenant, subject);
    if (!key) return std::nullopt;
    remember(owner, *key);
  }
  if (what.nonce.size() != nonce_bytes) throw std::runtime_error{"a seal without its nonce"};
  auto plain = security::open(key_of(*key), what.nonce + what.ciphertext, owner);
  if (!plain) throw std::runtime_error{"a sealed value was changed or moved"};
  return plain;
}

} // namespace strowger::storage
