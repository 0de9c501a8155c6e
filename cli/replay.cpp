#include "actors/runtime/decode.hpp"
#include "actors/runtime/fingerprint.hpp"
#include "actors/runtime/shell_snapshot.hpp"
#include "cli/archive.hpp"
#include "cli/commands.hpp"
#include "storage/codec.hpp"

#include <chrono>
#include <iostream>

namespace strowger::cli {
namespace {

constexpr std::size_t page = 4096;
constexpr position progress_every = 200'000;

// Folds one stream to a version, for comparison with the snapshot that the server stored of it.
template <aggregate A> bool snapshot_matches(const archive& log, const storage::stream_key& key) {
  const auto saved = log.store().get_snapshot(key);
  if (!saved) return true;
  const auto live =
      storage::decode<runtime::shell_snapshot<A>>(saved->bytes, key.tenant, log.vault()).state;
  typename A::state folded{};
  for (version from = 1; from <= saved->version;) {
    const auto records = log.store().read_stream(key, from, page);
    if (records.empty()) return false;
    for (const auto& r : records) {
      if (r.version > saved->version) break;
      folded = A::evolve(std::move(folded), storage::decode_event<typename A::event>(
                                                r.tag, r.payload, key.tenant, log.vault()));
    }
    from = records.back().version + 1;
  }
  return storage::fingerprint(folded) == storage::fingerprint(live);
}

template <aggregate A, class Map>
std::size_t compare(const archive& log, const tenant_id& tenant, const Map& streams) {
  std::size_t wrong = 0;
  for (const auto& [id, state] : streams) {
    const storage::stream_key key{tenant, A::kind, id.value};
    if (snapshot_matches<A>(log, key)) continue;
    ++wrong;
    std::cout << "difference: the snapshot of " << A::kind << "/" << id.value
              << " is not what its events give\n";
  }
  return wrong;
}

// The chain of the log itself: positions, versions and sequences without a gap.
class chain {
public:
  std::size_t wrong = 0;

  void check(const storage::record& r) {
    expect(r.at == last_ + 1, r, "a gap before this position");
    last_ = r.at;
    auto& head = streams_[{r.tenant, r.kind, r.stream}];
    expect(r.version == head.first + 1, r, "a version is missing in its stream");
    expect(r.previous == head.second, r, "its stream's previous position is wrong");
    head = {r.version, r.at};
    auto& sequence = tenants_[r.tenant];
    expect(r.tenant_sequence == sequence + 1, r, "a gap in its tenant's sequence");
    sequence = r.tenant_sequence;
    expect(r.epoch >= epoch_, r, "an older owner wrote after a newer one");
    epoch_ = r.epoch;
  }

private:
  void expect(bool good, const storage::record& r, const char* what) {
    if (good) return;
    ++wrong;
    std::cout << "difference: position " << r.at << ": " << what << '\n';
  }
  position last_ = 0;
  incarnation epoch_ = 0;
  std::map<storage::stream_key, std::pair<version, position>> streams_;
  std::map<tenant_id, std::uint64_t> tenants_;
};

} // namespace

int replay(const replay_options& o) {
  const archive log{o.data_dir};
  const auto started = std::chrono::steady_clock::now();
  const auto live = log.store().get_view(runtime::world_view);
  views::world world;
  chain links;
  std::size_t wrong = 0;
  bool compared = !live;
  const auto compare_live = [&] {
    compared = true;
    if (runtime::digest_of(world) == live->second) return;
    ++wrong;
    std::cout << "difference: the live views at position " << live->first
              << " were not what the log gives\n";
  };
  for (position from = 1;;) {
    const auto records = log.store().read_log(from, page);
    if (records.empty()) break;
    for (const auto& r : records) {
      links.check(r);
      if (const auto e = runtime::decode_record(r, log.vault())) views::fold(world, *e);
      world.folded = r.at;
      if (live && !compared && r.at == live->first) compare_live();
      if (!o.quiet && r.at % progress_every == 0) std::cerr << "replayed " << r.at << " events\n";
    }
    from = records.back().at + 1;
  }
  if (!compared) compare_live(); // the views knew more than the log has
  wrong += links.wrong;
  std::size_t things = 0;
  for (const auto& [tenant, t] : world.tenants) {
    wrong += compare<agent::spec>(log, tenant, t.agents);
    wrong += compare<extension::spec>(log, tenant, t.extensions);
    wrong += compare<session::spec>(log, tenant, t.sessions);
    wrong += compare<call::spec>(log, tenant, t.calls);
    things += t.agents.size() + t.extensions.size() + t.sessions.size() + t.history.size();
  }
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  std::cout << "replayed " << world.folded << " events of " << world.tenants.size()
            << " tenants into " << things << " things in " << ms.count() << " ms: "
            << (wrong == 0 ? std::string{"no difference"} : std::to_string(wrong) + " differences")
            << (live ? ", live views compared at position " + std::to_string(live->first)
                     : ", no live views stored yet")
            << '\n';
  return wrong == 0 ? exit_ok : exit_difference;
}

} // namespace strowger::cli
