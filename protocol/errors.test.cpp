#include "protocol/errors.hpp"

#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strowger::protocol {
namespace {

TEST(errors, texts_of_the_seeds_are_word_for_word) {
  const std::pair<errc, const char*> texts[] = {
      {errc::target_not_found, "Target extension not found"},
      {errc::target_offline, "Target user is not online"},
      {errc::hub_not_available, "WebSocket hub not available"},
      {errc::invitation_failed, "Failed to send call invitation"},
      {errc::feature_not_licensed, "WebRTC extension feature not licensed"},
      {errc::user_limit_reached, "Maximum user limit reached"},
      {errc::extension_in_use, "Extension already in use"}};
  for (const auto& [why, text] : texts) EXPECT_EQ(text_of({why, {}, 0}), text);
  EXPECT_EQ(text_of({errc::no_client_for_target, "1000", 0}),
            "No client found for extension: 1000");
}

TEST(errors, a_condition_that_is_missing_is_428_and_one_that_fails_412) {
  EXPECT_EQ(row_of(errc::precondition_required).status, 428);
  EXPECT_EQ(row_of(errc::precondition_failed).status, 412);
  EXPECT_EQ(row_of(errc::license_changed).status, 412);
}

TEST(errors, codes_are_kebab_case_and_unique) {
  std::set<std::string_view> codes;
  for (std::uint16_t i = 0; i < errc_count; ++i) {
    const auto& row = row_of(static_cast<errc>(i));
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
    EXPECT_EQ(row.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), row.code.npos);
    EXPECT_TRUE(i == 0 ? row.status == 200 : row.status >= 400 && row.status < 600) << row.code;
    EXPECT_FALSE(row.title.empty());
  }
}

TEST(errors, a_problem_is_rfc_9457_and_what_simple_clients_read) {
  EXPECT_EQ(write_json(problem({errc::missing_field, "sdp", 0}, "/api/webrtc/offer")),
            R"({"type":"urn:strowger:error:missing-field","title":"Missing field","status":400,)"
            R"("detail":"Missing field: sdp","instance":"/api/webrtc/offer","success":false,)"
            R"("error":"Missing field","code":"missing-field"})");
}

} // namespace
} // namespace strowger::protocol
