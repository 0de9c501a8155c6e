#include "actors/views/world.hpp"

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

} // namespace
} // namespace strowger::views
