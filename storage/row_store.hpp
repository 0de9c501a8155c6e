// Rows of the stored picture: side data beside the log that can be built from it again. A batch of
// rows and the log position it reflects are written together, so that after any crash the rows are
// what the log said at some position: older than the log's end, never newer, never mixed.
// memory_rows and rocks_rows are held by one suite (row_store.test.cpp).
#pragma once

#include "core/ids.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::storage {

struct row {
  std::string table;                // a short name
  std::string key;                  // bytes; rows of a table are in their order
  std::optional<std::string> value; // nullopt: the row goes
};

class row_store {
public:
  // A row; false: enough. Must not write.
  using visitor = std::function<bool(std::string_view key, std::string_view value)>;

  virtual ~row_store() = default;

  // The position that all rows reflect, 0 when there are none. Any thread.
  virtual position reflects() const = 0;
  // One thread at a time. All or nothing; need not be synced. `up_to` must be durable in the log,
  // and never goes back.
  virtual void put_rows(position up_to, const std::vector<row>& rows) = 0;
  // One thread, while nobody else uses the store: no rows, position 0.
  virtual void drop_rows() = 0;

  // Any thread, beside put_rows. Reading throws storage_error when the rows are damaged there.
  virtual std::optional<std::string> get_row(std::string_view table,
                                             std::string_view key) const = 0;
  // Rows with key >= from, ascending.
  virtual void rows_from(std::string_view table, std::string_view from,
                         const visitor& visit) const = 0;
  // Rows with key < before, descending.
  virtual void rows_before(std::string_view table, std::string_view before,
                           const visitor& visit) const = 0;
};

} // namespace strowger::storage
