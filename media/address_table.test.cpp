// The flat table of addresses, against a map under random changes.
#include "media/address_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace strowger::media {
namespace {

address at_port(std::uint16_t port) {
  address out;
  out.at.bytes = {127, 0, 0, 1};
  out.at.port = port;
  return out;
}

TEST(address_table, an_empty_one_knows_nobody) {
  address_table<int> table;
  EXPECT_TRUE(table.find(at_port(1)) == table.end());
  table.erase(at_port(1));
  table.fetch(at_port(1));
  EXPECT_EQ(table.size(), 0U);
}

TEST(address_table, says_what_a_map_would_say) {
  address_table<int> table;
  std::map<std::uint16_t, int*> model;
  std::vector<int> values(2000);
  std::mt19937 dice{7};
  for (int step = 0; step < 200'000; ++step) {
    const auto port = static_cast<std::uint16_t>(dice() % values.size());
    if (dice() % 2) {
      table.emplace(at_port(port), &values[port]);
      model.emplace(port, &values[port]);
    } else {
      table.erase(at_port(port));
      model.erase(port);
    }
    const auto other = static_cast<std::uint16_t>(dice() % values.size());
    const auto found = table.find(at_port(other));
    const auto wanted = model.find(other);
    ASSERT_EQ(found == table.end(), wanted == model.end()) << step;
    if (wanted != model.end()) {
      ASSERT_EQ(found->second, wanted->second) << step;
    }
  }
  ASSERT_EQ(table.size(), model.size());
  std::map<std::uint16_t, int*> walked;
  for (const auto& [where, value] : table) walked.emplace(where.at.port, value);
  EXPECT_EQ(walked, model);
}

} // namespace
} // namespace strowger::media
