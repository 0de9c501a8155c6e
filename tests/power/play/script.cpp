#include "tests/power/play/folder.hpp"
#include "tests/power/play/play.hpp"

namespace strowger::power {
namespace {

constexpr std::size_t starts = 2;
constexpr std::uint64_t seed = 7;

settings script_settings() {
  settings out;
  out.index_runs_max = 15;
  out.index_groups_max = 10;
  out.heads_max = 6;
  return out;
}

work script_work() {
  work out;
  out.steps = 16;
  out.batch_max = 6;
  out.streams = 8;
  out.bytes_max = 1'500;
  return out;
}

bool only_looks(const std::string& name) {
  for (const auto* const verb : {" read", " look", " list", " open"})
    if (name.ends_with(verb)) return true;
  return false;
}

// What each start of the script does, by name.
std::vector<std::map<std::string, std::uint64_t>> operations_of_the_script() {
  std::vector<std::map<std::string, std::uint64_t>> out;
  folder f{seed, script_settings(), {}};
  dice luck{seed};
  for (std::size_t i = 0; i < starts; ++i) {
    f.start(luck);
    f.use(dice{i}, script_work());
    f.finish();
    out.push_back(f.disk().operations());
    f.end_process();
  }
  return out;
}

} // namespace

std::vector<point> points_of_the_script() {
  std::vector<point> out;
  const auto operations = operations_of_the_script();
  for (std::size_t start = 0; start < starts; ++start)
    for (const auto& [name, count] : operations[start])
      for (std::uint64_t nth = 1; nth <= count; ++nth) {
        const auto a_cut =
            static_cast<harm>(static_cast<std::uint64_t>(harm::cut_before) + nth % 3);
        out.push_back({start, {a_cut, name, nth}, true});
        for (const auto what : {harm::eio, harm::enospc, harm::short_write})
          for (const bool power : {false, true})
            if (what == harm::eio || !only_looks(name))
              out.push_back({start, {what, name, nth}, power});
      }
  return out;
}

std::string play_script(const point& where, bool* struck, const options& how) {
  folder f{seed, script_settings(), how};
  dice luck{seed};
  for (std::size_t i = 0; i <= where.start; ++i) {
    if (i == where.start) f.disk().plan(where.what);
    if (f.start(luck)) f.use(dice{i}, script_work());
    f.finish();
    if (i == where.start && struck) *struck = f.disk().struck();
    if (i == where.start && where.power)
      f.cut(static_cast<survival>(where.what.nth % 6), luck);
    else
      f.end_process();
  }
  for (int again = 0; again < 2 && f.judge().broken().empty(); ++again) {
    if (f.start(luck)) f.use(dice{10}, {.steps = 3});
    f.finish();
    f.end_process();
  }
  return f.judge().broken();
}

} // namespace strowger::power
