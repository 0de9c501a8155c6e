// Agents as admins manage them, through a whole site's door on simulated threads.
#include "tests/support/sim_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace strowger::sim {
namespace {

const tenant_id home{"default"};
using row = answer::agent_row;

struct agents_test : testing::Test {
  agents_test() {
    world.provision();
    boss.tenant = home;
    boss.agent = agent_id{"boss"};
    boss.roles = {"admin"};
  }
  ~agents_test() override {
    world.check_live_equals_log();
    world.crash();
    EXPECT_EQ(world.audit.broken(), "");
  }
  runtime::caller admin(const std::string& command = {}) {
    return {world.any_lane(), boss, command_id{command}};
  }
  // Runs one question of the door to its end. `why` is what was refused with.
  template <class T, class Ask> T asked(const Ask& ask) {
    outcome<T> out = failure{errc::internal, "no answer", 0};
    ask([&out](outcome<T> said) { out = std::move(said); });
    world.settle();
    const auto* bad = std::get_if<failure>(&out);
    why = bad ? bad->why : errc::ok;
    return bad ? T{} : std::get<T>(out);
  }
  row create(const std::string& name, const std::string& number,
             const std::string& typology = "agent", const std::string& command = {}) {
    request::register_agent r{home, name, name + "@x.org", number, "pw", typology, "10.0.0.1"};
    return asked<row>(
        [&](runtime::done<row> how) { world.site().create_agent(admin(command), r, how); });
  }
  row change(const agent_id& id, request::agent_change said) {
    return asked<row>([&](runtime::done<row> how) {
      world.site().change_agent(admin(), id, std::move(said), how);
    });
  }
  void remove(const agent_id& id) {
    asked<answer::done>([&](auto how) { world.site().remove_agent(admin(), id, how); });
  }
  answer::identity login(const std::string& name, const std::string& password = "pw") {
    return asked<answer::identity>([&](auto how) {
      world.site().login({world.any_lane(), {}, {}}, {home, name, password, "10.0.0.1"}, how);
    });
  }
  std::vector<row> all() {
    const auto page = asked<answer::agent_page>([&](auto how) {
      world.site().agents(admin(), {limits::agents_page_max, {}}, how);
    });
    return page.agents;
  }
  bool is_void(const agent_id& id, time_ms issued_at) {
    return world.site().tokens_void(home, id, issued_at);
  }
  time_ms now() { return world.threads.now(); }

