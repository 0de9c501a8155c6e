#include "actors/reactors/reactors.hpp"
#include "tests/support/call_world.hpp"

namespace strowger::reactors {
namespace {

using namespace std::string_literals;

const tenant_id tenant{"default"};
const device_id phone{"phone"};
const session_id morning{"morning"};
const extension_id ext{"ext"};
const agent_id alice{"alice"};

// Facts as a test lays them out.
struct known_facts : facts {
  std::map<device_id, std::vector<call_id>> calls;
  std::map<call_id, call::state> call_states;
  std::map<session_id, session_facts> sessions;
  std::map<device_id, session_id> current;
  std::map<session_id, session::state> open;
  std::map<extension_id, extension::state> extensions;

  template <class Map, class Key> static const typename Map::mapped_type* at(Map& m, const Key& k) {
    const auto found = m.find(k);
    return found == m.end() ? nullptr : &found->second;
  }
  std::vector<call_id> calls_of(const device_id& device) const override {
    const auto* ids = at(calls, device);
    return ids ? *ids : std::vector<call_id>{};
  }
  const call::state* call(const call_id& id) const override { return at(call_states, id); }
  std::optional<session_facts> session(const session_id& id) const override {
    const auto* s = at(sessions, id);
    return s ? std::optional{*s} : std::nullopt;
  }
  std::optional<session_id> session_of_device(const device_id& device) const override {
    const auto* s = at(current, device);
    return s ? std::optional{*s} : std::nullopt;
  }
  const session::state* open_session(const session_id& id) const override { return at(open, id); }
  const extension::state* known_extension(const extension_id& id) const override {
    return at(extensions, id);
  }
  license_id license_of(const tenant_id& t) const override { return license_id{"of " + t.value}; }
};

known_facts one_session(session::session_kind kind) {
  known_facts known;
  known.sessions[morning] = {ext, alice, phone, kind};
  known.current[phone] = morning;
  return known;
}

// The command itself, two variants down; a test that expects another one throws.
template <class Command> const Command& command_of(const derived& d) {
  return std::visit(
      [](const auto& of_an_aggregate) -> const Command& {
        return std::visit(
            [](const auto& c) -> const Command& {
              if constexpr (std::is_same_v<std::decay_t<decltype(c)>, Command>) return c;
              throw std::bad_variant_access{};
            },
            of_an_aggregate);
      },
      d.command);
}
std::string target(const derived& d) { return d.kind + "/" + d.target_id; }

const session::event logged_out{session::closed{"logout", 1}};

TEST(reactors, a_forgotten_device_is_lost_to_its_calls_and_its_session_ends) {
  known_facts known;
  known.calls[phone] = {call_id{"c1"}, call_id{"c2"}};
  const extension::event e{extension::device_forgotten{phone, morning, "logout", 1}};
  const auto out = react(tenant, "ext", e, known);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(target(out[0]), "call/c1");
  EXPECT_EQ(command_of<call::lose_device>(out[0]).device, phone);
  EXPECT_EQ(command_of<call::lose_device>(out[0]).why, call::ring_phase::lost);
  EXPECT_EQ(target(out[1]), "call/c2");
  EXPECT_EQ(target(out[2]), "session/morning");
  EXPECT_EQ(command_of<session::close>(out[2]).reason, "logout");
}

TEST(reactors, a_forgotten_device_without_a_session_closes_none) {
  const extension::event e{extension::device_forgotten{phone, {}, "logout", 1}};
  EXPECT_TRUE(react(tenant, "ext", e, known_facts{}).empty());
}

TEST(reactors, a_closed_session_takes_its_device_and_its_calls_along) {
  auto known = one_session(session::session_kind::rest);
  known.calls[phone] = {call_id{"c1"}};
  const auto out = react(tenant, "morning", logged_out, known);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(target(out[0]), "extension/ext");
  EXPECT_EQ(command_of<extension::forget_device>(out[0]).device, phone);
  EXPECT_EQ(command_of<extension::forget_device>(out[0]).session, morning);
  EXPECT_EQ(command_of<extension::forget_device>(out[0]).reason, "logout");
  EXPECT_EQ(target(out[1]), "call/c1");
}

TEST(reactors, a_closed_licensed_session_gives_its_seat_back) {
  const auto known = one_session(session::session_kind::licensed);
  const auto out = react(tenant, "morning", logged_out, known);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(target(out[1]), "license/of default");
  EXPECT_EQ(command_of<license::release_seat>(out[1]).holder, alice);
  EXPECT_EQ(command_of<license::release_seat>(out[1]).session, morning);
}

TEST(reactors, a_licensed_login_without_a_device_gives_back_nothing_but_its_seat) {
  auto known = one_session(session::session_kind::licensed);
  known.sessions[morning].device = {};
  const auto out = react(tenant, "morning", logged_out, known);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "license/of default");
}

TEST(reactors, a_late_close_does_not_touch_the_calls_of_a_device_that_signed_in_anew) {
  auto known = one_session(session::session_kind::websocket);
  known.calls[phone] = {call_id{"c1"}};
  known.current[phone] = session_id{"evening"};
  const auto out = react(tenant, "morning", logged_out, known);
  ASSERT_EQ(out.size(), 1u); // and forget_device names the old session: nothing there
  EXPECT_EQ(command_of<extension::forget_device>(out[0]).session, morning);
}

TEST(reactors, a_session_that_nobody_knows_has_no_consequences) {
  EXPECT_TRUE(react(tenant, "morning", logged_out, known_facts{}).empty());
}

struct answering : testing::Test {
  answering() {
    known = one_session(session::session_kind::rest);
    auto placed = call::test::as_placed();
    placed.caller_device = phone;
    const auto w =
        call::test::world{{placed, call::answered{2, call::test::ben, 1, 1}, call::event{sent}}};
    known.call_states[call_id{"c1"}] = w.state();
  }
  std::vector<derived> reaction() { return react(tenant, "c1", call::event{sent}, known); }

