#include "actors/agent/agent.hpp"
#include "tests/support/given.hpp"

namespace strowger::agent {
namespace {

using world = support::given<spec>;

constexpr time_ms start = 1'000'000;
const extension_id ext{"ext"};

text own(const std::string& value) { return {subject_id{"alice"}, value}; }
register_agent registering(const std::string& hash = "h1", bool sample = false) {
  return {own("alice"), own("alice@example.org"), own("1000"), own(hash), ext, "agent", {"agent"},
          sample};
}
registered as_registered(const std::string& hash = "h1", bool sample = false) {
  return {own("alice"), own("alice@example.org"),
          own("1000"),  own(hash),
          ext,          "agent",
          {"agent"},    sample,
          start};
}

TEST(agent, registers_once) {
  world{}.when(registering()).then({as_registered()}).and_again_nothing();
}

TEST(agent, name_is_taken_for_everybody_else) {
  world{{as_registered("h1")}}
      .when(registering("h2"))
      .then_refused(errc::username_taken)
      .and_again_refused(errc::username_taken);
}

TEST(agent, a_sample_that_nobody_used_gives_its_name_to_a_real_one) {
  world{{as_registered("h1", true)}}
      .when(registering("h2"))
      .then({as_registered("h2")})
      .and_again_nothing();
  world{{as_registered("h1", true), first_used{start}}}
      .when(registering("h2"))
      .then_refused(errc::username_taken);
}

TEST(agent, a_sample_is_not_offered_again_where_the_name_was_retired) {
  const std::vector<event> past{as_registered("h1", true), retired{start}};
  world{past}.when(registering("h1", true)).then_refused(errc::username_taken);
  world{past}.when(registering("h2")).then({as_registered("h2")});
}

TEST(agent, first_sign_in_is_written_once) {
  auto w = world{{as_registered()}};
  w.when(note_sign_in{}).then({first_used{start}}).and_again_nothing();
  EXPECT_TRUE(w.reply().used);
}

TEST(agent, unknown_or_retired_cannot_sign_in) {
  world{}.when(note_sign_in{}).then_refused(errc::agent_unknown);
  world{{as_registered("h1", true), retired{start}}}
      .when(note_sign_in{})
      .then_refused(errc::agent_unknown);
}

TEST(agent, only_an_unused_sample_can_be_retired) {
  world{}.when(retire{}).then_refused(errc::agent_unknown);
  world{{as_registered()}}.when(retire{}).then_refused(errc::extension_in_use);
  world{{as_registered("h1", true), first_used{start}}}.when(retire{}).then_refused(
      errc::extension_in_use);
  world{{as_registered("h1", true)}}.when(retire{}).then({retired{start}}).and_again_nothing();
}

TEST(agent, a_token_is_revoked_once_and_not_at_all_when_it_is_dead_already) {
  auto w = world{{as_registered()}};
  w.when(revoke_token{"t1", start + 1}).then({token_revoked{"t1", start + 1}}).and_again_nothing();
  w.when(revoke_token{"t2", start}).then_nothing();
  world{}.when(revoke_token{"t1", start + 1}).then_refused(errc::agent_unknown);
}

TEST(agent, a_password_is_set_once_and_only_for_who_can_sign_in) {
  auto w = world{{as_registered("h1")}};
  w.when(set_password{own("h2")}).then({password_set{own("h2"), start}}).and_again_nothing();
  EXPECT_EQ(w.state().password_hash.reveal(), "h2");
  EXPECT_FALSE(w.state().used);
  world{}.when(set_password{own("h2")}).then_refused(errc::agent_unknown);
  world{{as_registered("h1", true), retired{start}}}
      .when(set_password{own("h2")})
      .then_refused(errc::agent_unknown);
}

TEST(agent, a_change_writes_what_differs_and_nothing_else) {
  const change all{.email = own("a@b.org"),
                   .typology = "chrome_softphone",
                   .number = own("1001"),
                   .extension = extension_id{"other"},
                   .password_hash = own("h2")};
  auto w = world{{as_registered("h1")}};
  w.when(all)
      .then({changed{own("a@b.org"), "chrome_softphone", start},
             moved{own("1001"), extension_id{"other"}, start}, password_set{own("h2"), start}})
      .and_again_nothing();
  EXPECT_EQ(w.state().number.reveal(), "1001");
  EXPECT_EQ(w.state().extension, extension_id{"other"});
  EXPECT_EQ(w.state().typology, "chrome_softphone");
  EXPECT_EQ(w.state().username.reveal(), "alice");
  world{{as_registered()}}.when(change{}).then_nothing();
  world{{as_registered()}}
      .when(change{.typology = "webrtc_appbar"})
      .then({changed{own("alice@example.org"), "webrtc_appbar", start}})
      .and_again_nothing();
}

TEST(agent, who_is_not_there_cannot_be_changed) {
  world{}.when(change{.typology = "agent"}).then_refused(errc::agent_unknown);
  world{{as_registered(), removed{start}}}
      .when(change{.typology = "webrtc_appbar"})
      .then_refused(errc::agent_unknown);
}

TEST(agent, is_removed_once_and_then_cannot_sign_in) {
  world{}.when(remove{}).then_refused(errc::agent_unknown);
  auto w = world{{as_registered(), first_used{start}}};
  w.when(remove{}).then({removed{start}}).and_again_nothing();
  w.when(note_sign_in{}).then_refused(errc::agent_unknown);
  w.when(set_password{own("h2")}).then_refused(errc::agent_unknown);
}

TEST(agent, a_removed_name_is_free_again_but_not_for_a_sample) {
  const std::vector<event> past{as_registered("h1"), first_used{start}, removed{start}};
  world{past}.when(registering("h2", true)).then_refused(errc::username_taken);
  auto w = world{past};
  w.when(registering("h2")).then({as_registered("h2")}).and_again_nothing();
  w.when(note_sign_in{}).then({first_used{start}});
}

TEST(agent, only_softphones_take_a_seat) {
  EXPECT_TRUE(takes_seat("chrome_softphone") && takes_seat("webrtc_appbar"));
  EXPECT_FALSE(takes_seat("agent") || takes_seat("") || takes_seat("Chrome_Softphone"));
}

TEST(agent, never_forgets_a_revoked_token_that_still_counts) {
  auto w = world{{as_registered()}};
  for (std::size_t i = 0; i < limits::revoked_tokens_max; ++i)
    w.when(revoke_token{std::to_string(i), start + 1'000 + time_ms(i)});
  w.when(revoke_token{"late", start + 9'000}).then_refused(errc::too_many_attempts);
  w.at(start + 1'000).when(revoke_token{"late", start + 9'000});
  EXPECT_EQ(w.state().revoked.size(), limits::revoked_tokens_max);
  EXPECT_FALSE(w.state().revoked.contains("0"));
  EXPECT_TRUE(w.state().revoked.contains("1"));
  EXPECT_TRUE(w.state().revoked.contains("late"));
}

TEST(agent, has_nothing_to_wait_for) {
  auto w = world{{as_registered()}};
  EXPECT_EQ(w.wake_at(), never);
  w.when(tick{}).then_nothing();
}

command any_command(support::dice& d) {
  switch (d.below(8)) {
  case 6:
    return change{.email = own(d.chance(50) ? "a@b" : "c@d"),
                  .typology = d.chance(50) ? "agent" : "webrtc_appbar",
                  .number = own(d.chance(50) ? "1000" : "1001"),
                  .extension = d.chance(50) ? ext : extension_id{"other"},
                  .password_hash = d.chance(50) ? std::optional{own("h4")} : std::nullopt};
  case 7:
    return d.chance(20) ? command{remove{}} : command{tick{}};
  case 4:
    return set_password{own(d.chance(50) ? "h1" : "h3")};
  case 0:
    return registering(d.chance(50) ? "h1" : "h2", d.chance(50));
  case 1:
    return note_sign_in{};
  case 2:
    return retire{};
  case 3:
    return tick{};
  default:
    return revoke_token{std::to_string(d.below(200)), time_ms(start + d.below(400'000))};
  }
}

TEST(agent, under_random_commands_retries_write_nothing_and_revoked_tokens_stay_revoked) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    support::dice d{seed};
    world w;
    std::map<std::string, time_ms> revoked;
    for (int step = 0; step < 300; ++step) {
      w.later(static_cast<duration_ms>(d.below(2'000)));
      const auto c = any_command(d);
      w.when(c);
      for (const auto& e : w.outcome().events())
        if (const auto* r = std::get_if<token_revoked>(&e)) revoked[r->jti] = r->expires_at;
      w.when(c);
      ASSERT_TRUE(w.outcome().events().empty()) << "seed " << seed << " step " << step;
      ASSERT_LE(w.state().revoked.size(), limits::revoked_tokens_max);
      for (const auto& [jti, until] : revoked)
        ASSERT_TRUE(until <= w.ctx().now || w.state().revoked.contains(jti)) << jti;
    }
    w.replays();
  }
}

} // namespace
} // namespace strowger::agent
