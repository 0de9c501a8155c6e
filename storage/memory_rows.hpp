// Rows in memory, for tests and simulations. Copy it for another disk with the same contents.
#pragma once

#include "storage/row_store.hpp"

#include <deque>
#include <map>

namespace strowger::storage {

class memory_rows final : public row_store {
public:
  position reflects() const override { return reflects_; }
  void put_rows(position up_to, const std::vector<row>& rows) override;
  void drop_rows() override;
  std::optional<std::string> get_row(std::string_view table, std::string_view key) const override;
  void rows_from(std::string_view table, std::string_view from,
                 const visitor& visit) const override;
  void rows_before(std::string_view table, std::string_view before,
                   const visitor& visit) const override;

  // Power goes: the last batches were not synced, at most `batches_kept` of them can be lost.
  void lose_last(std::size_t batches);
  static constexpr std::size_t batches_kept = 8;

private:
  using key = std::pair<std::string, std::string>;
  struct undo { // of one batch
    position reflects = 0;
    std::map<key, std::optional<std::string>> before;
  };

  std::map<key, std::string> rows_;
  position reflects_ = 0;
  std::deque<undo> unsynced_;
};

} // namespace strowger::storage
