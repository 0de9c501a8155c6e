// The rows behind metrics.hpp: name, help, label and its values, buckets.
#pragma once

#include "observe/metrics.hpp"

#include <span>
#include <string_view>

namespace strowger::metrics {

struct row {
  std::string_view name; // with the prefix strowger_; counters end in _total, units come last
  std::string_view help;
  std::string_view label = {};        // empty: no label
  std::string_view label_values = {}; // separated by blanks; "other" is added
};

std::span<const row> counter_rows();
std::span<const row> gauge_rows();
std::span<const row> histogram_rows();
std::span<const double> buckets_of(histogram which);

} // namespace strowger::metrics
