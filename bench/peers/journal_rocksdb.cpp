// Peer of journal.cpp: a plain RocksDB writer, keyed by (stream, version), one batch per group.
//   journal_rocksdb [--producers N] [--streams N] [--seconds S | --events N] [--wal] [--folder F]
// Two threads: the driver and the writer.
#include "bench/peers/plain_writer.hpp"
#include "bench/support/producers.hpp"
#include "storage/temporary_folder.hpp"

namespace strowger::bench {
namespace {

void run(const arguments& how) {
  const storage::temporary_folder own;
  const auto folder = how.text("--folder", own.path()) + "/plain";
  producers load{load_options{how}};
  line out;
  const auto written = written_bytes();
  {
    plain_writer writer{folder};
    load.run(writer, out);
    if (how.has("--wal")) // few enough events that no log file of RocksDB is done with
      out.with("wal_per_payload", folder_bytes(folder, ".log") / load.payload_sum());
  }
  out.with("disk_per_event", folder_bytes(folder) / load.events());
  out.with("written_per_payload", (written_bytes() - written) / load.payload_sum());
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
