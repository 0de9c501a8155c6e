#include "storage/memory_rows.hpp"

namespace strowger::storage {

void memory_rows::put_rows(position up_to, const std::vector<row>& rows) {
  undo last{reflects_, {}};
  for (const auto& r : rows) {
    const key k{r.table, r.key};
    const auto found = rows_.find(k);
    last.before.try_emplace(k, found == rows_.end() ? std::nullopt : std::optional{found->second});
    if (r.value)
      rows_.insert_or_assign(k, *r.value);
    else if (found != rows_.end())
      rows_.erase(found);
  }
  reflects_ = up_to;
  unsynced_.push_back(std::move(last));
  if (unsynced_.size() > batches_kept) unsynced_.pop_front();
}

void memory_rows::lose_last(std::size_t batches) {
  for (; batches > 0 && !unsynced_.empty(); --batches) {
    auto last = std::move(unsynced_.back());
    unsynced_.pop_back();
    for (auto& [k, value] : last.before)
      if (value)
        rows_.insert_or_assign(k, std::move(*value));
      else
        rows_.erase(k);
    reflects_ = last.reflects;
  }
}

void memory_rows::drop_rows() {
  rows_.clear();
  unsynced_.clear();
  reflects_ = 0;
}

std::optional<std::string> memory_rows::get_row(std::string_view table,
                                                std::string_view name) const {
  const auto found = rows_.find({std::string{table}, std::string{name}});
  return found == rows_.end() ? std::nullopt : std::optional{found->second};
}

void memory_rows::rows_from(std::string_view table, std::string_view from,
                            const visitor& visit) const {
  for (auto it = rows_.lower_bound({std::string{table}, std::string{from}});
       it != rows_.end() && it->first.first == table; ++it)
    if (!visit(it->first.second, it->second)) return;
}

void memory_rows::rows_before(std::string_view table, std::string_view before,
                              const visitor& visit) const {
  for (auto it = rows_.lower_bound({std::string{table}, std::string{before}});
       it != rows_.begin();) {
    --it;
    if (it->first.first != table || !visit(it->first.second, it->second)) return;
  }
}

} // namespace strowger::storage
