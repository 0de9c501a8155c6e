#include "storage/stream_index.hpp"

#include "core/planted.hpp"
#include "storage/bytes.hpp"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

namespace strowger::storage {
namespace {

// Keys of the index family: "m" how far the index reaches; "s" + stream + version: runs;
// "s" + stream + 8 x FF: the stream's head; "t" + tenant: its last sequence.
constexpr std::string_view marker_key = "m";
constexpr std::size_t runs_per_row = 1024; // of a hot stream: a reader decodes a row whole
constexpr std::size_t frozen_max = 4; // beyond it the active generation grows until one is ingested
const std::string after_all_versions(8, '\xff');

std::string run_key(const std::string& prefix, strowger::version version) {
  std::string out = "s" + prefix;
  put_be64(out, version);
  return out;
}

void put_run(std::string& out, const stream_run& r) {
  put_varint(out, r.count);
  put_varint(out, r.at);
  put_varint(out, r.at - r.group);
}

// The runs of one row: the first begins with the key's version, each other where one ends.
template <class Visit> // returns false to stop
void read_runs(std::string_view key, std::string_view value, const Visit& visit) {
  byte_reader in{value};
  stream_run r;
  for (r.first = be64(key.substr(key.size() - 8)); !in.empty(); r.first += r.count) {
    r.count = in.varint();
    r.at = in.varint();
    r.group = r.at - in.varint();
    if (!visit(r)) return;
  }
}

std::string two_numbers(std::uint64_t a, std::uint64_t b) {
  std::string out;
  put_varint(out, a);
  put_varint(out, b);
  return out;
}

stream_head head_after(const stream_run& r) { return {r.first + r.count - 1, r.at + r.count - 1}; }

} // namespace

void set_stream_prefix(std::string& out, std::string_view tenant, std::string_view kind,
                       std::string_view id) {
  out.clear();
  out.reserve(tenant.size() + kind.size() + id.size() + 3);
  put_text(out, tenant);
  put_text(out, kind);
  put_text(out, id);
}

std::string stream_prefix(const stream_key& stream) {
  std::string out;
  set_stream_prefix(out, stream.tenant.value, stream.kind, stream.id);
  return out;
}

stream_index::stream_index(rocks_folder& folder, index_options options, bool read_only) :
    folder_(folder), options_(options), read_only_(read_only),
    active_(std::make_unique<generation>()) {
  active_->number = 1;
  std::string value;
  const auto status = folder_.db().Get({}, folder_.index(), slice(marker_key), &value);
  if (!status.IsNotFound()) {
    check(status, "the index cannot be read");
    covered_ = byte_reader{value}.varint();
  }
  if (!read_only_) thread_ = std::thread{[this] { ingest_frozen(); }};
}

stream_index::~stream_index() { stop(); }

void stream_index::stop() {
  {
    std::unique_lock lock{mutex_};
    stopping_ = true;
  }
  frozen_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void stream_index::take_in_the_rest() {
  for (; !failed_ && !frozen_.empty(); frozen_.pop_front()) ingest(*frozen_.front());
  if (!failed_ && active_->groups > 0) ingest(*active_);
  active_ = std::make_unique<generation>();
}

std::string stream_index::failure() const {
  if (!failed_) return {};
  std::shared_lock lock{mutex_};
  return failure_;
}

// Only between groups: the heads of a group that is being staged are nowhere else yet.
void stream_index::age_heads() {
  if (young_.size() < options_.heads_max / 2) return;
  old_ = std::move(young_);
  young_ = {};
}

stream_head stream_index::head_in_memory(const std::string& prefix) const {
  std::shared_lock lock{mutex_};
  const auto in = [&](const generation& g) {
    const auto found = g.names.find(std::string_view{prefix});
    return found == g.names.end() ? stream_head{}
                                  : head_after(g.rows[g.parts[found->second].last].run);
  };
  if (const auto found = in(*active_); found.version > 0) return found;
  for (auto g = frozen_.rbegin(); g != frozen_.rend(); ++g)
    if (const auto found = in(**g); found.version > 0) return found;
  return {};
}

stream_head& stream_index::head(const std::string& prefix) {
  if (const auto found = young_.find(prefix); found != young_.end()) return found->second.head;
  if (const auto found = old_.find(prefix); found != old_.end())
    return young_.emplace(prefix, found->second).first->second.head;
  auto head = head_in_memory(prefix);
  if (head.version == 0) {
    rocksdb::PinnableSlice value;
    const auto status =
        folder_.db().Get({}, folder_.index(), "s" + prefix + after_all_versions, &value);
    if (!status.IsNotFound()) {
      check(status, "the index cannot be read");
      byte_reader in{view(value)};
      head.version = in.varint();
      head.last = in.varint();
    }
  }
  return young_.emplace(prefix, known_stream{head}).first->second.head;
}

std::uint64_t& stream_index::tenant_sequence(const tenant_id& tenant) {
  const auto [entry, fresh] = sequences_.try_emplace(tenant.value, 0);
  if (fresh) {
    std::string value;
    const auto status = folder_.db().Get({}, folder_.index(), "t" + tenant.value, &value);
    if (!status.IsNotFound()) {
      check(status, "the index cannot be read");
      entry->second = byte_reader{value}.varint();
    }
  }
  return entry->second;
}

// Where the active generation keeps this stream: the writer has just met it, so its own table
// knows.
stream_index::part& stream_index::part_of(const std::string& prefix) {
  const auto known = young_.find(prefix);
  if (known != young_.end() && known->second.generation == active_->number)
    return active_->parts[known->second.part];
  auto found = active_->names.find(std::string_view{prefix});
  if (found == active_->names.end()) {
    active_->parts.push_back({prefix, none});
    const auto number = static_cast<std::uint32_t>(active_->parts.size() - 1);
    found = active_->names.emplace(std::string_view{active_->parts.back().prefix}, number).first;
  }
  if (known != young_.end()) {
    known->second.generation = active_->number;
    known->second.part = found->second;
  }
  return active_->parts[found->second];
}

void stream_index::add(position group, std::span<const record> records) {
  {
    std::unique_lock lock{mutex_};
    std::uint64_t* sequence = nullptr;
    const record* before = nullptr;
    for (const auto& r : records) {
      const bool same_tenant = before && r.tenant == before->tenant;
      if (!same_tenant) sequence = &active_->sequences[r.tenant.value];
      *sequence = r.tenant_sequence;
      if (same_tenant && r.version == before->version + 1 && r.stream == before->stream &&
          r.kind == before->kind) {
        ++active_->rows.back().run.count;
      } else {
        set_stream_prefix(prefix_, r.tenant.value, r.kind, r.stream);
        auto& part = part_of(prefix_);
        active_->rows.push_back({{r.version, 1, r.at, group}, part.last});
        part.last = static_cast<std::uint32_t>(active_->rows.size() - 1);
      }
      before = &r;
    }
    if (before != nullptr) active_->covers = before->at;
    ++active_->groups;
  }
  age_heads();
  freeze_if_full();
}

void stream_index::freeze_if_full() {
  if (read_only_) return;
  if (active_->rows.size() < options_.runs_max && active_->groups < options_.groups_max) return;
  {
    std::unique_lock lock{mutex_};
    if (frozen_.size() >= frozen_max && active_->rows.size() < none / 2) return;
    auto next = std::make_unique<generation>();
    next->number = active_->number + 1;
    frozen_.push_back(std::exchange(active_, std::move(next)));
  }
  frozen_changed_.notify_all();
}

void stream_index::ingest_frozen() {
  for (;;) {
    const generation* next = nullptr;
    {
      std::unique_lock lock{mutex_};
      frozen_changed_.wait(lock, [&] { return stopping_ || !frozen_.empty(); });
      if (stopping_) return; // the next start reads the tail of the log again
      next = frozen_.front().get();
    }
    try {
      ingest(*next);
    } catch (const std::exception& e) {
      std::unique_lock lock{mutex_};
      failure_ = e.what();
      failed_ = true;
      return;
    }
    std::unique_ptr<generation> done; // freed without the lock
    std::unique_lock lock{mutex_};
    done = std::move(frozen_.front());
    frozen_.pop_front();
    lock.unlock();
  }
}

// One file holds the runs, the heads, the sequences and how far it reaches: all of it or nothing.
void stream_index::ingest(const generation& what) {
  std::vector<const part*> streams;
  streams.reserve(what.parts.size());
  for (const auto& p : what.parts) streams.push_back(&p);
  std::ranges::sort(streams, {}, [](const part* p) -> const std::string& { return p->prefix; });
  std::vector<std::pair<std::string, std::uint64_t>> sequences(what.sequences.begin(),
                                                               what.sequences.end());
  std::ranges::sort(sequences);

  const auto file = folder_.temporary_file(++files_);
  rocksdb::SstFileWriter out{rocksdb::EnvOptions{}, folder_.index_options(), folder_.index()};
  check(out.Open(file), "an index file cannot be made");
  const auto put = [&](const std::string& key, const std::string& value) {
    check(out.Put(key, value), "an index file cannot be written");
  };
  put(std::string{marker_key}, two_numbers(what.covers, 0));
  std::vector<std::uint32_t> newest_first;
  std::string value;
  for (const auto* p : streams) {
    newest_first.clear();
    for (auto at = p->last; at != none; at = what.rows[at].before) newest_first.push_back(at);
    if (planted(bug::index_misses_a_run) && newest_first.size() > 1)
      newest_first.erase(newest_first.begin());
    for (auto left = newest_first.size(); left > 0;) {
      const auto first = what.rows[newest_first[left - 1]].run.first;
      value.clear();
      for (std::size_t n = 0; n < runs_per_row && left > 0; ++n)
        put_run(value, what.rows[newest_first[--left]].run);
      put(run_key(p->prefix, first), value);
    }
    const auto head = head_after(what.rows[p->last].run);
    put("s" + p->prefix + after_all_versions, two_numbers(head.version, head.last));
  }
  for (const auto& [tenant, last] : sequences) put("t" + tenant, two_numbers(last, 0));
  check(out.Finish(), "an index file cannot be finished");

  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.write_global_seqno = false;
  check(folder_.db().IngestExternalFile(folder_.index(), {file}, how),
        "an index file cannot be ingested");
  // RocksDB 7.8 takes a file whose keys it could not read for one without keys, and says ok.
  std::string marker;
  check(folder_.db().Get({}, folder_.index(), slice(marker_key), &marker),
        "an index file cannot be read back");
  if (byte_reader{marker}.varint() != what.covers)
    throw storage_error{"an index file was not taken in"};
}

void stream_index::runs_in_files(const std::string& prefix, strowger::version from,
                                 strowger::version before, std::size_t max,
                                 std::vector<stream_run>& out) const {
  const auto lower = "s" + prefix, upper = lower + after_all_versions;
  const rocksdb::Slice lower_bound{lower}, upper_bound{upper};
  rocksdb::ReadOptions how;
  how.iterate_lower_bound = &lower_bound;
  how.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> it{folder_.db().NewIterator(how, folder_.index())};
  it->SeekForPrev(run_key(prefix, from));
  if (!it->Valid() && it->status().ok()) it->Seek(lower);
  std::size_t found = 0;
  for (bool more = true; more && it->Valid(); it->Next()) {
    read_runs(view(it->key()), view(it->value()), [&](const stream_run& r) {
      more = r.first < before && found < max;
      if (!more || r.first + r.count <= from) return more;
      out.push_back(r);
      found += r.first + r.count - std::max(from, r.first);
      return true;
    });
  }
  check(it->status(), "the index cannot be read");
}

std::vector<stream_run> stream_index::runs(const stream_key& stream, strowger::version from,
                                           std::size_t max) const {
  const auto prefix = stream_prefix(stream);
  std::vector<stream_run> recent;
  strowger::version in_memory_from = ~strowger::version{0};
  { // memory first: what leaves it meanwhile is in the files already
    std::shared_lock lock{mutex_};
    const auto gather = [&](const generation& g) {
      const auto found = g.names.find(std::string_view{prefix});
      if (found == g.names.end()) return;
      const auto begin = recent.size();
      for (auto at = g.parts[found->second].last; at != none; at = g.rows[at].before) {
        const auto& run = g.rows[at].run;
        in_memory_from = std::min(in_memory_from, run.first);
        if (run.first + run.count <= from) break;
        recent.push_back(run);
      }
      std::reverse(recent.begin() + static_cast<std::ptrdiff_t>(begin), recent.end());
    };
    for (const auto& g : frozen_) gather(*g);
    gather(*active_);
  }
  std::vector<stream_run> out;
  if (from < in_memory_from) runs_in_files(prefix, from, in_memory_from, max, out);
  std::size_t events = 0;
  for (const auto& run : out) events += run.first + run.count - std::max(from, run.first);
  for (const auto& run : recent) {
    if (events >= max) break;
    events += run.first + run.count - std::max(from, run.first);
    out.push_back(run);
  }
  return out;
}

} // namespace strowger::storage
