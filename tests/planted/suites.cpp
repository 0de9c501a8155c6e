// The moments, and the unit and conformance tests of the flavoured folders, run inside this
// program.
#include "tests/planted/detectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace strowger::planted_bugs {
namespace {

constexpr std::array suites{
    // the quickest first
    "*-*_moment.*:*EventStore*:MemoryStore.*:RocksStore.*:DamagedLog.*:Codec.*:RecordFormat.*:*"
    "Rows*",
    "Codec.*:RecordFormat.*",
    "*EventStore*:MemoryStore.*",
    "RocksStore.*:DamagedLog.*",
};

// Keeps the first failure, and prints nothing.
class first_failure : public testing::EmptyTestEventListener {
public:
  void OnTestStart(const testing::TestInfo& test) override {
    name_ = std::string{test.test_suite_name()} + "." + test.name();
  }
  // Here GoogleTest may not be asked anything: it holds its lock.
  void OnTestPartResult(const testing::TestPartResult& r) override {
    if (!r.failed() || !text.empty()) return;
    std::string line{r.summary()};
    std::ranges::replace(line, '\n', ' ');
    text = name_ + ": " + line.substr(0, 160);
  }
  std::string text;

private:
  std::string name_;
};

// The first failure among the tests of this filter; empty: none.
std::string run(const char* filter) {
  int argc = 1;
  char name[] = "planted_test";
  char* argv[] = {name, nullptr};
  testing::InitGoogleTest(&argc, argv);
  GTEST_FLAG_SET(filter, filter);
  GTEST_FLAG_SET(fail_fast, true);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  auto* first = new first_failure; // the listeners own it
  listeners.Append(first);
  const int code = RUN_ALL_TESTS();
  if (testing::UnitTest::GetInstance()->test_to_run_count() == 0) return "the suite has no tests";
  return code == 0 ? std::string{} : first->text;
}

} // namespace

std::size_t suite_count() { return suites.size(); }
std::string run_the_suite(std::size_t suite) { return run(suites[suite - 1]); }
std::string run_the_moments(std::size_t) { return run("*_moment.*"); }

} // namespace strowger::planted_bugs
