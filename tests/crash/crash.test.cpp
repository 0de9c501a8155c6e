// Killing the server between any two appends of a call, every point enumerated, leaves the same
// final call record (tests/crash/scripts.hpp).
#include "tests/crash/scripts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace strowger::sim {
namespace {

class crash : public testing::TestWithParam<named_script> {};

TEST_P(crash, leaves_the_same_record_at_every_append) {
  EXPECT_EQ(other_record_when_killed(GetParam()), "");
}

std::string name_of(const testing::TestParamInfo<named_script>& info) {
  std::string name{info.param.name};
  std::ranges::replace(name, ' ', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(scripts, crash, testing::ValuesIn(scripts().begin(), scripts().end()),
                         name_of);

} // namespace
} // namespace strowger::sim
