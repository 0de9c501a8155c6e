// How fast the log acknowledges durable events: the shipped record, versions, index and all.
//   journal_bench [--producers N] [--streams N] [--seconds S | --events N] [--wal] [--folder F]
// Peers with the same load: peers/journal_{file,rocksdb,postgres,redis}.cpp.
#include "bench/support/producers.hpp"
#include "storage/rocks_store.hpp"
#include "storage/temporary_folder.hpp"

namespace strowger::bench {
namespace {

void run(const arguments& how) {
  const storage::temporary_folder own;
  storage::rocks_options options;
  options.path = how.text("--folder", own.path()) + "/log";
  security::system_random random;
  producers load{load_options{how}};
  line out;
  const auto written = written_bytes();
  {
    storage::rocks_store store{options, random};
    load.run(store, out);
    if (how.has("--wal")) // few enough events that no log file of RocksDB is done with
      out.with("wal_per_payload", folder_bytes(options.path, ".log") / load.payload_sum());
  }
  out.with("disk_per_event", folder_bytes(options.path) / load.events());
  out.with("written_per_payload", (written_bytes() - written) / load.payload_sum());
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
