// One data folder on one power::disk: opened by the real store, held against the oracle, worked
// with, and left in any way. For power::play.
#pragma once

#include "tests/power/play/disk_env.hpp"
#include "tests/power/play/play.hpp"

#include <optional>

namespace strowger::power {

// Keys of people are made from the seed.
class seeded_random final : public security::random_source {
public:
  explicit seeded_random(std::uint64_t seed) : luck_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    std::lock_guard lock{mutex_};
    for (auto& byte : out) byte = static_cast<std::uint8_t>(luck_.next());
  }

private:
  std::mutex mutex_;
  dice luck_;
};

struct settings { // of the store
  std::size_t index_runs_max = 30, index_groups_max = 30, heads_max = 8;
  std::size_t memtable_bytes = 64 * 1024;
  bool ends_on_failure = true; // as the server does, at once; else the store goes on refusing
};

class folder {
public:
  folder(std::uint64_t seed, settings with, options how);
  ~folder();

  power::disk& disk() { return disk_; }
  oracle& judge() { return judge_; }

  // Opens and checks; false when the disk did not let it.
  bool start(dice& luck);
  void use(dice luck, const work& what);
  void finish();                      // closes the store as it should be
  void end_process();                 // in the middle of whatever it does
  void cut(survival how, dice& luck); // the power goes now, if it is not gone yet
  void tell(const std::string& what) const;

private:
  void close();

  options how_;
  settings with_;
  power::disk disk_;
  std::unique_ptr<rocksdb::Env> env_;
  seeded_random random_;
  oracle judge_;
  std::unique_ptr<storage::rocks_store> store_;
  incarnation epoch_ = 0;
};

} // namespace strowger::power
