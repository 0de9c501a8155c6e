// Where RocksDB's write-ahead log is written ahead with zeros. A synced write to a file that grows
// waits for the file system's own journal as well; one over bytes that are there already waits for
// its bytes alone: half the time here (docs/decisions/0017). A log read again may so end in zeros,
// which RocksDB's reader takes for the end of it. For the rocks_* files only.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace strowger::storage {

// The same as `base`, but files named *.log are `ahead_bytes` longer than what is in them until
// they are closed. `base` must outlive it. Files of one name are used by one thread at a time.
std::unique_ptr<rocksdb::Env> writing_ahead(rocksdb::Env& base, std::size_t ahead_bytes);

} // namespace strowger::storage
