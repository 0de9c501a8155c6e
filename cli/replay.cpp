#include "actors/runtime/decode.hpp"
#include "actors/runtime/fingerprint.hpp"
#include "actors/runtime/shell_snapshot.hpp"
#include "cli/archive.hpp"
#include "cli/commands.hpp"
#include "cli/stop_note.hpp"
#include "storage/codec.hpp"

#include <chrono>
#include <iostream>
#include <map>
#include <set>

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

// Every snapshot the server ever stored and still uses, also of what has ended.
class snapshots {
public:
  std::size_t wrong = 0, compared = 0, unknown = 0;

  explicit snapshots(const archive& log) {
    log.each_snapshot([&](const storage::stream_key& key) {
      const auto good = matches(log, key);
      if (!good) {
        ++unknown;
        return;
      }
      ++compared;
      if (*good) return;
      ++wrong;
      std::cout << "difference: the snapshot of " << key.kind << "/" << key.id
                << " is not what its events give\n";
    });
  }

private:
  static std::optional<bool> matches(const archive& log, const storage::stream_key& key) {
    if (key.kind == agent::spec::kind) return snapshot_matches<agent::spec>(log, key);
    if (key.kind == call::spec::kind) return snapshot_matches<call::spec>(log, key);
    if (key.kind == extension::spec::kind) return snapshot_matches<extension::spec>(log, key);
    if (key.kind == license::spec::kind) return snapshot_matches<license::spec>(log, key);
    if (key.kind == session::spec::kind) return snapshot_matches<session::spec>(log, key);
    return std::nullopt;
  }
};

// What the server held in memory, as it noted it while it ran and when it stopped.
class live_views {
public:
  std::size_t wrong = 0;

  void expect(const std::optional<std::pair<position, std::string>>& note) {
    if (note) notes_[note->first].insert(note->second);
  }
  void look(const views::world& world) {
    const auto note = notes_.find(world.folded);
    if (note == notes_.end() || !compared_.insert(world.folded).second) return;
    if (note->second == std::set{runtime::digest_of(world)}) return;
    ++wrong;
    std::cout << "difference: the live views at position " << world.folded
              << " were not what the log gives\n";
  }
  void finish() { // positions that the log does not have
    for (const auto& [at, digests] : notes_) {
      if (compared_.contains(at)) continue;
      ++wrong;
      std::cout << "difference: the live views knew position " << at
                << ", which the log does not have\n";
    }
  }
  std::string said() const {
    if (notes_.empty()) return "no live views were stored: nothing but the log itself was compared";
    std::string out = "live views compared at position ";
    for (const auto& [at, digests] : notes_)
      out += (at == notes_.begin()->first ? "" : " and ") + std::to_string(at);
    return out;
  }

private:
  std::map<position, std::set<std::string>> notes_;
  std::set<position> compared_;
};

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

struct folded {
  views::world world;
  chain links;
};

folded fold_all(const archive& log, live_views& live, bool quiet) {
  folded out;
  live.look(out.world);
  for (position from = 1;;) {
    const auto records = log.store().read_log(from, page);
    if (records.empty()) return out;
    for (const auto& r : records) {
      out.links.check(r);
      if (const auto e = runtime::decode_record(r, log.vault())) views::fold(out.world, *e);
      out.world.folded = r.at;
      live.look(out.world);
      if (!quiet && r.at % progress_every == 0) std::cerr << "replayed " << r.at << " events\n";
    }
    from = records.back().at + 1;
  }
}

std::string plural(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

} // namespace

int replay(const replay_options& o) {
  const auto started = std::chrono::steady_clock::now();
  live_views live;
  live.expect(read_stop_note(o.data_dir)); // before the log: the server may be stopping just now
  const archive log{o.data_dir};
  live.expect(log.store().get_view(runtime::world_view));
  const auto all = fold_all(log, live, o.quiet);
  live.finish();
  const snapshots saved{log};
  const auto wrong = live.wrong + all.links.wrong + saved.wrong;
  std::size_t things = 0;
  for (const auto& [tenant, t] : all.world.tenants)
    things += t.agents.size() + t.extensions.size() + t.sessions.size() + t.history.size();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  std::cout << "replayed " << plural(all.world.folded, "event") << " of "
            << plural(all.world.tenants.size(), "tenant") << " into " << plural(things, "thing")
            << " in " << ms.count()
            << " ms: " << (wrong == 0 ? std::string{"no difference"} : plural(wrong, "difference"))
            << ", " << live.said() << ", " << plural(saved.compared, "snapshot") << " compared";
  if (saved.unknown > 0) std::cout << ", " << saved.unknown << " of unknown kinds not compared";
  std::cout << '\n';
  return wrong == 0 ? exit_ok : exit_difference;
}

} // namespace strowger::cli
