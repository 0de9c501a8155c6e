// Who is told what of a hold.
#include "actors/views/notices.hpp"

#include "tests/support/call_world.hpp"

#include <algorithm>

namespace strowger::views {
namespace {

using namespace call::test;
using told = std::vector<std::string>; // "device: held|free by number", by device

template <class Command> told after(world& w, const Command& c) {
  auto before = w.state();
  w.when(c);
  told out;
  for (const auto& e : w.outcome().events()) {
    const auto after = call::evolve(before, e);
    for (const auto& [to, what] : notices_of(call_id{"c"}, before, e, after))
      if (const auto* held = std::get_if<notice::call_held>(&what))
        out.push_back(to.value + (held->on_hold ? ": held by " : ": free by ") + held->by);
    before = after;
  }
  std::ranges::sort(out);
  return out;
}

TEST(notices, each_hold_and_its_end_is_told_to_both_sides) {
  auto w = talking();
  EXPECT_EQ(after(w, call::hold{ann}), (told{"ann: held by +ann", "ben: held by +ann"}));
  EXPECT_EQ(after(w, call::hold{ann}), told{}) << "a second one is nothing new";
  EXPECT_EQ(after(w, call::unhold{ann}), (told{"ann: free by +ann", "ben: free by +ann"}));
}

TEST(notices, when_both_hold_both_are_told_who_still_does) {
  auto w = talking();
  after(w, call::hold{ann});
  EXPECT_EQ(after(w, call::hold{ben}), (told{"ann: held by +ben", "ben: held by +ben"}));
  EXPECT_EQ(after(w, call::unhold{ann}), (told{"ann: held by +ben", "ben: held by +ben"}));
  EXPECT_EQ(after(w, call::unhold{ben}), (told{"ann: free by +ben", "ben: free by +ben"}));
}

TEST(notices, a_hold_within_a_consultation_is_not_told_to_who_waits) {
  auto w = consulting();
  EXPECT_EQ(after(w, call::hold{ben}), (told{"ben: held by +ben", "cleo: held by +ben"}));
  EXPECT_EQ(after(w, call::hold{cleo}), (told{"ben: held by +cleo", "cleo: held by +cleo"}));
  EXPECT_EQ(after(w, call::unhold{ben}), (told{"ben: held by +cleo", "cleo: held by +cleo"}));
}

TEST(notices, a_warm_transfer_holds_and_its_failure_frees_the_party_that_stays) {
  auto w = talking();
  const auto begun = after(w, transferring(call::transfer_kind::warm));
  EXPECT_NE(std::ranges::find(begun, "ann: held by +ben"), begun.end());
  const auto failed = after(w, call::cancel_transfer{ben});
  EXPECT_TRUE(std::ranges::any_of(failed, [](auto& t) { return t.starts_with("ann: free"); }));
}

} // namespace
} // namespace strowger::views
