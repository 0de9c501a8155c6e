#include "storage/rocks_store.hpp"

#include "core/planted.hpp"
#include "storage/durable_mark.hpp"
#include "storage/folder_files.hpp"
#include "storage/group_commit.hpp"

namespace strowger::storage {
namespace {

constexpr char erased_key = 0; // stands where an erased subject's key was
constexpr char live_key = 1;   // followed by the 32 bytes
constexpr std::size_t key_bytes = 32;

std::string position_key(position at) {
  std::string out;
  put_be64(out, at);
  return out;
}

std::string owner_key(const tenant_id& tenant, const subject_id& subject) {
  std::string out;
  put_text(out, tenant.value);
  put_text(out, subject.value);
  return out;
}

// The newest group that begins at or before `at`, or the first one.
std::unique_ptr<rocksdb::Iterator> group_at(rocks_folder& folder, position at) {
  std::unique_ptr<rocksdb::Iterator> it{folder.db().NewIterator({}, folder.log())};
  it->SeekForPrev(position_key(at));
  if (!it->Valid() && it->status().ok()) it->SeekToFirst();
  return it;
}

[[noreturn]] void report_gap(position at) {
  throw storage_error{"the log is damaged: nothing is stored at position " + std::to_string(at)};
}

// Fewer events than were acknowledged, and yet nothing that looks damaged: the end is gone.
void compare_with_mark(const std::string& path, std::optional<position> mark, position last) {
  if (!mark || *mark <= last || planted(bug::lost_end_unnoticed)) return;
  throw storage_error{"the log ends at position " + std::to_string(last) + ", but " +
                      std::to_string(*mark) +
                      " was acknowledged: its end is lost. Restore the data folder from a backup, "
                      "or remove " +
                      path + "/DURABLE to go on without what is lost"};
}

void index_the_tail(rocks_folder& folder, stream_index& index) {
  auto it = group_at(folder, index.covered() + 1);
  auto next = index.covered() + 1;
  for (; it->Valid(); it->Next()) {
    auto group = open_group(view(it->key()), view(it->value()));
    if (group.last() <= index.covered()) continue;
    if (group.at() > next) report_gap(next);
    next = group.last() + 1;
    const auto first = group.at();
    std::vector<record> records;
    while (!group.empty()) {
      records.push_back(group.next());
      records.back().payload.clear();
      index.tenant_sequence(records.back().tenant) = records.back().tenant_sequence;
    }
    index.add(first, records);
  }
  check(it->status(), "the log cannot be read");
}

} // namespace

class rocks_store::impl {
public:
  impl(const rocks_options& options, security::random_source& source) :
      acknowledged(durable_mark::read(*env_or_default(options.env).GetFileSystem(), options.path)),
      folder(options.path, options.read_only, options.failed, options.env, options.memtable_bytes),
      index(folder, {options.index_runs_max, options.index_groups_max, options.heads_max},
            options.read_only),
      writer(folder, index, options.waiting_max, folder.last()), random(source) {
    compare_with_mark(options.path, acknowledged, writer.durable());
    index_the_tail(folder, index);
    if (options.read_only) return;
    mark.emplace(folder.disk(), options.path, writer.durable());
    writer.time(options.timed);
    writer.start(*mark);
  }

  std::optional<std::string> get(rocksdb::ColumnFamilyHandle* family, std::string_view key) const {
    std::string value;
    const auto status = folder.db().Get({}, family, slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "the data folder cannot be read");
    return value;
  }

  void put_side_data(rocksdb::ColumnFamilyHandle* family, std::string_view key,
                     std::string_view value) {
    folder.db().Put({}, family, slice(key), slice(value)).PermitUncheckedError();
  }