  call::answer_sent sent{2, 1, call::test::sdp("answer")};
  known_facts known;
};

TEST_F(answering, a_rest_caller_finds_the_answer_in_its_session) {
  const auto out = reaction();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "session/morning");
  EXPECT_EQ(command_of<session::note_peer_answer>(out[0]).sdp.reveal(), "answer");
}

TEST_F(answering, a_websocket_caller_gets_a_push_instead) {
  known.sessions[morning].kind = session::session_kind::websocket;
  EXPECT_TRUE(reaction().empty());
}

TEST_F(answering, a_caller_without_a_session_gets_nothing) {
  known.current.clear();
  EXPECT_TRUE(reaction().empty());
  known.call_states.clear();
  EXPECT_TRUE(reaction().empty());
}

// A REST client at `phone`, its session and the calls it may be in.
struct speaking : testing::Test {
  speaking() : known(one_session(session::session_kind::rest)) {
    auto& s = known.open[morning];
    s.exists = true;
    s.kind = session::session_kind::rest;
    s.device = phone;
    s.agent = alice;
  }
  static personal<session::candidate> line(const char* text) {
    return {subject_id{"alice"}, session::candidate{text, "0", 0}};
  }
  void placed_by_phone(const char* id, time_ms at) {
    auto e = call::test::as_placed();
    e.caller_device = phone;
    e.at = at;
    known.call_states[call_id{id}] = call::evolve({}, call::event{e});
    known.calls[phone].push_back(call_id{id});
    last = call::event{e};
  }
  std::vector<derived> on_call(const char* id) { return react(tenant, id, last, known); }
  std::vector<derived> on_session(session::event e) {
    return react(tenant, "morning", std::move(e), known);
  }
  session::state& kept() { return known.open[morning]; }

  known_facts known;
  call::event last;
};

TEST_F(speaking, what_the_session_kept_comes_with_the_call_it_places) {
  kept().offer = call::test::sdp("offer");
  kept().candidates = {line("one"), line("two")};
  placed_by_phone("c1", 1);
  const auto out = on_call("c1");
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "call/c1");
  const auto& words = command_of<call::send_kept>(out[0]);
  EXPECT_EQ(words.device, phone);
  EXPECT_EQ(words.offer->reveal(), "offer");
  EXPECT_FALSE(words.answer);
  ASSERT_EQ(words.candidates.size(), 2u);
  EXPECT_EQ(words.candidates[1].reveal().candidate, "two");
}

