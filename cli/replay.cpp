#include "actors/runtime/decode.hpp"
#include "actors/runtime/picture.hpp"
#include "actors/runtime/shell_snapshot.hpp"
#include "cli/archive.hpp"
#include "cli/commands.hpp"
#include "cli/stop_note.hpp"
#include "storage/codec.hpp"

#include <chrono>
#include <iostream>
#include <map>
#include <unordered_map>

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
    if (key.kind == slave::spec::kind) return snapshot_matches<slave::spec>(log, key);
    if (key.kind == session::spec::kind) return snapshot_matches<session::spec>(log, key);
    return std::nullopt;
  }
};

// What the server held: the rows that it wrote behind the log, and how far it said the log went.
class live_views {
public:
  std::size_t wrong = 0;

  live_views(const archive& log, std::optional<position> stopped) :
      log_(log), at_(log.rows().reflects()), stopped_(stopped) {}

  void look(const views::world& world, const runtime::inboxes& boxes) {
    if (at_ == 0 || world.folded != at_) return;
    compared_ = true;
    for (const auto& line :
         runtime::differences(log_.rows(), log_.vault(), world, boxes, limits::differences_max)) {
      ++wrong;
      std::cout << "difference: the live views at position " << at_ << ": " << line << '\n';
    }
  }
  void finish(position last) { // positions that the log does not have
    for (const auto at : {compared_ ? 0 : at_, stopped_.value_or(0)}) {
      if (at <= last) continue;
      ++wrong;
      std::cout << "difference: the server knew position " << at
                << ", which the log does not have\n";
    }
  }
  std::string said() const {
    if (at_ == 0) return "no live views were stored: nothing but the log itself was compared";
    return "live views compared at position " + std::to_string(at_);
  }

private:
  const archive& log_;
  const position at_;
  const std::optional<position> stopped_;
  bool compared_ = false;
};

// The chain of the log itself: positions, versions and sequences without a gap.
class chain {
public:
  std::size_t wrong = 0;

  void check(const storage::record& r) {
    expect(r.at == last_ + 1, r, "a gap before this position");
    last_ = r.at;
    name_.assign(r.tenant.value).append(1, '\0').append(r.kind).append(1, '\0').append(r.stream);
    auto& head = streams_[name_];
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
  std::string name_; // of the stream at hand
  std::unordered_map<std::string, std::pair<version, position>> streams_;
  std::map<tenant_id, std::uint64_t> tenants_;
};

struct folded {
  views::world world;
  runtime::inboxes boxes;
  chain links;

  void fold(const views::committed& e) { runtime::keep_inboxes(boxes, e, views::fold(world, e)); }
};

folded fold_all(const archive& log, live_views& live, bool quiet) {
  folded out;
  for (position from = 1;;) {
    const auto records = log.store().read_log(from, page);
    if (records.empty()) return out;
    for (const auto& r : records) {
      out.links.check(r);
      if (const auto e = runtime::decode_record(r, log.vault())) out.fold(*e);
      out.world.folded = r.at;
      live.look(out.world, out.boxes);
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
  const auto stopped = read_stop_note(o.data_dir); // before the log: it may be stopping just now
  const archive log{o.data_dir};
  live_views live{log, stopped};
  const auto all = fold_all(log, live, o.quiet);
  live.finish(all.world.folded);
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
