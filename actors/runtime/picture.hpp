// The picture on disk: what the publisher knows, as rows beside the log, written behind it. A start
// reads what must be at hand and folds only the log after the position that the rows reflect.
#pragma once

#include "actors/runtime/inbox.hpp"
#include "actors/views/world.hpp"
#include "storage/event_store.hpp"
#include "storage/row_store.hpp"
#include "storage/vault.hpp"

#include <memory>

namespace strowger::runtime {

class picture {
public:
  // Of the rows: their tables, keys and encoding. Rows of another shape are dropped and built anew.
  static constexpr auto shape = "2";

  // `world` and `boxes` are restored, and followed from then on. All must outlive it.
  picture(storage::row_store& rows, storage::vault& vault, views::world& world, inboxes& boxes);
  ~picture();

  // Before anything is folded: reads what must be at hand, up to the position that it returns; 0:
  // there were no rows of use, everything is to be folded.
  position restore(position durable);

  // What changed since the last batch, up to world.folded. Publisher's thread.
  class batch;
  std::shared_ptr<batch> collect();
  static position position_of(const batch& what);
  // Any thread, one at a time, in the order of collecting.
  void write(const batch& what);
  // After it was written. Publisher's thread: what the batch holds goes here.
  void written(batch& what);

  // Events that were folded and not collected yet.
  position behind() const { return world_.folded - collected_; }
  // Drops rows that nobody asked for lately. References to rows end here.
  void sweep();

private:
  struct tables;
  void meet(const tenant_id& id, views::tenant_world& t);
  void restore_tenant(const tenant_id& id);
  bool usable(position durable);

  storage::row_store& rows_;
  storage::vault& vault_;
  views::world& world_;
  inboxes& boxes_;
  std::map<tenant_id, std::unique_ptr<tables>> tables_;
  position collected_ = 0;
  bool restoring_ = false;
};

// Every difference between the rows and a picture folded from the log up to the same position, a
// line each, at most `max`.
std::vector<std::string> differences(const storage::row_store& rows, storage::vault& vault,
                                     const views::world& folded, const inboxes& boxes,
                                     std::size_t max);

} // namespace strowger::runtime