TEST_F(speaking, a_session_that_kept_nothing_says_nothing) {
  placed_by_phone("c1", 1);
  EXPECT_TRUE(on_call("c1").empty());
}

TEST_F(speaking, an_answered_call_gets_the_answer_that_was_for_it_and_no_other) {
  placed_by_phone("c1", 1);
  last = call::answered{2, phone, 1, 1};
  kept().answer = call::test::sdp("answer");
  kept().answers = call_id{"another"};
  EXPECT_TRUE(on_call("c1").empty());
  kept().answers = call_id{"c1"};
  EXPECT_EQ(command_of<call::send_kept>(on_call("c1").at(0)).answer->reveal(), "answer");
}

TEST_F(speaking, a_candidate_is_for_each_call_a_description_for_the_latest) {
  placed_by_phone("late", 7);
  placed_by_phone("early", 3);
  const auto each = on_session(session::candidate_added{line("one"), 9});
  ASSERT_EQ(each.size(), 2u);
  EXPECT_EQ(target(each[0]), "call/early");
  EXPECT_EQ(target(each[1]), "call/late");
  const auto latest = on_session(session::offer_set{call::test::sdp("offer"), 9});
  ASSERT_EQ(latest.size(), 1u);
  EXPECT_EQ(target(latest[0]), "call/late");
}

TEST_F(speaking, an_answer_for_a_call_that_still_rings_waits_for_it) {
  EXPECT_TRUE(on_session(session::answer_set{call::test::sdp("answer"), 9, call_id{"c1"}}).empty());
  placed_by_phone("c1", 1);
  const auto out = on_session(session::answer_set{call::test::sdp("answer"), 9, call_id{"c1"}});
  EXPECT_EQ(command_of<call::send_kept>(out.at(0)).answer->reveal(), "answer");
}

TEST_F(speaking, a_websocket_client_speaks_to_its_calls_itself) {
  kept().kind = session::session_kind::websocket;
  kept().offer = call::test::sdp("offer");
  placed_by_phone("c1", 1);
  EXPECT_TRUE(on_call("c1").empty());
  EXPECT_TRUE(on_session(session::candidate_added{line("one"), 9}).empty());
}

TEST(reactors, one_event_makes_at_most_one_command_per_target) {
  auto known = one_session(session::session_kind::licensed);
  known.calls[phone] = {call_id{"c1"}, call_id{"c2"}};
  const auto out = react(tenant, "morning", logged_out, known);
  std::set<std::string> targets;
  for (const auto& d : out) EXPECT_TRUE(targets.insert(target(d)).second) << target(d);
  EXPECT_EQ(targets.size(), 4u);
}

TEST(reactors, what_they_derive_may_be_delivered_twice) {
  auto w = call::test::talking();
  w.when(call::lose_device{call::test::ann}).and_again_nothing();
  support::given<extension::spec> e;
  e.when(extension::forget_device{phone, "logout", morning}).then_nothing();
}

TEST(reactors, a_lost_device_makes_its_seat_wait_for_a_sign_of_life) {
  const session_id seat{"seat"};
  const extension::event lost{extension::device_detached{phone, "lost", 1, 1, seat}};
  const auto out = react(tenant, "ext", lost, known_facts{});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "session/seat");
  command_of<session::lose_line>(out[0]);
  const extension::event other{extension::device_detached{phone, "lost", 1, 1}};
  EXPECT_TRUE(react(tenant, "ext", other, known_facts{}).empty());
}

TEST(reactors, a_forgotten_device_loses_its_line_and_a_logout_ends_its_seat) {
  const session_id seat{"seat"};
  const extension::event gone{extension::device_forgotten{phone, morning, "device_lost", 1, seat}};
  const auto out = react(tenant, "ext", gone, known_facts{});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(target(out[1]), "session/seat");
  command_of<session::lose_line>(out[1]);
  const extension::event said{extension::device_forgotten{phone, morning, "logout", 1, seat}};
  const auto over = react(tenant, "ext", said, known_facts{});
  ASSERT_EQ(over.size(), 2u);
  EXPECT_EQ(command_of<session::close>(over[1]).reason, "logout");
}

