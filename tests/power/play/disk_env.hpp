// The disk as RocksDB sees it: an Env whose files are a power::disk, with the threads and clock of
// the default one.
#pragma once

#include "tests/power/play/disk.hpp"

#include <rocksdb/env.h>

namespace strowger::power {

std::unique_ptr<rocksdb::Env> env_on(disk& where); // `where` must outlive it

} // namespace strowger::power
