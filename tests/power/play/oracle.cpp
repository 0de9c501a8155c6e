#include "tests/power/play/oracle.hpp"

#include <charconv>
#include <tuple>

namespace strowger::power {
namespace {

using storage::append_result;
using storage::record;

std::string payload_of(std::uint64_t id, std::size_t index, std::size_t bytes) {
  auto out = std::to_string(id) + "/" + std::to_string(index) + "/";
  dice filler{id * 1000 + index};
  while (out.size() < bytes) out.push_back(static_cast<char>(filler.next()));
  return out;
}

std::string tag_of(std::uint64_t id) { return "call.event_" + std::to_string(id % 7) + ".v1"; }

storage::metadata meta_of(std::uint64_t id) {
  storage::metadata out;
  out.time = 1'700'000'000'000 + static_cast<time_ms>(id);
  out.principal = "agent " + std::to_string(id % 5);
  out.command = command_id{"command " + std::to_string(id)};
  out.correlation = "call " + std::to_string(id % 3);
  out.causation = id / 2;
  out.wake_at = id % 4 == 0 ? never : out.time + 30'000;
  return out;
}

auto fields_of(const storage::metadata& m) {
  return std::tie(m.time, m.principal, m.command, m.correlation, m.causation, m.wake_at);
}

auto fields_of(const record& r) {
  return std::tuple_cat(std::tie(r.at, r.tenant, r.tenant_sequence, r.kind, r.stream, r.version,
                                 r.previous, r.epoch, r.tag, r.payload),
                        fields_of(r.meta));
}

bool same(const record& a, const record& b) { return fields_of(a) == fields_of(b); }

std::string number(std::uint64_t n) { return std::to_string(n); }

} // namespace

storage::append oracle::next(const stream_key& stream, version expected, std::size_t events,
                             std::size_t bytes, std::uint64_t& id) {
  std::lock_guard lock{mutex_};
  id = sent_.size();
  sent_.push_back({stream, expected, events, bytes});
  storage::append out;
  out.stream = stream;
  out.expected = expected;
  for (std::size_t i = 0; i < events; ++i)
    out.events.push_back({tag_of(id), payload_of(id, i, bytes)});
  out.meta = meta_of(id);
  return out;
}

void oracle::answered(std::uint64_t id, const append_result& result) {
  std::lock_guard lock{mutex_};
  auto& what = sent_[id];
  if (what.what != fate::waiting) return fail("append " + number(id) + " was answered twice");
  const bool done = result.error == errc::ok;
  what.what = done                                    ? fate::acknowledged
              : result.error == errc::outcome_unknown ? fate::unknown
                                                      : fate::refused;
  what.last = result.last;
  if (done && what.events > 0) ++acknowledged_;
}

void oracle::committed(const std::vector<record>& group) {
  std::lock_guard lock{mutex_};
  for (const auto& r : group) {
    if (r.at != log_.size() + 1)
      fail("the listener was told of position " + number(r.at) + " after " + number(log_.size()));
    log_.push_back(r);
  }
}

void oracle::key_made(const tenant_id& tenant, const subject_id& subject, const std::string& key) {
  std::lock_guard lock{mutex_};
  const auto [known, fresh] = keys_.try_emplace({tenant.value, subject.value}, key);
  if (!fresh && known->second != key) fail("the key of " + subject.value + " changed");
}

void oracle::put_snapshot(storage::rocks_store& store, const stream_key& stream, version at,
                          dice& luck) {
  const auto bytes = payload_of(luck.next(), 0, 20 + luck.below(3000));
  {
    std::lock_guard lock{mutex_};
    snapshots_[stream][bytes] = at;
  }
  store.put_snapshot(stream, {at, bytes});
}

void oracle::put_view(storage::rocks_store& store, const std::string& name, dice& luck) {
  const auto bytes = payload_of(luck.next(), 0, 20 + luck.below(3000));
  const auto up_to = store.durable();
  {
    std::lock_guard lock{mutex_};
    views_[name][bytes] = up_to;
  }
  store.put_view(name, up_to, bytes);
}

void oracle::owned_by(incarnation epoch) { epochs_.insert(epoch); }

std::vector<record> oracle::read_all(const storage::rocks_store& store, dice& luck) const {
  std::vector<record> out;
  for (;;) {
    auto page = store.read_log(out.size() + 1, 1 + luck.below(400));
    if (page.empty()) return out;
    std::ranges::move(page, std::back_inserter(out));
  }
}

void oracle::check(const storage::rocks_store& store, dice& luck) {
  auto found = read_all(store, luck); // may throw: nothing is known then
  const auto durable = store.durable();
  if (durable != found.size())
    fail("durable() is " + number(durable) + ", the log ends at " + number(found.size()));
  compare_with_what_was_told(std::move(found));
  check_numbers();
  check_appends();
  settle_fates();
  if (broken().empty()) check_streams(store, luck);
  if (broken().empty()) check_side_data(store);
}

void oracle::compare_with_what_was_told(std::vector<record> found) {
  if (found.size() < log_.size())
    fail("position " + number(log_.size()) + " was told, the log ends at " + number(found.size()));
  for (std::size_t i = 0; i < std::min(found.size(), log_.size()); ++i)
    if (!same(found[i], log_[i])) fail("position " + number(i + 1) + " is not what was told");
  log_ = std::move(found);
}

// Positions, versions, tenant sequences and the chain of previous positions.
void oracle::check_numbers() {
  heads_.clear();
  std::map<tenant_id, std::uint64_t> sequences;
  position at = 0;
  for (const auto& r : log_) {
    const auto where = "position " + number(r.at) + ": ";
    if (r.at != ++at) fail(where + "follows " + number(at - 1));
    auto& h = heads_[{r.tenant, r.kind, r.stream}];
    if (r.version != h.at + 1)
      fail(where + "version " + number(r.version) + " after " + number(h.at));
    if (r.previous != h.last) fail(where + "names " + number(r.previous) + " as the one before");
    if (r.tenant_sequence != ++sequences[r.tenant]) fail(where + "a gap in the tenant's sequence");
    if (!epochs_.contains(r.epoch)) fail(where + "written by nobody");
    h = {r.version, r.at};
  }
}

// Every event is a part of an append that was sent, whole and once.
void oracle::check_appends() {
  for (auto& what : sent_) what.seen = 0;
  for (const auto& r : log_) check_event(r);
  for (std::size_t id = 0; id < sent_.size(); ++id) {
    const auto& what = sent_[id];
    if (what.seen == 0 || what.events < 2) continue;
    const auto last = what.seen + what.events - 1;
    if (last > log_.size() || log_[last - 1].payload != payload_of(id, what.events - 1, what.bytes))
      fail("append " + number(id) + " is there in part");
  }
}

void oracle::check_event(const record& r) {
  const auto where = "position " + number(r.at) + ": ";
  std::uint64_t id = 0, index = 0;
  const auto* const end = r.payload.data() + r.payload.size();
  const auto first = std::from_chars(r.payload.data(), end, id);
  if (first.ec == std::errc{} && first.ptr != end) std::from_chars(first.ptr + 1, end, index);
  if (id >= sent_.size()) return fail(where + "nobody sent this");
  auto& what = sent_[id];
  if (index >= what.events || r.payload != payload_of(id, index, what.bytes))
    return fail(where + "the bytes of append " + number(id) + " are wrong");
  if (index == 0 && what.seen != 0) return fail("append " + number(id) + " is there twice");
  if (index == 0) what.seen = r.at;
  if (r.at != what.seen + index) fail(where + "append " + number(id) + " is not in one piece");
  if (stream_key{r.tenant, r.kind, r.stream} != what.stream) fail(where + "in a wrong stream");
  if (r.version != what.expected + index + 1) fail(where + "a wrong version");
  if (r.tag != tag_of(id) || fields_of(r.meta) != fields_of(meta_of(id)))
    fail(where + "a wrong tag or origin");
}

void oracle::settle_fates() {
  for (std::size_t id = 0; id < sent_.size(); ++id) {
    auto& what = sent_[id];
    const auto name = "append " + number(id);
    const bool there = what.seen != 0;
    if (what.what == fate::acknowledged && what.events > 0) {
      if (!there)
        fail(name + " was acknowledged at position " + number(what.last) + " and is lost");
      if (there && what.last != what.seen + what.events - 1)
        fail(name + " was acknowledged at another position");
    }
    if (what.what == fate::written && !there) fail(name + " was there and is lost");
    if (what.what == fate::refused && there) fail(name + " was refused and is there");
    if (what.what == fate::lost && there) fail(name + " was not there and came back");
    if (what.what == fate::waiting || what.what == fate::unknown)
      what.what = there ? fate::written : fate::lost;
  }
}

void oracle::check_streams(const storage::rocks_store& store, dice& luck) {
  std::map<stream_key, std::vector<const record*>> expected;
  for (const auto& r : log_) expected[{r.tenant, r.kind, r.stream}].push_back(&r);
  for (const auto& [stream, events] : expected) {
    const version from = luck.chance(50) ? 1 : luck.between(1, events.size() + 1);
    const auto max = luck.chance(50) ? events.size() : luck.between(1, events.size());
    const auto found = store.read_stream(stream, from, max);
    const auto wanted = std::min<std::size_t>(max, events.size() + 1 - from);
    if (found.size() != wanted)
      fail("stream " + stream.id + " from " + number(from) + ": " + number(found.size()) +
           " events instead of " + number(wanted));
    for (std::size_t i = 0; i < std::min(found.size(), wanted); ++i)
      if (!same(found[i], *events[from - 1 + i]))
        fail("stream " + stream.id + ": version " + number(from + i) + " is another event");
  }
}

// Keys are there for good. Snapshots and views may be lost, but are never half or of the future.
void oracle::check_side_data(const storage::rocks_store& store) {
  for (const auto& [owner, key] : keys_)
    if (store.find(tenant_id{owner.first}, subject_id{owner.second}) != key)
      fail("the key of " + owner.second + " is lost");
  std::set<stream_key> listed;
  store.each_snapshot([&](const stream_key& s) { listed.insert(s); });
  for (const auto& [stream, put] : snapshots_) {
    const auto found = store.get_snapshot(stream);
    if (found.has_value() != listed.contains(stream))
      fail("the snapshot of " + stream.id + " is listed wrongly");
    if (!found) continue;
    const auto known = put.find(found->bytes);
    if (known == put.end() || known->second != found->version)
      fail("the snapshot of " + stream.id + " is none that was put");
    if (found->version > heads_[stream].at)
      fail("the snapshot of " + stream.id + " is ahead of the log");
  }
  for (const auto& [name, put] : views_) {
    const auto found = store.get_view(name);
    if (!found) continue;
    const auto known = put.find(found->second);
    if (known == put.end() || known->second != found->first) fail("a view is none that was put");
    if (found->first > log_.size()) fail("a view is ahead of the log");
  }
}

void oracle::check_stream(const storage::rocks_store& store, const stream_key& stream,
                          version at_least) {
  const auto found = store.read_stream(stream, 1, 100'000);
  if (found.size() < at_least)
    fail("stream " + stream.id + " reads as " + number(found.size()) + " events, " +
         number(at_least) + " were acknowledged");
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i].version != i + 1) fail("stream " + stream.id + " reads with a gap");
}

std::map<oracle::stream_key, version> oracle::heads() const {
  std::map<stream_key, version> out;
  for (const auto& [stream, h] : heads_) out[stream] = h.at;
  return out;
}

void oracle::fail(const std::string& what) {
  std::lock_guard lock{broken_mutex_};
  if (broken_.empty()) broken_ = what;
}

std::string oracle::broken() const {
  std::lock_guard lock{broken_mutex_};
  return broken_;
}

std::uint64_t oracle::acknowledged() const {
  std::lock_guard lock{mutex_};
  return acknowledged_;
}

} // namespace strowger::power
