#include "tests/power/play/play.hpp"

#include "tests/power/play/folder.hpp"

namespace strowger::power {
namespace {

constexpr const char* harms[] = {"none",         "EIO",          "ENOSPC",     "a short write",
                                 "a cut before", "a cut midway", "a cut after"};
constexpr const char* survivals[] = {"nothing",      "everything", "a prefix",
                                     "a torn block", "some pages", "mixed"};

settings settings_of(dice& luck) {
  settings out;
  out.index_runs_max = luck.between(5, 60);
  out.index_groups_max = luck.between(3, 40);
  out.heads_max = luck.between(2, 20);
  out.memtable_bytes = luck.chance(70) ? 64 * 1024 : 64 * 1024 * 1024;
  out.ends_on_failure = luck.chance(75);
  return out;
}

work work_of(dice& luck, bool threads) {
  work out;
  out.steps = luck.between(1, 30);
  out.batch_max = luck.between(1, 12);
  out.streams = luck.between(1, 20);
  out.bytes_max = luck.chance(30) ? 4'000 : 400;
  if (threads) out.producers = luck.between(2, 4);
  return out;
}

class life {
public:
  life(std::uint64_t seed, const options& how) :
      luck_(seed), how_(how), folder_(seed, settings_of(luck_), how),
      threads_(how.threads && luck_.chance(15)) {}

  std::string run(counts& out) {
    const auto starts = luck_.between(2, how_.starts_max);
    for (std::size_t i = 0; i < starts && folder_.judge().broken().empty(); ++i) one_start(out);
    if (folder_.judge().broken().empty()) last_start();
    out.acknowledged += folder_.judge().acknowledged();
    return folder_.judge().broken();
  }

private:
  // Somewhere in what the last start did, or in one kind of its operations; one in four while it is
  // still being opened.
  trouble plan() {
    trouble out;
    if (luck_.chance(20)) return out;
    out.what = luck_.chance(85) ? static_cast<harm>(luck_.between(4, 6))
                                : static_cast<harm>(luck_.between(1, 3));
    if (luck_.chance(50) && !seen_.empty()) {
      auto some = seen_.begin();
      std::advance(some, luck_.below(seen_.size()));
      out.where = some->first;
      out.nth = luck_.between(1, some->second + 1);
    } else
      out.nth = luck_.between(1, luck_.chance(25) ? 150 : reach_);
    return out;
  }

  void one_start(counts& out) {
    const auto what = plan();
    folder_.tell("start with " + text_of(what));
    folder_.disk().plan(what);
    if (folder_.start(luck_)) folder_.use(dice{luck_.next()}, work_of(luck_, threads_));
    reach_ = 50;
    for (const auto& [name, count] : seen_ = folder_.disk().operations()) reach_ += count;
    if (folder_.disk().struck()) ++out.faults;
    leave(out, what);
  }

  void leave(counts& out, const trouble& what) {
    const bool power = what.what >= harm::cut_before && folder_.disk().struck();
    const auto chosen = luck_.below(10);
    if (!power && chosen < 2 && !folder_.disk().struck()) {
      folder_.tell("stop");
      ++out.stops;
      folder_.finish();
    }
    if (!power && chosen % 2 == 0) {
      folder_.tell("the process ends");
      ++out.kills;
      folder_.end_process();
      return;
    }
    const auto how = static_cast<survival>(luck_.below(6));
    folder_.tell(std::string{"cut, which leaves "} + survivals[static_cast<int>(how)]);
    ++out.cuts;
    folder_.cut(how, luck_);
  }

  void last_start() {
    folder_.tell("the last start");
    if (!folder_.start(luck_)) return;
    folder_.use(dice{luck_.next()}, work_of(luck_, threads_));
    folder_.finish();
    folder_.end_process();
    if (folder_.judge().broken().empty()) folder_.start(luck_);
  }

  dice luck_;
  const options& how_;
  folder folder_;
  const bool threads_;
  std::map<std::string, std::uint64_t> seen_; // operations of the last start
  std::uint64_t reach_ = 300;
};

} // namespace

std::string text_of(const trouble& t) {
  if (t.what == harm::none) return "no trouble";
  return std::string{harms[static_cast<int>(t.what)]} + " at " +
         (t.where.empty() ? "operation" : t.where) + " " + std::to_string(t.nth);
}

std::string play(std::uint64_t seed, const options& how, counts* out) {
  counts ignored;
  std::string story;
  auto noting = how;
  noting.tell = [&](const std::string& line) {
    story += "\n  " + line;
    if (how.tell) how.tell(line);
  };
  const auto broken = life{seed, noting}.run(out ? *out : ignored);
  return broken.empty() ? broken : broken + story;
}

} // namespace strowger::power
