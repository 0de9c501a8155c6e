#include "tests/power/play/disk.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace strowger::power {
namespace {

using status = rocksdb::IOStatus;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

// The kind of file, so that its operations have names that stay the same from run to run.
std::string kind_of(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  if (path.find("/ingest/") != std::string::npos) return "ingest";
  if (name.ends_with(".log")) return "wal";
  if (name.ends_with(".sst")) return "table";
  if (name.starts_with("MANIFEST")) return "manifest";
  if (name.starts_with("CURRENT") || name.ends_with(".dbtmp")) return "current";
  if (name.starts_with("OPTIONS")) return "options";
  if (name.starts_with("DURABLE")) return "mark";
  if (name.starts_with("FORMAT")) return "format";
  if (name == "IDENTITY" || name == "LOCK") return name;
  return "folder";
}

} // namespace

void disk::plan(trouble what) {
  std::lock_guard lock{mutex_};
  planned_ = std::move(what);
  struck_ = false;
}

void disk::power_off() {
  std::lock_guard lock{mutex_};
  if (!off_) note_marks();
  off_ = true;
}

bool disk::off() const {
  std::lock_guard lock{mutex_};
  return off_;
}

bool disk::struck() const {
  std::lock_guard lock{mutex_};
  return struck_;
}

std::map<std::string, std::uint64_t> disk::operations() const {
  std::lock_guard lock{mutex_};
  return counts_;
}

std::uint64_t disk::boot() const {
  std::lock_guard lock{mutex_};
  return boot_;
}

// Every operation comes through here.
disk::verdict disk::enter(const char* doing, const std::string& path) {
  if (off_) return {false, false, status::IOError("the power is off")};
  note_marks();
  const auto name = kind_of(path) + " " + doing;
  const auto count = ++counts_[name];
  ++total_;
  if (planned_.what == harm::none || struck_) return {};
  if (planned_.nth != (planned_.where.empty() ? total_ : count)) return {};
  if (!planned_.where.empty() && planned_.where != name) return {};
  return strike();
}

disk::verdict disk::strike() {
  struck_ = true;
  off_ = planned_.what >= harm::cut_before;
  switch (planned_.what) {
  case harm::eio:
    return {false, false, status::IOError("input/output error, planned")};
  case harm::enospc:
    return {false, false, status::NoSpace("no space left, planned")};
  case harm::short_write:
    return {false, true, status::NoSpace("no space left, planned")};
  case harm::cut_midway:
    return {false, true, status::IOError("the power went")};
  case harm::cut_after:
    return {true, false, status::IOError("the power went")};
  default:
    return {false, false, status::IOError("the power went")};
  }
}

status disk::alive(std::uint64_t boot) const {
  return boot == boot_ ? status::OK() : status::IOError("opened before the last start");
}

status disk::missing(const std::string& path) const {
  return now_.contains(path) ? status::OK() : status::PathNotFound(path);
}

void disk::note_marks() {
  for (auto& [path, file] : now_) {
    if (!file->mapped) continue;
    const auto number = file->mapped->load(std::memory_order_relaxed);
    if (file->was.empty() || file->was.back() != number) file->was.push_back(number);
    if (file->was.size() > 100) file->was.erase(file->was.begin(), file->was.begin() + 50);
  }
}

void disk::write_down(change what) {
  for (auto& [path, file] : what) {
    if (file)
      now_[path] = file;
    else
      now_.erase(path);
  }
  pending_.push_back(std::move(what));
}

// The names in this folder are on the disk now, at most so many changes of them.
void disk::settle(const std::string& folder, std::size_t at_most) {
  std::vector<change> left;
  for (auto& what : pending_) {
    const bool here = std::ranges::any_of(
        what, [&](const auto& entry) { return folder_of(entry.first) == folder; });
    if (!here || at_most == 0) {
      left.push_back(std::move(what));
      continue;
    }
    --at_most;
    for (auto& [path, file] : what) {
      if (file)
        durable_[path] = file;
      else
        durable_.erase(path);
    }
  }
  pending_ = std::move(left);
}

