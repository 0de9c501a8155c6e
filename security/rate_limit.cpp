#include "security/rate_limit.hpp"

#include <algorithm>

namespace strowger::security {

duration_ms rate_limit::wait_ms(const std::string& who, time_ms now) const {
  const auto found = counts_.find(who);
  if (found == counts_.end() || found->second.failures < rules_.failures_max) return 0;
  return std::max<duration_ms>(0, found->second.ends_at - now);
}

void rate_limit::failed(const std::string& who, time_ms now) {
  const auto found = counts_.find(who);
  if (found != counts_.end() && found->second.ends_at > now) {
    ++found->second.failures;
    return;
  }
  if (found == counts_.end() && counts_.size() >= rules_.entries_max) make_room(now);
  counts_.insert_or_assign(who, count{1, now + rules_.window_ms});
}

void rate_limit::make_room(time_ms now) {
  std::erase_if(counts_, [&](const auto& entry) { return entry.second.ends_at <= now; });
  if (counts_.size() < rules_.entries_max) return;
  counts_.erase(std::ranges::min_element(counts_, {},
                                         [](const auto& entry) { return entry.second.ends_at; }));
}

} // namespace strowger::security