  const std::optional<position> acknowledged; // before the folder was opened
  std::optional<durable_mark> mark;
  rocks_folder folder;
  stream_index index;
  group_commit writer; // the last to start, the first to stop
  security::random_source& random;
  std::mutex making_keys;
};

rocks_store::rocks_store(rocks_options options, security::random_source& random) :
    impl_(std::make_unique<impl>(options, random)) {}

rocks_store::~rocks_store() { stop(); }

void rocks_store::stop() {
  impl_->writer.stop();
  impl_->index.stop();
  if (impl_->mark) impl_->mark->sync();
}

void rocks_store::spare_the_next_start() {
  if (!impl_->writer.failure().empty()) return;
  impl_->index.take_in_the_rest();
  impl_->folder.let_go_of_log_files();
}

void rocks_store::submit(append what) { impl_->writer.submit(std::move(what)); }
position rocks_store::durable() const { return impl_->writer.durable(); }
void rocks_store::own(incarnation epoch) { impl_->writer.own(epoch); }
std::string rocks_store::failure() const { return impl_->writer.failure(); }
void rocks_store::listen(commit_listener listener) { impl_->writer.listen(std::move(listener)); }

std::vector<record> rocks_store::read_log(position from, std::size_t max) const {
  std::vector<record> out;
  const auto last = durable();
  if (max == 0 || from > last) return out;
  auto next = std::max<position>(1, from);
  out.reserve(std::min<std::size_t>(max, last - next + 1));
  const auto it = group_at(impl_->folder, from);
  for (; it->Valid() && out.size() < max; it->Next()) {
    auto group = open_group(view(it->key()), view(it->value()));
    while (!group.empty() && group.at() < from) group.skip();
    if (group.empty()) continue;
    if (group.at() != next) report_gap(next);
    next = group.last() + 1;
    while (!group.empty() && group.at() <= last && out.size() < max) out.push_back(group.next());
    if (group.last() >= last) break;
  }
  check(it->status(), "the log cannot be read");
  return out;
}

std::vector<record> rocks_store::read_stream(const stream_key& stream, strowger::version from,
                                             std::size_t max) const {
  std::vector<record> out;
  rocksdb::PinnableSlice value;
  std::optional<group_reader> group;
  position opened = 0;
  for (const auto& run : impl_->index.runs(stream, from, max)) {
    if (opened != run.group) {
      value.Reset();
      check(impl_->folder.db().Get({}, impl_->folder.log(), position_key(run.group), &value),
            "the index points to a group that cannot be read");
      group.emplace(run.group, view(value));
      opened = run.group;
    }
    const auto skipped = from > run.first ? from - run.first : 0;
    while (!group->empty() && group->at() < run.at + skipped) group->skip();
    while (group->at() < run.at + run.count && out.size() < max) {
      if (group->empty()) throw storage_error{"the index points behind the end of a group"};
      out.push_back(group->next());
      const auto& r = out.back();
      if (r.stream != stream.id || r.kind != stream.kind || r.tenant != stream.tenant)
        throw storage_error{"the index points to an event of another stream"};
    }
  }
  return out;
}

void rocks_store::put_snapshot(const stream_key& stream, const snapshot& what) {
  std::string value;
  put_varint(value, what.version);
  value.append(what.bytes);
  impl_->put_side_data(impl_->folder.snapshots(), stream_prefix(stream), value);
}

std::optional<snapshot> rocks_store::get_snapshot(const stream_key& stream) const {
  const auto value = impl_->get(impl_->folder.snapshots(), stream_prefix(stream));
  if (!value) return std::nullopt;
  byte_reader in{*value};
  snapshot out;
  out.version = in.varint();
  std::string length;
  put_varint(length, out.version);
  out.bytes = value->substr(length.size());
  return out;
}

void rocks_store::each_snapshot(const std::function<void(const stream_key&)>& visit) const {
  const std::unique_ptr<rocksdb::Iterator> it{
      impl_->folder.db().NewIterator({}, impl_->folder.snapshots())};
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    byte_reader in{view(it->key())};
    const tenant_id tenant{std::string{in.text()}};
    const std::string kind{in.text()};
    visit({tenant, kind, std::string{in.text()}});
  }
  check(it->status(), "the snapshots cannot be read");
}

void rocks_store::put_view(std::string_view name, position up_to, std::string_view bytes) {
  impl_->put_side_data(impl_->folder.views(), name, position_key(up_to).append(bytes));
}

std::optional<std::pair<position, std::string>> rocks_store::get_view(std::string_view name) const {
  const auto value = impl_->get(impl_->folder.views(), name);
  if (!value) return std::nullopt;
  if (value->size() < 8) throw storage_error{"a stored view is cut short"};
  return std::pair{be64(*value), value->substr(8)};
}

std::optional<std::string> rocks_store::find(const tenant_id& tenant,
                                             const subject_id& subject) const {
  const auto value = impl_->get(impl_->folder.keys(), owner_key(tenant, subject));
  if (!value || value->empty() || value->front() == erased_key) return std::nullopt;
  return value->substr(1);
}

std::string rocks_store::find_or_create(const tenant_id& tenant, const subject_id& subject) {
  const auto name = owner_key(tenant, subject);
  std::lock_guard lock{impl_->making_keys};
  const auto known = impl_->get(impl_->folder.keys(), name);
  if (known && !known->empty() && known->front() == live_key) return known->substr(1);
  if (known) throw storage_error{"this person's key was erased; nothing can be sealed under it"};
  std::string key(key_bytes, '\0');
  impl_->random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  rocksdb::WriteOptions how;
  how.sync = !planted(bug::key_not_synced);
  check(impl_->folder.db().Put(how, impl_->folder.keys(), name, live_key + key),
        "the key of a person cannot be written");
  return key;
}

void rocks_store::create_missing(const tenant_id& tenant, const std::vector<subject_id>& subjects) {
  std::lock_guard lock{impl_->making_keys};
  rocksdb::WriteBatch batch;
  for (const auto& subject : subjects) {
    const auto name = owner_key(tenant, subject);
    if (impl_->get(impl_->folder.keys(), name)) continue;
    std::string key(key_bytes, '\0');
    impl_->random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
    check(batch.Put(impl_->folder.keys(), name, live_key + key), "a key does not fit into a batch");
  }
  if (batch.Count() == 0) return;
  rocksdb::WriteOptions how;
  how.sync = !planted(bug::key_not_synced);
  check(impl_->folder.db().Write(how, &batch), "the keys of people cannot be written");
}

} // namespace strowger::storage