// What stands in a folder that is not there is not there.
void disk::forget_orphans() {
  std::erase_if(now_, [&](const auto& entry) {
    for (auto folder = folder_of(entry.first); folder != "/"; folder = folder_of(folder))
      if (const auto found = now_.find(folder); found == now_.end() || !found->second->folder)
        return true;
    return false;
  });
}

void disk::start_after_cut(survival how, dice& luck) {
  std::lock_guard lock{mutex_};
  if (!off_) note_marks();
  now_ = durable_;
  auto manner = how == survival::mixed ? static_cast<survival>(luck.below(5)) : how;
  // Journals keep the order of names: RocksDB counts on it (the MANIFEST's name before CURRENT).
  const auto kept = manner == survival::everything ? pending_.size()
                    : manner == survival::nothing  ? 0
                                                   : luck.below(pending_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) {
    for (const auto& [path, file] : pending_[i]) {
      if (file)
        now_[path] = file;
      else
        now_.erase(path);
    }
  }
  forget_orphans();
  std::map<const node*, node_ptr> left; // a file may have two names
  for (auto& [path, file] : now_) {
    auto& same = left[file.get()];
    if (!same) {
      same = std::make_shared<node>();
      same->folder = file->folder;
      // A MANIFEST of which a part in the middle is missing is refused by RocksDB itself.
      const bool in_order = kind_of(path) == "manifest" && how > survival::prefix;
      same->bytes = left_of(*file, in_order ? survival::prefix : how, luck);
      same->synced = same->bytes.size();
    }
    file = same;
  }
  durable_ = now_;
  pending_.clear();
  locks_.clear();
  counts_.clear();
  total_ = 0;
  planned_ = {};
  struck_ = off_ = false;
  ++boot_;
}

void disk::start_after_kill() {
  std::lock_guard lock{mutex_};
  if (!off_) note_marks();
  for (auto& [path, file] : now_) {
    if (!file->mapped) continue;
    std::memcpy(file->bytes.data(), &file->was.back(), sizeof file->was.back());
    file->mapped.reset();
  }
  locks_.clear();
  counts_.clear();
  total_ = 0;
  planned_ = {};
  struck_ = off_ = false;
  ++boot_;
}

status disk::make(const std::string& path, node_ptr& out) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("make", path);
  if (verdict.whole) {
    if (folder_of(path) != "/" && !missing(folder_of(path)).ok()) return missing(folder_of(path));
    out = std::make_shared<node>();
    write_down({{path, out}});
  }
  return verdict.said;
}

status disk::find(const std::string& path, node_ptr& out, const char* why) {
  std::lock_guard lock{mutex_};
  auto verdict = enter(why, path);
  if (!verdict.said.ok()) return verdict.said;
  const auto found = now_.find(path);
  if (found == now_.end()) return status::PathNotFound(path);
  out = found->second;
  return status::OK();
}

status disk::append(const std::string& path, node& file, rocksdb::Slice bytes, std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("append", path);
  if (verdict.whole) file.bytes.append(bytes.data(), bytes.size());
  if (verdict.part) file.bytes.append(bytes.data(), dice{planned_.nth}.below(bytes.size() + 1));
  return verdict.said;
}