  sim_world world{sim_options{}};
  principal boss;
  errc why = errc::ok;
};

TEST_F(agents_test, one_is_made_once_shown_and_signs_in) {
  const auto before = all().size();
  const auto made = create("nora", "7000", "agent", "once");
  ASSERT_EQ(why, errc::ok);
  EXPECT_EQ(create("nora", "7000", "agent", "once").agent, made.agent) << "a retry";
  EXPECT_EQ(all().size(), before + 1);
  EXPECT_EQ(made.email, "nora@x.org");
  EXPECT_EQ(login("nora").extension, "7000");
  create("nora", "7001");
  EXPECT_EQ(why, errc::username_taken);
  create("nils", "7000");
  EXPECT_EQ(why, errc::extension_in_use);
}

TEST_F(agents_test, another_extension_frees_the_old_one_and_makes_tokens_void) {
  const auto nora = create("nora", "7000").agent;
  const auto issued = now();
  change(nora, {.extension = "1001"});
  EXPECT_EQ(why, errc::extension_in_use) << "it is somebody's";
  EXPECT_FALSE(is_void(nora, issued));
  EXPECT_EQ(change(nora, {.extension = "1005"}).extension, "1005") << "a sample gives way";
  EXPECT_TRUE(is_void(nora, issued));
  EXPECT_FALSE(is_void(nora, now() + 1'000));
  EXPECT_EQ(login("nora").extension, "1005");
  create("nils", "7000");
  EXPECT_EQ(why, errc::ok) << "the old one is free";
  world.crash();
  world.boot();
  world.settle();
  EXPECT_TRUE(is_void(nora, issued));
  EXPECT_FALSE(is_void(nora, now() + 1'000));
}

TEST_F(agents_test, a_change_says_what_it_means) {
  const auto nora = create("nora", "7000").agent;
  EXPECT_EQ(change(nora, {.email = "new@x.org", .password = "other"}).email, "new@x.org");
  login("nora");
  EXPECT_EQ(why, errc::wrong_credentials);
  EXPECT_EQ(login("nora", "other").email, "new@x.org");
  change(nora, {.typology = "king"});
  EXPECT_EQ(why, errc::value_out_of_range);
  change(nora, {.extension = "abc"});
  EXPECT_EQ(why, errc::value_out_of_range);
  change(agent_id{"nobody"}, {.email = "a@b"});
  EXPECT_EQ(why, errc::agent_unknown);
}

TEST_F(agents_test, who_is_removed_is_gone_until_somebody_takes_the_name) {
  const auto nora = create("nora", "7000").agent;
  const auto issued = now();
  remove(nora);
  EXPECT_EQ(why, errc::ok);
  remove(nora);
  EXPECT_EQ(why, errc::ok) << "once more is no error";
  EXPECT_TRUE(is_void(nora, now() + 1'000'000));
  login("nora");
  EXPECT_EQ(why, errc::wrong_credentials);
  asked<row>([&](runtime::done<row> how) { world.site().agent(admin(), nora, how); });
  EXPECT_EQ(why, errc::agent_unknown);
  EXPECT_TRUE(std::ranges::none_of(all(), [&](const auto& r) { return r.agent == nora; }));
  world.crash();
  world.boot();
  world.settle();
  EXPECT_TRUE(is_void(nora, now() + 1'000'000)) << "also after a crash";
  EXPECT_EQ(create("nora", "7000").agent, nora);
  EXPECT_TRUE(is_void(nora, issued));
  EXPECT_FALSE(is_void(nora, now() + 1'000));
  EXPECT_EQ(login("nora").extension, "7000");
  boss.agent = nora;
  remove(nora);
  EXPECT_EQ(why, errc::forbidden) << "nobody removes the own account";
}

TEST_F(agents_test, a_softphone_gets_a_seat_and_an_account_of_its_own) {
  const auto nora = create("nora", "7000", "chrome_softphone").agent;
  const auto in = login("nora");
  ASSERT_TRUE(in.session) << static_cast<int>(why);
  const auto sip = [&](const agent_id& of, const agent_id& by) {
    principal who;
    who.tenant = home;
    who.agent = by;
    return asked<answer::sip_account>([&](auto how) {
      world.site().sip_config({world.any_lane(), who, {}}, of, how);
    });
  };
  const auto own = sip(nora, nora);
  EXPECT_EQ(own.extension, "7000");
  EXPECT_FALSE(own.secret.empty());
  sip(nora, agent_id{"another"});
  EXPECT_EQ(why, errc::forbidden);
  const auto nils = create("nils", "7001").agent;
  EXPECT_NE(sip(nils, nils).secret, own.secret);
  remove(nora);
  world.run_for(100);
  EXPECT_FALSE(world.audit.world().tenants.at(home).sessions.contains(*in.session));
}

TEST_F(agents_test, whose_seat_is_over_begins_nothing_with_the_token_that_is_left) {
  create("nora", "7000", "chrome_softphone");
  const auto in = login("nora");
  ASSERT_TRUE(in.session) << static_cast<int>(why);
  principal nora;
  nora.tenant = home;
  nora.agent = in.agent;
  nora.number = "7000";
  nora.session = *in.session;
  const auto call = [&] {
    asked<answer::dialled>([&](auto how) {
      world.site().initiate({world.any_lane(), nora, {}}, {nora, "1001", {}}, how);
    });
    return why;
  };
  const auto session = [&] {
    asked<answer::session_row>([&](auto how) {
      world.site().open_session({world.any_lane(), nora, {}}, {nora, "7000", "phone"}, how);
    });
    return why;
  };
  EXPECT_EQ(session(), errc::ok);
  EXPECT_NE(call(), errc::session_closed);
  world.run_for(limits::seat_lease_ms + 1'000); // no heartbeat
  EXPECT_EQ(session(), errc::session_closed);
  EXPECT_EQ(call(), errc::session_closed);
}

TEST_F(agents_test, a_retry_says_the_status_of_a_license_only_once) {
  const auto id = asked<answer::current_license>([&](auto how) {
                    world.site().current_license(admin(), how);
                  }).license.license;
  const auto say = [&](const char* status, const char* command) {
    request::license_change to;
    to.status = status;
    return asked<answer::license_row>(
        [&](auto how) { world.site().change_license(admin(command), id, to, how); });
  };
  EXPECT_EQ(say("suspended", "first").status, "suspended");
  EXPECT_EQ(say("active", "second").status, "active");
  EXPECT_EQ(say("suspended", "first").status, "active") << "it was said before";
}

} // namespace
} // namespace strowger::sim
