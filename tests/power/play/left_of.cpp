#include "tests/power/play/disk.hpp"

#include <algorithm>

namespace strowger::power {
namespace {

constexpr std::size_t page = page_bytes;

// A block of which the power went while it was written: zeros, noise, or a part of it and noise.
void tear(std::string& bytes, std::size_t from, std::size_t to, dice& luck) {
  const auto kind = luck.below(4);
  const auto kept = kind == 3 ? luck.below(to - from) : 0;
  for (auto i = from + kept; i < to; ++i)
    bytes[i] = kind == 0 ? '\0' : kind == 1 ? '\xff' : static_cast<char>(luck.next());
}

std::string torn(const node& file, dice& luck) {
  const std::size_t block = luck.chance(50) ? 512 : page;
  auto bytes = file.bytes;
  const auto at = file.synced + luck.below(bytes.size() - file.synced);
  const auto from = std::max(file.synced, at - at % block);
  const auto to = std::min(bytes.size(), at - at % block + block);
  bytes.resize(to);
  tear(bytes, from, to, luck);
  return bytes;
}

// Written in any order: any pages are there, the others read as zeros.
std::string some_pages(const node& file, dice& luck) {
  auto bytes = file.bytes;
  std::size_t end = file.synced;
  for (auto from = file.synced; from < bytes.size();) {
    const auto to = std::min(bytes.size(), from - from % page + page);
    if (luck.chance(50))
      end = to;
    else
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
    from = to;
  }
  if (luck.chance(50)) bytes.resize(end); // the size was not written either
  return bytes;
}

// A mapped page goes to the disk when the kernel likes.
std::string some_mark(const node& file, dice& luck) {
  if (luck.chance(30)) return file.bytes.substr(0, file.synced);
  const auto back = luck.chance(50) ? 0 : luck.below(file.was.size());
  const auto number = file.was[file.was.size() - 1 - back];
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// Written over, and not synced: of every page the new or the old; of one perhaps a part of each.
std::string written_over(const node& file, survival how, dice& luck) {
  auto bytes = file.bytes;
  const auto whole = luck.below(file.under.size() + 1); // a prefix: so many pages are new
  std::size_t number = 0;
  for (const auto& [at, old] : file.under) {
    const bool in_front = number < whole, border = number++ == whole;
    const bool fresh = how == survival::everything                              ? true
                       : how == survival::prefix || how == survival::torn_block ? in_front
                       : how == survival::some_pages                            ? luck.chance(50)
                                                                                : false;
    if (fresh) continue;
    const auto kept = how == survival::torn_block && border ? luck.below(old.size() + 1) : 0;
    bytes.replace(at + kept, old.size() - kept, old, kept);
  }
  return bytes;
}

} // namespace

std::string left_of(const node& file, survival how, dice& luck) {
  if (!file.was.empty()) return some_mark(file, luck);
  if (!file.cut_off.empty() && luck.chance(50)) return file.bytes + file.cut_off;
  if (how == survival::mixed) how = static_cast<survival>(luck.below(5));
  if (!file.under.empty()) {
    node behind;
    behind.bytes = written_over(file, how, luck);
    behind.synced = file.synced;
    return left_of(behind, how, luck);
  }
  if (file.synced >= file.bytes.size()) return file.bytes;
  switch (how) {
  case survival::everything:
    return file.bytes;
  case survival::prefix:
    return file.bytes.substr(0, file.synced + luck.below(file.bytes.size() - file.synced + 1));
  case survival::torn_block:
    return torn(file, luck);
  case survival::some_pages:
    return some_pages(file, luck);
  default:
    return file.bytes.substr(0, file.synced);
  }
}

} // namespace strowger::power