status disk::write(const std::string& path, node& file, std::uint64_t at, rocksdb::Slice bytes,
                   std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("write", path);
  const auto size = verdict.whole  ? bytes.size()
                    : verdict.part ? dice{planned_.nth}.below(bytes.size() + 1)
                                   : 0;
  for (auto from = at - at % page_bytes; from < std::min<std::size_t>(at + size, file.synced);
       from += page_bytes)
    file.under.try_emplace(from, file.bytes, from,
                           std::min<std::size_t>(page_bytes, file.synced - from));
  if (file.bytes.size() < at + size) file.bytes.resize(at + size);
  std::copy_n(bytes.data(), size, file.bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return verdict.said;
}

status disk::truncate(const std::string& path, node& file, std::uint64_t size, std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("truncate", path);
  if (verdict.whole && size != file.bytes.size()) {
    if (size < file.synced) file.cut_off = file.bytes.substr(size, file.synced - size);
    file.synced = std::min<std::size_t>(file.synced, size);
    file.bytes.resize(size);
  }
  return verdict.said;
}

status disk::sync(const std::string& path, node& file, std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("sync", path);
  if (verdict.whole) {
    file.synced = file.bytes.size();
    file.cut_off.clear();
    file.under.clear();
  }
  if (verdict.part && file.under.empty())
    file.synced += dice{planned_.nth}.below(file.bytes.size() - file.synced + 1);
  return verdict.said;
}

status disk::read(const std::string& path, const node& file, std::uint64_t at, std::size_t max,
                  char* to, std::size_t& size, std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("read", path);
  if (!verdict.said.ok()) return verdict.said;
  std::uint64_t number = 0;
  std::string_view bytes = file.bytes;
  if (file.mapped) {
    number = file.mapped->load();
    bytes = {reinterpret_cast<const char*>(&number), sizeof number};
  }
  size = at >= bytes.size() ? 0 : std::min<std::size_t>(max, bytes.size() - at);
  if (size > 0) std::memcpy(to, bytes.data() + at, size);
  return status::OK();
}

status disk::size_of(const std::string& path, std::uint64_t& size) {
  node_ptr file;
  auto said = find(path, file, "look");
  std::lock_guard lock{mutex_};
  if (said.ok()) size = file->bytes.size();
  return said;
}

status disk::list(const std::string& path, std::vector<std::string>& children) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("list", path);
  if (!verdict.said.ok()) return verdict.said;
  if (!now_.contains(path)) return status::NotFound(path);
  for (const auto& [name, file] : now_)
    if (folder_of(name) == path) children.push_back(name.substr(path.size() + 1));
  return status::OK();
}

status disk::make_folder(const std::string& path, bool may_exist) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("make", path);
  if (!verdict.whole) return verdict.said;
  if (now_.contains(path)) return may_exist ? verdict.said : status::IOError(path, "exists");
  if (folder_of(path) != "/" && !missing(folder_of(path)).ok()) return missing(folder_of(path));
  auto made = std::make_shared<node>();
  made->folder = true;
  write_down({{path, made}});
  return verdict.said;
}

status disk::sync_folder(const std::string& path, std::uint64_t boot) {
  std::lock_guard lock{mutex_};
  if (boot != boot_) return alive(boot);
  auto verdict = enter("sync", path);
  if (verdict.whole) settle(path, pending_.size());
  if (verdict.part) settle(path, dice{planned_.nth}.below(pending_.size() + 1));
  return verdict.said;
}

status disk::remove(const std::string& path) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("remove", path);
  if (!verdict.whole) return verdict.said;
  if (auto gone = missing(path); !gone.ok()) return gone;
  write_down({{path, nullptr}});
  return verdict.said;
}

status disk::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("rename", to);
  if (!verdict.whole) return verdict.said;
  if (auto gone = missing(from); !gone.ok()) return gone;
  write_down({{to, now_.at(from)}, {from, nullptr}});
  return verdict.said;
}

status disk::link(const std::string& from, const std::string& to) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("link", to);
  if (!verdict.whole) return verdict.said;
  if (auto gone = missing(from); !gone.ok()) return gone;
  write_down({{to, now_.at(from)}});
  return verdict.said;
}

status disk::map(const std::string& path, std::shared_ptr<std::atomic<std::uint64_t>>& out) {
  node_ptr file;
  auto said = find(path, file, "map");
  if (!said.ok()) return said;
  std::lock_guard lock{mutex_};
  std::uint64_t number = 0;
  if (file->bytes.size() != sizeof number) return status::IOError(path, "is not 8 bytes long");
  std::memcpy(&number, file->bytes.data(), sizeof number);
  out = file->mapped = std::make_shared<std::atomic<std::uint64_t>>(number);
  file->was.push_back(number);
  return status::OK();
}

status disk::lock(const std::string& path) {
  std::lock_guard lock{mutex_};
  auto verdict = enter("lock", path);
  if (!verdict.whole) return verdict.said;
  if (!now_.contains(path)) write_down({{path, std::make_shared<node>()}});
  if (std::exchange(locks_[path], true)) return status::IOError(path, "is locked");
  return verdict.said;
}

void disk::unlock(const std::string& path) {
  std::lock_guard lock{mutex_};
  locks_.erase(path);
}

} // namespace strowger::power
