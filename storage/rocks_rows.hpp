// Rows on disk, in a RocksDB of their own: what is written here never waits in the log's queue, and
// damage here costs a fold of the log, nothing else. The folder is described in storage/FORMAT.md.
#pragma once

#include "storage/row_store.hpp"

#include <memory>

namespace strowger::storage {

struct rows_options {
  std::string path;       // a folder of its own; made when missing
  bool read_only = false; // beside a running server: sees what was there when it was opened
  // Told at once when a write failed, on the thread that failed; it may end the process. RocksDB
  // must not be used after that.
  std::function<void(const std::string&)> failed;
};

class rocks_rows final : public row_store {
public:
  // A folder that cannot be read is emptied: see why_dropped. Throws storage_error when that does
  // not help.
  explicit rocks_rows(rows_options options);
  ~rocks_rows() override;

  // Why the rows of before were dropped when it was opened, empty when they were not.
  const std::string& why_dropped() const;

  position reflects() const override;
  void put_rows(position up_to, const std::vector<row>& rows) override;
  void drop_rows() override;
  std::optional<std::string> get_row(std::string_view table, std::string_view key) const override;
  void rows_from(std::string_view table, std::string_view from,
                 const visitor& visit) const override;
  void rows_before(std::string_view table, std::string_view before,
                   const visitor& visit) const override;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace strowger::storage
