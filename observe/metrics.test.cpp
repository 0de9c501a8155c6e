#include "observe/metrics.hpp"

#include "observe/metrics_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strowger::metrics {
namespace {

bool shows(const std::string& line) { return render().find(line + "\n") != std::string::npos; }

TEST(metrics, series_show_as_zero_before_anything_happened) {
  EXPECT_TRUE(shows("strowger_stun_requests_total 0"));
  EXPECT_TRUE(shows(R"(strowger_calls_ended_total{outcome="busy"} 0)"));
}

TEST(metrics, counters_count_by_label_and_unknown_labels_are_other) {
  add(counter::logins, "ok");
  add(counter::logins, "ok", 2);
  add(counter::logins, "no such outcome");
  EXPECT_TRUE(shows(R"(strowger_logins_total{outcome="ok"} 3)"));
  EXPECT_TRUE(shows(R"(strowger_logins_total{outcome="other"} 1)"));
}

TEST(metrics, gauges_show_the_last_value) {
  set(gauge::sockets_open, 7);
  set(gauge::sockets_open, 5);
  EXPECT_TRUE(shows("strowger_sockets_open 5"));
}

TEST(metrics, a_gauge_counts_what_lives) {
  {
    const counted one{gauge::actors_live, "call"};
    const counted two{gauge::actors_live, "call"};
    EXPECT_TRUE(shows(R"(strowger_actors_live{kind="call"} 2)"));
  }
  EXPECT_TRUE(shows(R"(strowger_actors_live{kind="call"} 0)"));
}

TEST(metrics, histograms_count_into_buckets) {
  observe(histogram::group_events, 3);
  EXPECT_TRUE(shows(R"(strowger_group_events_bucket{le="2"} 0)"));
  EXPECT_TRUE(shows(R"(strowger_group_events_bucket{le="4"} 1)"));
  EXPECT_TRUE(shows("strowger_group_events_count 1"));
}

TEST(metrics, names_are_unique_prefixed_and_counters_end_in_total) {
  std::set<std::string_view> seen;
  for (const auto& rows : {counter_rows(), gauge_rows(), histogram_rows()})
    for (const auto& r : rows) {
      EXPECT_TRUE(seen.insert(r.name).second) << r.name;
      EXPECT_EQ(r.name.substr(0, 9), "strowger_");
      EXPECT_FALSE(r.help.empty());
    }
  for (const auto& r : counter_rows()) EXPECT_EQ(r.name.substr(r.name.size() - 6), "_total");
}

} // namespace
} // namespace strowger::metrics
