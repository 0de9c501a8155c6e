#include "storage/stream_index.hpp"

#include "storage/bytes.hpp"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

namespace strowger::storage {
namespace {

// Keys of the index family: "m" how far the index reaches; "s" + stream + version: a run;
// "s" + stream + 8 x FF: the stream's head; "t" + tenant: its last sequence.
constexpr std::string_view marker_key = "m";
constexpr std::size_t frozen_max = 4; // beyond it the active generation grows until one is ingested
const std::string after_all_versions(8, '\xff');

std::string run_key(const std::string& prefix, strowger::version version) {
  std::string out = "s" + prefix;
  put_be64(out, version);
  return out;
}

std::string run_value(const stream_run& r) {
  std::string out;
  put_varint(out, r.count);
  put_varint(out, r.at);
  put_varint(out, r.at - r.group);
  return out;
}

stream_run read_run(std::string_view key, std::string_view value) {
  byte_reader in{value};
  stream_run r;
  r.first = be64(key.substr(key.size() - 8));
  r.count = in.varint();
  r.at = in.varint();
  r.group = r.at - in.varint();
  return r;
}

std::string two_numbers(std::uint64_t a, std::uint64_t b) {
  std::string out;
  put_varint(out, a);
  put_varint(out, b);
  return out;
}

stream_head head_after(const stream_run& r) { return {r.first + r.count - 1, r.at + r.count - 1}; }

} // namespace

std::string stream_prefix(const stream_key& stream) {
  std::string out;
  out.reserve(stream.tenant.value.size() + stream.kind.size() + stream.id.size() + 3);
  put_text(out, stream.tenant.value);
  put_text(out, stream.kind);
  put_text(out, stream.id);
  return out;
}

stream_index::stream_index(rocks_folder& folder, index_options options, bool read_only) :
    folder_(folder), options_(options), read_only_(read_only) {
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

std::string stream_index::failure() const {
  if (!failed_) return {};
  std::shared_lock lock{mutex_};
  return failure_;
}

void stream_index::set_head(const std::string& prefix, const stream_head& head) {
  young_heads_.insert_or_assign(prefix, head);
}

// Only between groups: the heads of a group that is being staged are nowhere else yet.
void stream_index::age_heads() {
  if (young_heads_.size() < options_.heads_max / 2) return;
  old_heads_ = std::move(young_heads_);
  young_heads_.clear();
}

stream_head stream_index::head(const std::string& prefix) {
  if (const auto found = young_heads_.find(prefix); found != young_heads_.end())
    return found->second;
  if (const auto found = old_heads_.find(prefix); found != old_heads_.end()) return found->second;
  {
    std::shared_lock lock{mutex_};
    const auto in = [&](const generation& g) {
      const auto found = g.streams.find(prefix);
      return found == g.streams.end() ? stream_head{} : head_after(found->second.back());
    };
    if (const auto found = in(*active_); found.version > 0) return found;
    for (auto g = frozen_.rbegin(); g != frozen_.rend(); ++g)
      if (const auto found = in(**g); found.version > 0) return found;
  }
  rocksdb::PinnableSlice value;
  const auto status =
      folder_.db().Get({}, folder_.index(), "s" + prefix + after_all_versions, &value);
  if (status.IsNotFound()) return {};
  check(status, "the index cannot be read");
  byte_reader in{view(value)};
  stream_head out;
  out.version = in.varint();
  out.last = in.varint();
  return out;
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

void stream_index::add(position group, std::span<const record> records) {
  {
    std::unique_lock lock{mutex_};
    stream_run* open = nullptr;
    std::uint64_t* sequence = nullptr;
    const record* before = nullptr;
    for (const auto& r : records) {
      const bool same_tenant = before && r.tenant == before->tenant;
      if (!same_tenant) sequence = &active_->sequences[r.tenant.value];
      *sequence = r.tenant_sequence;
      if (same_tenant && r.version == before->version + 1 && r.stream == before->stream &&
          r.kind == before->kind) {
        ++open->count;
      } else {
        auto& runs = active_->streams[stream_prefix({r.tenant, r.kind, r.stream})];
        open = &runs.emplace_back(stream_run{r.version, 1, r.at, group});
        ++active_->runs;
      }
      active_->covers = r.at;
      before = &r;
    }
    ++active_->groups;
  }
  age_heads();
  freeze_if_full();
}

void stream_index::freeze_if_full() {
  if (read_only_) return;
  if (active_->runs < options_.runs_max && active_->groups < options_.groups_max) return;
  {
    std::unique_lock lock{mutex_};
    if (frozen_.size() >= frozen_max) return;
    frozen_.push_back(std::move(active_));
    active_ = std::make_unique<generation>();
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
  std::vector<std::pair<std::string_view, const std::vector<stream_run>*>> streams;
  streams.reserve(what.streams.size());
  for (const auto& [prefix, runs] : what.streams) streams.emplace_back(prefix, &runs);
  std::ranges::sort(streams);
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
  for (const auto& [prefix, runs] : streams) {
    const std::string name{prefix};
    for (const auto& r : *runs) put(run_key(name, r.first), run_value(r));
    const auto head = head_after(runs->back());
    put("s" + name + after_all_versions, two_numbers(head.version, head.last));
  }
  for (const auto& [tenant, last] : sequences) put("t" + tenant, two_numbers(last, 0));
  check(out.Finish(), "an index file cannot be finished");

  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.write_global_seqno = false;
  check(folder_.db().IngestExternalFile(folder_.index(), {file}, how),
        "an index file cannot be ingested");
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
  for (std::size_t found = 0; it->Valid() && found < max; it->Next()) {
    const auto r = read_run(view(it->key()), view(it->value()));
    if (r.first >= before) break;
    if (r.first + r.count <= from) continue;
    out.push_back(r);
    found += r.first + r.count - std::max(from, r.first);
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
      const auto found = g.streams.find(prefix);
      if (found == g.streams.end()) return;
      in_memory_from = std::min(in_memory_from, found->second.front().first);
      const auto start = std::ranges::upper_bound(
          found->second, from, {}, [](const stream_run& r) { return r.first + r.count - 1; });
      auto it = start;
      if (it != found->second.begin() && std::prev(it)->first + std::prev(it)->count > from) --it;
      std::size_t events = 0;
      for (; it != found->second.end() && events < max; ++it) {
        recent.push_back(*it);
        events += it->first + it->count - std::max(from, it->first);
      }
    };
    for (const auto& g : frozen_) gather(*g);
    gather(*active_);
  }
  std::vector<stream_run> out;
  if (from < in_memory_from) runs_in_files(prefix, from, in_memory_from, max, out);
  out.insert(out.end(), recent.begin(), recent.end());
  return out;
}

} // namespace strowger::storage
