#include "storage/upcast.hpp"

#include "storage/codec.hpp"

namespace strowger::storage {

void upcast_table::add(std::string from, std::string to, upcaster lift) {
  if (!steps_.try_emplace(std::move(from), step{std::move(to), lift}).second)
    throw std::logic_error{"two upcasters from one event version"};
}

lifted upcast_table::lift(std::string_view tag, std::string_view payload) const {
  lifted now{std::string{tag}, std::string{payload}};
  for (std::size_t steps = 0; steps <= steps_.size(); ++steps) {
    const auto found = steps_.find(now.tag);
    if (found == steps_.end()) return now;
    now = {found->second.to, found->second.lift(now.payload)};
  }
  throw decode_error{"the upcasters of " + std::string{tag} + " run in a circle"};
}

const upcast_table& upcasters() {
  static const upcast_table table = [] {
    upcast_table all;
    // all.add("call.placed.v1", "call.placed.v2", lift_call_placed_1); // a row per old version
    return all;
  }();
  return table;
}

} // namespace strowger::storage
