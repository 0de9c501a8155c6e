#include "observe/metrics.hpp"

#include "observe/metrics_table.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <sstream>
#include <vector>

namespace strowger::metrics {
namespace {

// Every series is made at the start, so that the page shows zeros and a counter is one lookup
// in a map that never changes.
template <class Metric> struct series {
  Metric* plain = nullptr;
  std::map<std::string, Metric*, std::less<>> labelled;

  Metric* at(std::string_view label) const {
    if (plain != nullptr) return plain;
    const auto found = labelled.find(label);
    return found == labelled.end() ? labelled.find("other")->second : found->second;
  }
};

template <class Metric, class Builder>
series<Metric> make_series(prometheus::Registry& registry, Builder builder, const row& r) {
  auto& family = builder.Name(std::string{r.name}).Help(std::string{r.help}).Register(registry);
  series<Metric> made;
  if (r.label.empty()) {
    made.plain = &family.Add({});
    return made;
  }
  std::istringstream values{std::string{r.label_values} + " other"};
  for (std::string value; values >> value;)
    made.labelled[value] = &family.Add({{std::string{r.label}, value}});
  return made;
}

struct all_metrics {
  prometheus::Registry registry;
  std::vector<series<prometheus::Counter>> counters;
  std::vector<series<prometheus::Gauge>> gauges;
  std::vector<prometheus::Histogram*> histograms;

  all_metrics() {
    for (const auto& r : counter_rows())
      counters.push_back(make_series<prometheus::Counter>(registry, prometheus::BuildCounter(), r));
    for (const auto& r : gauge_rows())
      gauges.push_back(make_series<prometheus::Gauge>(registry, prometheus::BuildGauge(), r));
    for (std::size_t i = 0; i < histogram_rows().size(); ++i) {
      const auto& r = histogram_rows()[i];
      const auto buckets = buckets_of(static_cast<histogram>(i));
      auto& family = prometheus::BuildHistogram()
                         .Name(std::string{r.name})
                         .Help(std::string{r.help})
                         .Register(registry);
      histograms.push_back(
          &family.Add({}, prometheus::Histogram::BucketBoundaries(buckets.begin(), buckets.end())));
    }
  }
};

all_metrics& all() {
  static all_metrics one;
  return one;
}

} // namespace

void add(counter which, std::string_view label, std::uint64_t n) {
  all().counters[static_cast<std::size_t>(which)].at(label)->Increment(static_cast<double>(n));
}

void set(gauge which, std::int64_t value, std::string_view label) {
  all().gauges[static_cast<std::size_t>(which)].at(label)->Set(static_cast<double>(value));
}

void change(gauge which, std::int64_t by, std::string_view label) {
  all().gauges[static_cast<std::size_t>(which)].at(label)->Increment(static_cast<double>(by));
}

void observe(histogram which, double value) {
  all().histograms[static_cast<std::size_t>(which)]->Observe(value);
}

std::string render() { return prometheus::TextSerializer{}.Serialize(all().registry.Collect()); }

} // namespace strowger::metrics
