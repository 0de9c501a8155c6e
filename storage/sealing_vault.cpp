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

template <class Fetch>
std::optional<std::string> sealing_vault::find(const std::string& owner, Fetch fetch) {
  std::unique_lock lock{mutex_};
  if (auto key = cached(owner)) return key;
  const auto before = forgotten_;
  lock.unlock();
  std::optional<std::string> key = fetch();
  lock.lock();
  if (key && forgotten_ == before) remember(owner, *key);
  return key;
}

std::optional<std::string> sealing_vault::cached(const std::string& owner) {
  if (const auto found = young_.find(owner); found != young_.end()) return found->second;
  const auto found = old_.find(owner);
  if (found == old_.end()) return std::nullopt;
  auto key = found->second;
  young_.emplace(owner, key);
  return key;
}

void sealing_vault::remember(const std::string& owner, const std::string& key) {
  if (young_.size() >= keys_max_ / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(owner, key);
}

void sealing_vault::forget(const tenant_id& tenant, const subject_id& subject) {
  const auto owner = owner_of(tenant, subject);
  std::lock_guard lock{mutex_};
  ++forgotten_;
  young_.erase(owner);
  if (!planted(bug::erased_key_remembered)) old_.erase(owner);
}

sealed sealing_vault::seal(const tenant_id& tenant, const subject_id& subject,
                           std::string_view plain) {
  const auto owner = owner_of(tenant, subject);
  const auto key = find(owner, [&] { return keys_.find_or_create(tenant, subject); });
  const auto closed = security::seal(key_of(*key), plain, owner, random_);
  return {closed.substr(0, nonce_bytes), closed.substr(nonce_bytes)};
}

void sealing_vault::prepare(const tenant_id& tenant, const std::vector<subject_id>& subjects) {
  std::vector<subject_id> missing;
  {
    std::lock_guard lock{mutex_};
    for (const auto& one : subjects)
      if (!cached(owner_of(tenant, one))) missing.push_back(one);
  }
  if (missing.size() > 1) keys_.create_missing(tenant, missing);
}

std::optional<std::string> sealing_vault::open(const tenant_id& tenant, const subject_id& subject,
                                               const sealed& what) {
  const auto owner = owner_of(tenant, subject);
  const auto key = find(owner, [&]() -> std::optional<std::string> {
    if (planted(bug::lost_key_made_anew)) return keys_.find_or_create(tenant, subject);
    return keys_.find(tenant, subject);
  });
  if (!key) return std::nullopt;
  if (what.nonce.size() != nonce_bytes) throw std::runtime_error{"a seal without its nonce"};
  auto plain = security::open(key_of(*key), what.nonce + what.ciphertext, owner);
  if (!plain) throw std::runtime_error{"a sealed value was changed or moved"};
  return plain;
}

} // namespace strowger::storage
