// Keys of people: who was erased stays erased, for the vault that remembers keys, too.
#include "storage/sealing_vault.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <utility>

namespace strowger::storage {
namespace {

class erasable_keys final : public key_store {
public:
  std::optional<std::string> find(const tenant_id&, const subject_id& s) const override {
    const auto it = keys_.find(s);
    const auto key = it == keys_.end() ? std::nullopt : std::optional{it->second};
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return key;
  }
  std::string find_or_create(const tenant_id&, const subject_id& s) override {
    return keys_.try_emplace(s, 32, static_cast<char>(++made)).first->second;
  }
  void create_missing(const tenant_id& t, const std::vector<subject_id>& all) override {
    ++batches;
    key_store::create_missing(t, all);
  }
  void erase(const subject_id& s) { keys_.erase(s); }
  int batches = 0;
  int made = 0;                            // no two are alike
  mutable std::function<void()> meanwhile; // once, between finding a key and handing it out

private:
  std::map<subject_id, std::string> keys_;
};

struct SealingVault : testing::Test {
  static constexpr std::size_t keys_max = 4; // two of the youngest, two older ones

  void erase(const subject_id& s) {
    keys.erase(s);
    vault.forget(tenant, s);
  }

  const tenant_id tenant{"acme"};
  const subject_id alice{"alice"};
  erasable_keys keys;
  security::system_random random;
  sealing_vault vault{keys, random, keys_max};
  const sealed secret = vault.seal(tenant, alice, "secret");
};

TEST_F(SealingVault, AnErasedKeyIsForgottenWhereverItWasRemembered) {
  // given a key that is remembered among the older ones
  for (const auto* other : {"bob", "carol"}) vault.seal(tenant, subject_id{other}, "x");
  // when its owner is erased
  erase(alice);
  // then what was sealed with it is gone
  EXPECT_EQ(vault.open(tenant, alice, secret), std::nullopt);
}

TEST_F(SealingVault, AKeyThatIsInUseIsForgotten) {
  ASSERT_EQ(vault.open(tenant, alice, secret), "secret");
  erase(alice);
  EXPECT_EQ(vault.open(tenant, alice, secret), std::nullopt);
}

TEST_F(SealingVault, AKeyThatIsErasedWhileItIsFetchedIsNotRemembered) {
  // given a vault that has to fetch the key, and an erasure in the middle of that
  sealing_vault other{keys, random};
  keys.meanwhile = [&] {
    keys.erase(alice);
    other.forget(tenant, alice);
  };
  // when it reads
  EXPECT_EQ(other.open(tenant, alice, secret), "secret"); // it began before the erasure
  // then the key is gone all the same
  EXPECT_EQ(other.open(tenant, alice, secret), std::nullopt);
}

TEST_F(SealingVault, ReadingWhatWasErasedMakesNoKey) {
  erase(alice);
  const auto before = keys.made;
  EXPECT_EQ(vault.open(tenant, alice, secret), std::nullopt);
  EXPECT_EQ(keys.made, before);
}

TEST_F(SealingVault, TheKeysOfManyAreMadeAtOnce) {
  sealing_vault wide{keys, random};
  const std::vector<subject_id> people{alice, subject_id{"bob"}, subject_id{"carol"}};
  wide.prepare(tenant, people);
  EXPECT_EQ(keys.batches, 1);
  const auto closed = wide.seal(tenant, people[1], "x");
  EXPECT_EQ(wide.open(tenant, people[1], closed), "x");
  wide.prepare(tenant, people);
  EXPECT_EQ(keys.batches, 1 + 1); // two of them were not used yet
}

TEST_F(SealingVault, OneMissingKeyNeedsNoBatch) {
  vault.prepare(tenant, {alice, subject_id{"bob"}});
  EXPECT_EQ(keys.batches, 0);
}

} // namespace
} // namespace strowger::storage
