#include "protocol/rest/pjsip.hpp"

#include <gtest/gtest.h>

namespace strowger::protocol::rest {
namespace {

answer::sip_account account(std::string extension = "1000", std::string username = "alice",
                            std::string secret = "s3cret-of_her") {
  return {agent_id{"agent"}, std::move(extension), std::move(username), "chrome_softphone",
          std::move(secret)};
}

std::string text(const answer::sip_account& who) {
  return std::get<std::string>(render_pjsip(who));
}

TEST(pjsip, an_account_is_three_sections_that_asterisk_includes) {
  EXPECT_EQ(text(account()), R"([1000]
type=endpoint
transport=transport-wss
webrtc=yes
context=from-internal
disallow=all
allow=opus,ulaw,alaw
direct_media=no
auth=1000
aors=1000
callerid="alice" <1000>

[1000]
type=auth
auth_type=userpass
username=1000
password=s3cret-of_her

[1000]
type=aor
max_contacts=32
remove_existing=yes
)");
}

TEST(pjsip, a_name_cannot_leave_its_line) {
  const auto harmless = text(account());
  const auto lines = std::ranges::count(harmless, '\n');
  const std::string hostile[] = {"a\"\n[evil]\ntype=endpoint\n",
                                 "a;b",
                                 "a\r\nx=1",
                                 "a[b]",
                                 "a\\\"b",
                                 "#exec rm",
                                 "a<1001>",
                                 std::string{"a\0b", 3},
                                 "${X}",
                                 "a\tb",
                                 "a,b(c)|d=e>f"};
  for (const auto& name : hostile) {
    const auto got = text(account("1000", name));
    EXPECT_EQ(std::ranges::count(got, '\n'), lines) << name;
    const auto from = got.find("callerid=\"") + 10;
    const auto to = got.find("\" <1000>\n", from);
    ASSERT_NE(to, got.npos) << name;
    EXPECT_EQ(got.substr(from, to - from).find_first_of("\"\\;[]<>#${}|,()=\r\n\t"), got.npos)
        << name;
    EXPECT_EQ(got.find('\0'), got.npos);
  }
  EXPECT_NE(text(account("1000", "Zoë O'Neil")).find("callerid=\"Zoë O'Neil\" <1000>"),
            std::string::npos);
}

TEST(pjsip, a_number_or_a_secret_that_is_not_plain_is_refused) {
  const auto fault = [](const answer::sip_account& who) {
    const auto out = render_pjsip(who);
    const auto* why = std::get_if<failure>(&out);
    return why && why->why == errc::value_out_of_range ? why->detail : "";
  };
  for (const auto* number : {"", "1000]", "10 00", "*43", "1000\n", "alice"})
    EXPECT_EQ(fault(account(number)), "extension") << number;
  for (const auto* secret : {"", "a;b", "a b", "a\nb", "pässword"})
    EXPECT_EQ(fault(account("1000", "alice", secret)), "password") << secret;
}

} // namespace
} // namespace strowger::protocol::rest
