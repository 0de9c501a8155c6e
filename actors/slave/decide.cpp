#include "actors/slave/slave.hpp"

#include <algorithm>

namespace strowger::slave {

namespace {

using result = decision<event>;

result on(const state& s, const join& x, const context& ctx) {
  if (s.exists && s.license == x.license && s.name == x.name) return {};
  return {joined{x.license, x.name, ctx.now}};
}

result on(const state& s, const report& x, const context& ctx) {
  if (!s.exists) return errc::license_unknown;
  if (x.changes.size() > limits::report_changes_max) return errc::value_out_of_range;
  if (x.anew && x.upto == s.upto && x.mark == s.mark) return {};
  const auto known = x.anew ? 0 : s.upto;
  if (x.from > known + 1) return errc::stale_lease; // something is missing in between
  if (x.upto <= known) return {};
  reported out{{}, x.upto, ctx.now, x.mark, x.anew};
  for (const auto& one : x.changes)
    if (one.version > known) out.changes.push_back(one);
  const bool rising = std::ranges::is_sorted(out.changes, {}, &seat_change::version);
  if (!rising || (!out.changes.empty() && out.changes.back().version > x.upto))
    return errc::value_out_of_range;
  return {std::move(out)};
}

result on(const state& s, const settle& x, const context& ctx) {
  if (std::ranges::count(s.debts, verdict::open, &debt::verdict) == 0) return {};
  return {debts_settled{x.verdict, ctx.now}};
}

result on(const state&, const tick&, const context&) { return {}; }

} // namespace

decision<event> decide(const state& s, const command& c, const context& ctx) {
  return std::visit([&](const auto& x) { return on(s, x, ctx); }, c);
}

reply reply_to(const state& s, const command&) {
  const auto open = std::ranges::count(s.debts, verdict::open, &debt::verdict);
  return {s.upto, static_cast<std::uint32_t>(open), s.mark};
}

} // namespace strowger::slave
