#include "actors/views/world.hpp"

#include "tests/support/call_world.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace strowger::views {
namespace {

const tenant_id home{"default"};
const agent_id ann{"ann"};

struct told { // one agent's events, a millisecond apart
  world w;
  position at = 0;

  void happens(agent::event e) {
    ++at;
    fold(w, {.at = at, .tenant = home, .stream = ann.value, .time = time_ms(at), .event = e});
  }
  void registers(const std::string& typology = "agent") {
    happens(agent::registered{.typology = typology, .at = time_ms(at) + 1});
  }
  time_ms void_until() {
    const auto* until = w.tenant(home).void_tokens.get(ann);
    return until == nullptr ? -1 : *until;
  }
};

TEST(world, tokens_of_an_agent_are_void_until_it_moved_or_takes_a_seat) {
  told t;
  t.registers();
  EXPECT_EQ(t.void_until(), -1);
  t.happens(agent::changed{.typology = "agent", .at = 2}); // another address
  EXPECT_EQ(t.void_until(), -1);
  t.happens(agent::changed{.typology = "chrome_softphone", .at = 3});
  EXPECT_EQ(t.void_until(), 3);
  t.happens(agent::moved{.extension = extension_id{"other"}, .at = 4});
  EXPECT_EQ(t.void_until(), 4);
}

TEST(world, tokens_of_who_was_removed_stay_void_when_the_name_is_somebodys_again) {
  told t;
  t.registers();
  t.happens(agent::removed{.at = 2});
  EXPECT_EQ(t.void_until(), std::numeric_limits<time_ms>::max());
  t.registers();
  EXPECT_EQ(t.void_until(), 3);
}

TEST(world, a_call_that_is_over_keeps_how_its_legs_sounded) {
  world w;
  position at = 0;
  const auto happens = [&](const std::string& id, call::event e) {
    ++at;
    fold(w, {.at = at, .tenant = home, .stream = id, .time = time_ms(at), .event = std::move(e)});
  };
  for (const auto* id : {"one", "two"}) {
    happens(id, call::test::as_placed());
    happens(id, call::answered{2, call::test::ben, 1, 5});
    happens(id, call::ended{call::cause::hangup, 1, 9});
  }
  const call::quality_noted heard{
      1, extension_id{"ann"}, call::test::ann, 421, 2'000, 100, 30'000, 500, 10};
  happens("one", heard);
  auto other = heard;
  other.leg = 2;
  other.extension = extension_id{"ben"};
  happens("one", other);
  auto& t = w.tenant(home);
  const auto page = history_page(t, request::history{}, std::nullopt);
  ASSERT_EQ(page.calls.size(), 2U);
  EXPECT_FALSE(page.calls[0].quality);
  ASSERT_TRUE(page.calls[1].quality);
  ASSERT_EQ(page.calls[1].quality->size(), 2U);
  EXPECT_EQ(page.calls[1].quality->front().mos_x100, 421U);
  EXPECT_EQ(page.calls[1].quality->back().leg, 2U);
  EXPECT_TRUE(t.calls.empty());
}

} // namespace
} // namespace strowger::views
