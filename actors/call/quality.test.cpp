// How a leg sounded, noted when it has left: once, and also after the call.
#include "tests/support/call_world.hpp"

namespace strowger::call::test {
namespace {

note_quality as_heard(const device_id& device) { return {device, 441, 2'500, 120, 40'000, 1'500}; }
quality_noted as_noted(leg_number leg, const device_id& device) {
  return {leg, extension_id{device.value}, device, 441, 2'500, 120, 40'000, 1'500, start};
}

TEST(call_quality, each_leg_is_noted_once_after_the_call) {
  auto w = over();
  w.when(as_heard(ann)).then({as_noted(1, ann)}).and_again_nothing();
  w.when(as_heard(ben)).then({as_noted(2, ben)}).and_again_nothing();
  EXPECT_EQ(w.state().phase, phase::ended);
}

TEST(call_quality, nothing_is_noted_of_who_still_talks_or_never_did) {
  talking().when(as_heard(ann)).then_nothing();
  over().when(as_heard(stranger)).then_nothing();
  over().when(as_heard(ben2)).then_nothing(); // was rung only
  world{}.when(as_heard(ann)).then_nothing();
}

TEST(call_quality, a_transferor_is_noted_while_the_others_talk) {
  auto w = consulting();
  w.when(hang_up{ben});
  w.when(as_heard(ben)).then({as_noted(2, ben)}).and_again_nothing();
  EXPECT_EQ(w.state().phase, phase::answered);
}

} // namespace
} // namespace strowger::call::test
