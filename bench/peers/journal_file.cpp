// Peer of journal.cpp: a hand-written append-only file. A writer thread takes all waiting appends,
// checks their versions in a hash map, writes the records with one write() and one fdatasync(), and
// answers. The file grows; nothing is preallocated. No index: it can only be read from the start.
//   journal_file [--producers N] [--streams N] [--seconds S | --events N] [--folder F] [--json]
//   journal_file --bare [--seconds S]: one thread that appends 200 bytes and syncs, again and again
#include "bench/support/group_thread.hpp"
#include "bench/support/producers.hpp"
#include "storage/bytes.hpp"
#include "storage/crc32c.hpp"
#include "storage/temporary_folder.hpp"

#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unordered_map>

namespace strowger::bench {
namespace {

class append_file {
public:
  explicit append_file(const std::string& path) :
      fd_(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::runtime_error{"cannot open " + path};
  }
  ~append_file() { ::close(fd_); }
  bool add(std::string_view bytes) const {
    return ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
           ::fdatasync(fd_) == 0;
  }

private:
  int fd_;
};

class file_writer {
public:
  explicit file_writer(const std::string& path) : file_(path) {
    thread_.emplace(
        std::vector<group_thread::commit_group>{[this](auto& group) { commit(group); }});
  }
  void submit(storage::append what) { thread_->submit(std::move(what)); }

private:
  void commit(std::vector<storage::append>& group) {
    bytes_.assign(8, '\0'); // length and checksum of the group
    bool good = true;
    for (auto& a : group) {
      auto& version = versions_[a.stream.id];
      good = good && version == a.expected;
      for (auto& e : a.events) put(a, e, ++version);
    }
    const auto crc = storage::crc32c(std::string_view{bytes_}.substr(8));
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &size, 4);
    std::memcpy(bytes_.data() + 4, &crc, 4);
    good = good && file_.add(bytes_);
    for (auto& a : group) a.done({good ? errc::ok : errc::internal, 0});
  }
  void put(const storage::append& a, const storage::event_data& e, std::uint64_t version) {
    storage::put_text(bytes_, a.stream.tenant.value);
    storage::put_text(bytes_, a.stream.kind);
    storage::put_text(bytes_, a.stream.id);
    storage::put_varint(bytes_, version);
    storage::put_signed(bytes_, a.meta.time);
    storage::put_text(bytes_, a.meta.principal);
    storage::put_text(bytes_, a.meta.command.value);
    storage::put_text(bytes_, e.tag);
    storage::put_text(bytes_, e.payload);
  }

  append_file file_;
  std::string bytes_;
  std::unordered_map<std::string, std::uint64_t> versions_;
  std::optional<group_thread> thread_;
};

void bare(const std::string& path, double seconds, line& out) {
  const append_file file{path};
  const auto bytes = payload(1);
  percentiles times;
  const auto start = steady::now();
  while (seconds_since(start) < seconds) {
    const auto sent = steady::now();
    if (!file.add(bytes)) throw std::runtime_error{"cannot write " + path};
    times.add_since(sent);
  }
  out.with("per_second", static_cast<double>(times.total()) / seconds_since(start)).with(times);
}

void run(const arguments& how) {
  const storage::temporary_folder own;
  const auto path = how.text("--folder", own.path()) + "/appended";
  line out;
  if (how.has("--bare")) {
    bare(path, how.number("--seconds", 1), out);
    return out.print(how);
  }
  producers load{load_options{how}};
  {
    file_writer writer{path};
    load.run(writer, out);
  }
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  out.with("wal_per_payload", size / load.payload_sum())
      .with("disk_per_event", size / load.events());
  out.print(how);
}

} // namespace
} // namespace strowger::bench

int main(int count, char** words) {
  return strowger::bench::guarded(count, words, strowger::bench::run);
}
