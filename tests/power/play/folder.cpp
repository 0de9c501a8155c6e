#include "tests/power/play/folder.hpp"

namespace strowger::power {

folder::folder(std::uint64_t seed, settings with, options how) :
    how_(std::move(how)), with_(with), env_(env_on(disk_)), random_(seed) {}

folder::~folder() { close(); }

void folder::tell(const std::string& what) const {
  if (how_.tell) how_.tell(what);
}

bool folder::start(dice& luck) {
  storage::rocks_options o;
  o.path = "/site/data";
  o.env = env_.get();
  o.memtable_bytes = with_.memtable_bytes;
  o.index_runs_max = with_.index_runs_max;
  o.index_groups_max = with_.index_groups_max;
  o.heads_max = with_.heads_max;
  if (with_.ends_on_failure) o.failed = [this](const std::string&) { disk_.power_off(); };
  try {
    store_ = std::make_unique<storage::rocks_store>(o, random_);
    judge_.owned_by(++epoch_);
    store_->own(epoch_);
    store_->listen([this](const auto& group) { judge_.committed(group); });
    judge_.check(*store_, luck);
    return true;
  } catch (const storage::storage_error& e) {
    tell(std::string{"  refused: "} + e.what());
    if (!disk_.struck()) judge_.fail(std::string{"a good folder was refused: "} + e.what());
    return false;
  }
}

void folder::use(dice luck, const work& what) {
  workload{*store_, judge_, luck, what}.run();
  const auto failure = store_->failure();
  if (!failure.empty()) tell("  failed: " + failure);
  if (!failure.empty() && !disk_.struck()) judge_.fail("failed for no reason: " + failure);
}

// Whatever RocksDB still wants to write when it is closed finds no disk.
void folder::close() {
  disk_.power_off();
  store_.reset();
}

void folder::finish() { store_.reset(); }

void folder::end_process() {
  close();
  disk_.start_after_kill();
}

void folder::cut(survival how, dice& luck) {
  close();
  disk_.start_after_cut(how, luck);
}

} // namespace strowger::power
