#include "protocol/link/link.hpp"

#include "core/limits.hpp"
#include "protocol/describe.hpp"
#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <random>

namespace strowger::protocol::link {
namespace {

words::seat_change a_change() {
  return {43, 977, "taken", agent_id{"a1"}, session_id{"s1"}, "1000", {1'767'323'045'678}, true};
}
std::vector<words::to_master> all_to_master() {
  return {words::hello{"k3v", "pbx \"south\""},
          words::hello{"k3v", ""},
          words::ask{4, 12},
          words::report{42, 43, {a_change()}},
          words::report{44, 44, {}},
          words::alive{{{session_id{"s1"}, {1'767'323'075'678}}}},
          words::alive{}};
}
std::vector<words::to_slave> all_to_slave() {
  return {words::welcome{"eyJ.a.b", "-----BEGIN\n", slave_id{"x7"}, 3, 41},
          words::terms{"eyJ.c.d"},
          words::lease{"eyJ.e.f"},
          words::refused{5, "stale-lease"},
          words::reported{43},
          words::recall{}};
}

TEST(link, what_is_rendered_is_parsed_again) {
  for (const auto& what : all_to_master()) {
    const auto text = render(what);
    const auto back = parse_to_master(text);
    ASSERT_TRUE(std::holds_alternative<words::to_master>(back)) << text;
    EXPECT_EQ(render(std::get<words::to_master>(back)), text);
    EXPECT_EQ(std::get<words::to_master>(back).index(), what.index());
  }
  for (const auto& what : all_to_slave()) {
    const auto text = render(what);
    const auto back = parse_to_slave(text);
    ASSERT_TRUE(std::holds_alternative<words::to_slave>(back)) << text;
    EXPECT_EQ(render(std::get<words::to_slave>(back)), text);
    EXPECT_EQ(std::get<words::to_slave>(back).index(), what.index());
  }
}

TEST(link, messages_look_as_the_readme_says) {
  EXPECT_EQ(render(words::to_master{words::report{42, 43, {a_change()}, "977.1"}}),
            R"({"type":"report","from":42,"upto":43,"changes":[{"version":43,"position":977,)"
            R"("what":"taken","holder":"a1","session":"s1","extension":"1000",)"
            R"("at":"2026-01-02T03:04:05.678Z","overdrawn":true}],"mark":"977.1","anew":false})");
  EXPECT_EQ(render(words::to_slave{words::refused{5, "stale-lease"}}),
            R"({"type":"refused","ask":5,"code":"stale-lease"})");
  EXPECT_EQ(render(words::to_slave{words::recall{}}), R"({"type":"recall"})");
}

TEST(link, every_message_has_its_place_in_the_table) {
  std::vector<std::string_view> to_master, to_slave;
  for (const auto& what : all_to_master())
    if (const auto name = std::visit([](const auto& x) { return std::string_view{x.name}; }, what);
        to_master.empty() || to_master.back() != name)
      to_master.push_back(name);
  for (const auto& what : all_to_slave())
    to_slave.push_back(std::visit([](const auto& x) { return std::string_view{x.name}; }, what));
  EXPECT_EQ(names_to_master(), to_master);
  EXPECT_EQ(names_to_slave(), to_slave);
}

TEST(link, unknown_members_do_not_disturb) {
  EXPECT_TRUE(std::holds_alternative<words::to_slave>(
      parse_to_slave(R"({"later":[{}],"type":"recall","why":"x"})")));
  EXPECT_TRUE(std::holds_alternative<words::to_master>(parse_to_master(
      R"({"type":"alive","sessions":[{"session":"s","at":"2026-01-02T03:04:05Z","more":1}]})")));
}

struct bad {
  std::string frame;
  errc why;
  std::string detail;
};

template <class Any> void expect_refused(const outcome<Any>& got, const bad& row) {
  const auto* why = std::get_if<failure>(&got);
  ASSERT_TRUE(why) << row.frame.substr(0, 200);
  EXPECT_EQ(why->why, row.why) << row.frame.substr(0, 200);
  const bool named = row.why != errc::malformed_json && row.why != errc::malformed_message;
  EXPECT_TRUE(!named || why->detail == row.detail) << why->detail << row.frame.substr(0, 200);
}

std::string repeated(const std::string& what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out.append(i ? "," : "").append(what);
  return out;
}

const std::string good_change =
    R"({"version":1,"position":2,"what":"left","holder":"a","session":"s","extension":"1",)"
    R"("at":"2026-01-02T03:04:05Z","overdrawn":false})";

std::string report_of(const std::string& from, const std::string& to) {
  auto one = good_change;
  one.replace(one.find(from), from.size(), to);
  return R"({"type":"report","from":1,"upto":1,"changes":[)" + one + "]}";
}

TEST(link, bad_words_of_a_slave_are_refused_with_their_error) {
  using enum errc;
  const std::string beat = R"({"session":"s","at":"2026-01-02T03:04:05Z"})";
  const auto changes = [](const std::string& items) {
    return R"({"type":"report","from":1,"upto":1,"changes":[)" + items + "]}";
  };
  ASSERT_FALSE(std::holds_alternative<failure>(parse_to_master(changes(good_change))));
  const std::string long_text(limits::text_bytes_max + 1, 'x');
  const bad rows[] = {
      {"", malformed_json, ""},
      {"{", malformed_json, ""},
      {R"({"type":"hello","type":"ask"})", malformed_json, ""},
      {"\xff", malformed_json, ""},
      {"[]", malformed_message, ""},
      {"7", malformed_message, ""},
      {"{}", missing_field, "type"},
      {R"({"type":7})", wrong_type, "type"},
      {R"({"type":"hullo"})", unknown_message, "hullo"},
      {R"({"type":"welcome"})", unknown_message, "welcome"},
      {R"({"type":"hello"})", missing_field, "slave"},
      {R"({"type":"hello","slave":""})", missing_field, "slave"},
      {R"({"type":"hello","slave":null})", missing_field, "slave"},
      {R"({"type":"hello","slave":"a\u0000b"})", value_out_of_range, "slave"},
      {R"({"type":"hello","slave":")" + long_text + R"("})", value_out_of_range, "slave"},
      {R"({"type":"hello","slave":"k","title":")" + long_text + R"("})", value_out_of_range,
       "title"},
      {R"({"type":"hello","slave":"k","title":1})", wrong_type, "title"},
      {R"({"type":"ask","seats":1})", missing_field, "ask"},
      {R"({"type":"ask","ask":1})", missing_field, "seats"},
      {R"({"type":"ask","ask":"1","seats":1})", wrong_type, "ask"},
      {R"({"type":"ask","ask":-1,"seats":1})", value_out_of_range, "ask"},
      {R"({"type":"ask","ask":9007199254740992,"seats":1})", value_out_of_range, "ask"},
      {R"({"type":"ask","ask":18446744073709551615,"seats":1})", wrong_type, "ask"},
      {R"({"type":"ask","ask":1,"seats":1.5})", wrong_type, "seats"},
      {R"({"type":"ask","ask":1,"seats":1000001})", value_out_of_range, "seats"},
      {R"({"type":"report","upto":1,"changes":[]})", missing_field, "from"},
      {R"({"type":"report","from":1,"changes":[]})", missing_field, "upto"},
      {R"({"type":"report","from":1,"upto":1})", missing_field, "changes"},
      {R"({"type":"report","from":1,"upto":1,"changes":{}})", wrong_type, "changes"},
      {changes("1"), malformed_message, ""},
      {changes(repeated(good_change, limits::report_changes_max + 1)), value_out_of_range,
       "changes"},
      {changes(good_change + ",{}"), missing_field, "changes[1].version"},
      {report_of(R"("version":1)", R"("version":-1)"), value_out_of_range, "changes[0].version"},
      {report_of(R"("position":2)", R"("position":"2")"), wrong_type, "changes[0].position"},
      {report_of("left", "lost"), value_out_of_range, "changes[0].what"},
      {report_of(R"("holder":"a")", R"("holder":"")"), missing_field, "changes[0].holder"},
      {report_of(R"("session":"s",)", ""), missing_field, "changes[0].session"},
      {report_of(R"("extension":"1")", R"("extension":1)"), wrong_type, "changes[0].extension"},
      {report_of(R"("2026-01-02T03:04:05Z")", R"("yesterday")"), value_out_of_range,
       "changes[0].at"},
      {report_of(R"("at":"2026-01-02T03:04:05Z",)", ""), missing_field, "changes[0].at"},
      {report_of(R"("2026-01-02T03:04:05Z")", "true"), wrong_type, "changes[0].at"},
      {report_of(R"(,"overdrawn":false)", ""), missing_field, "changes[0].overdrawn"},
      {report_of("false", "0"), wrong_type, "changes[0].overdrawn"},
      {R"({"type":"alive"})", missing_field, "sessions"},
      {R"({"type":"alive","sessions":[)" + repeated(beat, heartbeats_max + 1) + "]}",
       value_out_of_range, "sessions"},
      {R"({"type":"alive","sessions":[{"session":"s"}]})", missing_field, "sessions[0].at"},
  };
  for (const auto& row : rows) expect_refused(parse_to_master(row.frame), row);
}

TEST(link, bad_words_of_a_master_are_refused_with_their_error) {
  using enum errc;
  const std::string welcome =
      R"({"type":"welcome","license":"a.b.c","key":"k","slave":"x","asks":0,"upto":0})";
  ASSERT_FALSE(std::holds_alternative<failure>(parse_to_slave(welcome)));
  const auto with = [&](const std::string& from, const std::string& to) {
    auto out = welcome;
    return out.replace(out.find(from), from.size(), to);
  };
  const bad rows[] = {
      {R"({"type":"hello","slave":"k"})", unknown_message, "hello"},
      {with(R"("license":"a.b.c",)", ""), missing_field, "license"},
      {with("a.b.c", std::string(statement_bytes_max + 1, 'x')), value_out_of_range, "license"},
      {with(R"("k")", "7"), wrong_type, "key"},
      {with(R"("k")", R"(")" + std::string(5000, 'k') + R"(")"), value_out_of_range, "key"},
      {with(R"("x")", R"("")"), missing_field, "slave"},
      {with(R"("asks":0)", R"("asks":-1)"), value_out_of_range, "asks"},
      {with(R"(,"upto":0)", ""), missing_field, "upto"},
      {R"({"type":"terms"})", missing_field, "license"},
      {R"({"type":"lease","lease":[]})", wrong_type, "lease"},
      {R"({"type":"refused","ask":1})", missing_field, "code"},
      {R"({"type":"refused","code":"x"})", missing_field, "ask"},
      {R"({"type":"reported"})", missing_field, "upto"},
  };
  for (const auto& row : rows) expect_refused(parse_to_slave(row.frame), row);
}

TEST(link, the_largest_messages_fit_into_a_frame) {
  auto long_change = a_change();
  long_change.holder = agent_id{std::string(64, 'h')};
  long_change.session = session_id{std::string(64, 's')};
  long_change.extension = std::string(limits::target_digits_max, '9');
  words::report full{1, 2, {}};
  full.changes.resize(limits::report_changes_max, long_change);
  EXPECT_LT(render(words::to_master{full}).size(), limits::frame_bytes_max);

  words::alive crowd;
  crowd.sessions.resize(heartbeats_max + 5, {session_id{std::string(64, 's')}, {1}});
  const auto text = render(words::to_master{crowd});
  EXPECT_LT(text.size(), limits::frame_bytes_max);
  const auto back = parse_to_master(text);
  EXPECT_EQ(std::get<words::alive>(std::get<words::to_master>(back)).sessions.size(),
            heartbeats_max);

  const words::welcome big{std::string(statement_bytes_max, 'x'), std::string(4096, '\n'),
                           slave_id{"x"}, 0, 0};
  EXPECT_LT(render(words::to_slave{big}).size(), limits::frame_bytes_max);
}

TEST(link, mutated_messages_are_refused_or_read_never_worse) {
  std::vector<std::string> texts;
  for (const auto& what : all_to_master()) texts.push_back(render(what));
  for (const auto& what : all_to_slave()) texts.push_back(render(what));
  std::mt19937 random{20261121};
  std::size_t read = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = texts[random() % texts.size()];
    for (auto changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
      const auto at = random() % text.size();
      switch (random() % 3) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      default:
        text.insert(at, 1, "{}[]\",:\\0"[random() % 9]);
      }
    }
    std::holds_alternative<failure>(parse_to_master(text)) ? ++refused : ++read;
    std::holds_alternative<failure>(parse_to_slave(text)) ? ++refused : ++read;
  }
  EXPECT_GT(read, 200U) << "mutations too wild to reach the inside";
  EXPECT_GT(refused, 10'000U);
}

TEST(link, marks_of_a_log_may_be_left_out_and_must_be_what_they_are) {
  const auto report = [](const std::string& more) {
    return parse_to_master(R"({"type":"report","from":1,"upto":2,"changes":[])" + more + "}");
  };
  const auto plain = std::get<words::report>(std::get<words::to_master>(report("")));
  EXPECT_FALSE(plain.anew || !plain.mark.empty());
  const auto told = report(R"(,"mark":"7.1","anew":true)");
  EXPECT_EQ(std::get<words::report>(std::get<words::to_master>(told)).mark, "7.1");
  EXPECT_TRUE(std::get<words::report>(std::get<words::to_master>(told)).anew);
  const auto why = [](const auto& in) { return std::get<failure>(in); };
  EXPECT_EQ(why(report(R"(,"mark":7)")).why, errc::wrong_type);
  EXPECT_EQ(why(report(R"(,"mark":7)")).detail, "mark");
  EXPECT_EQ(why(report(R"(,"anew":"yes")")).why, errc::wrong_type);
  EXPECT_EQ(why(report(R"(,"mark":")" + std::string(257, 'x') + R"(")")).why,
            errc::value_out_of_range);
  const std::string welcome = R"({"type":"welcome","license":"l","key":"k","slave":"s","asks":1,)";
  EXPECT_EQ(why(parse_to_slave(welcome + R"("upto":1,"mark":[]})")).why, errc::wrong_type);
}

} // namespace
} // namespace strowger::protocol::link
