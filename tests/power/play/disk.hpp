// A disk in memory that knows what was synced: bytes by file, names by folder. It can fail any one
// operation, and it can lose power: then only what was synced is sure, and of the rest whatever the
// seed leaves. tests/power/README.md says what may be left. Any thread.
#pragma once

#include "tests/power/play/dice.hpp"

#include <rocksdb/io_status.h>
#include <rocksdb/slice.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace strowger::power {

// What becomes of bytes and names that were not synced.
enum class survival { nothing, everything, prefix, torn_block, some_pages, mixed };

enum class harm {
  none,
  eio,         // refused
  enospc,      // refused: the disk is full
  short_write, // a part of it is done, then the disk is full
  cut_before,  // the power goes, and nothing of it is done
  cut_midway,  // a part of it is done
  cut_after    // all of it is done, but nobody hears so
};

// The nth operation (from 1, since the last start) of this name, or of any name; see names().
struct trouble {
  harm what = harm::none;
  std::string where;
  std::uint64_t nth = 0;
};

inline constexpr std::size_t page_bytes = 4096; // what a disk takes whole or in halves

struct node { // a file or folder, whatever its names are
  bool folder = false;
  std::string bytes;
  std::size_t synced = 0; // so many of the bytes are on the disk
  std::string cut_off;    // synced bytes behind them that were truncated without a sync
  std::map<std::size_t, std::string> under; // by page: synced bytes that were written over since
  std::shared_ptr<std::atomic<std::uint64_t>> mapped; // the whole file, once it is mapped
  std::vector<std::uint64_t> was;                     // what the mapped number was, newest last
};
using node_ptr = std::shared_ptr<node>;
using names = std::map<std::string, node_ptr>; // by absolute path

class disk {
public:
  using status = rocksdb::IOStatus;

  // The test's side.
  void plan(trouble what); // from here on; forgets what was planned
  void power_off();        // every operation is refused until the next start
  bool off() const;
  bool struck() const; // the planned trouble has come
  // Counts by name ("wal append") since the last start.
  std::map<std::string, std::uint64_t> operations() const;
  // The machine starts again after a power cut.
  void start_after_cut(survival how, dice& luck);
  // Only the process ended: what it wrote is in the kernel's memory.
  void start_after_kill();

  // The files' side. `boot` is when the caller was opened: the handles of an earlier start are
  // dead.
  std::uint64_t boot() const;
  status make(const std::string& path, node_ptr& out); // an empty file in the place of any other
  status find(const std::string& path, node_ptr& out, const char* why);
  status append(const std::string& path, node& file, rocksdb::Slice bytes, std::uint64_t boot);
  // Over what is there, or behind it.
  status write(const std::string& path, node& file, std::uint64_t at, rocksdb::Slice bytes,
               std::uint64_t boot);
  status truncate(const std::string& path, node& file, std::uint64_t size, std::uint64_t boot);
  status sync(const std::string& path, node& file, std::uint64_t boot);
  status read(const std::string& path, const node& file, std::uint64_t at, std::size_t max,
              char* to, std::size_t& size, std::uint64_t boot);
  status size_of(const std::string& path, std::uint64_t& size);
  status list(const std::string& path, std::vector<std::string>& children);
  status make_folder(const std::string& path, bool may_exist);
  status sync_folder(const std::string& path, std::uint64_t boot);
  status remove(const std::string& path);
  status rename(const std::string& from, const std::string& to);
  status link(const std::string& from, const std::string& to);
  status map(const std::string& path, std::shared_ptr<std::atomic<std::uint64_t>>& out);
  status lock(const std::string& path);
  void unlock(const std::string& path);

private:
  struct verdict {
    bool whole = true, part = false;
    status said;
  };
  using change = std::vector<std::pair<std::string, node_ptr>>; // null: the name is gone
  verdict enter(const char* doing, const std::string& path);
  verdict strike();
  status alive(std::uint64_t boot) const;
  void note_marks();
  void write_down(change what);
  status missing(const std::string& path) const;
  void settle(const std::string& folder, std::size_t at_most);
  void forget_orphans();

  mutable std::mutex mutex_;
  names now_, durable_;
  std::vector<change> pending_; // renames and the like, not synced yet; oldest first
  std::map<std::string, bool> locks_;
  std::map<std::string, std::uint64_t> counts_;
  std::uint64_t total_ = 0, boot_ = 1;
  trouble planned_;
  bool struck_ = false, off_ = false;
};

// What is left of a file after the power went.
std::string left_of(const node& file, survival how, dice& luck);

} // namespace strowger::power