// A seat's session, and devices of the extension that came with it.
struct one_seat {
  const session_id seat{"seat"};
  known_facts known;
  one_seat() { known.sessions[seat] = {ext, alice, {}, session::session_kind::licensed}; }
  extension::device& device(const device_id& id, bool attached = true) {
    auto& d = known.extensions[ext].devices[id];
    d.seat = seat;
    d.attached = attached;
    return d;
  }
  std::vector<derived> lose(const device_id& id) {
    known.extensions[ext].devices[id].attached = false;
    const extension::event lost{extension::device_detached{id, "lost", 1, 1, seat}};
    return react(tenant, "ext", lost, known);
  }
};

TEST(reactors, a_seat_waits_for_nobody_while_another_device_of_it_is_there) {
  one_seat w;
  w.device(phone);
  w.device(device_id{"tab"});
  EXPECT_TRUE(w.lose(phone).empty());
  const extension::event gone{
      extension::device_forgotten{phone, morning, "device_lost", 1, w.seat}};
  w.known.extensions[ext].devices.erase(phone);
  const auto out = react(tenant, "ext", gone, w.known);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "session/morning");
  EXPECT_EQ(w.lose(device_id{"tab"}).size(), 1u);
}

TEST(reactors, a_device_of_another_seat_keeps_none) {
  one_seat w;
  w.device(phone);
  w.device(device_id{"tab"}).seat = session_id{"another"};
  EXPECT_EQ(w.lose(phone).size(), 1u);
}

TEST(reactors, a_rest_client_is_there_until_its_stream_is_lost) {
  one_seat w;
  w.device(phone);
  auto& rest = w.device(device_id{"rest"});
  rest.kind = extension::device_kind::rest;
  rest.session = morning;
  EXPECT_EQ(w.lose(phone).size(), 1u); // its session is over
  w.known.open[morning].lost_at = 0;
  EXPECT_TRUE(w.lose(phone).empty());
  w.known.open[morning].lost_at = 1;
  EXPECT_EQ(w.lose(phone).size(), 1u);
}

TEST(reactors, who_comes_or_is_heard_undoes_the_loss_of_a_line) {
  one_seat w;
  extension::device_attached came;
  came.device = phone;
  came.seat = w.seat;
  const auto out = react(tenant, "ext", extension::event{came}, w.known);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "session/seat");
  command_of<session::keep_line>(out[0]);
  came.seat = {};
  EXPECT_TRUE(react(tenant, "ext", extension::event{came}, w.known).empty());
  auto rest = one_session(session::session_kind::rest);
  const session::event heard{session::renewed{1, 1}};
  EXPECT_TRUE(react(tenant, "morning", heard, rest).empty());
  rest.sessions[morning].seat = w.seat;
  command_of<session::keep_line>(react(tenant, "morning", heard, rest).at(0));
}

TEST(reactors, the_seat_of_a_rest_session_ends_with_it_and_not_with_its_stream) {
  one_seat w;
  w.known.sessions[morning] = {ext, alice, phone, session::session_kind::rest, w.seat};
  w.known.current[phone] = morning;
  w.known.open[w.seat].peer_connection = "morning";
  EXPECT_TRUE(react(tenant, "morning", session::event{session::line_lost{1}}, w.known).empty());
  const session::event over{session::closed{"timeout", 1}};
  const auto out = react(tenant, "morning", over, w.known);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(target(out[1]), "session/seat");
  EXPECT_EQ(command_of<session::close>(out[1]).reason, "ended");
  w.known.open[w.seat].peer_connection.clear(); // it came by a sign-in, which goes on
  EXPECT_EQ(react(tenant, "morning", over, w.known).size(), 1u);
}

TEST(reactors, a_lost_event_stream_is_a_lost_line_of_its_seat) {
  auto known = one_session(session::session_kind::rest);
  const session::event lost{session::line_lost{1}};
  EXPECT_TRUE(react(tenant, "morning", lost, known).empty());
  known.sessions[morning].seat = session_id{"seat"};
  const auto out = react(tenant, "morning", lost, known);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(target(out[0]), "session/seat");
}

} // namespace
} // namespace strowger::reactors
