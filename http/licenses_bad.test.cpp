// Bad input in every field of licenses and agents: each gets its documented error, by name.
#include "http/test_site.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

const std::string range = "value-out-of-range", type = "wrong-type", missing = "missing-field",
                  unknown = "unknown-field";
const std::string long_text = "\"" + std::string(257, 'a') + "\"";

// Replaces the member in a body that is good otherwise; "(absent)" takes it out.
std::string with(const std::map<std::string, std::string>& good, std::string name,
                 const std::string& literal) {
  auto members = good;
  if (literal == "(absent)")
    members.erase(name);
  else
    members[name] = literal;
  std::string out;
  for (const auto& [key, text] : members) out += (out.empty() ? "{\"" : ",\"") + key + "\":" + text;
  return out.empty() ? "{}" : out + "}";
}

struct row {
  std::string name, literal, code, detail; // detail empty: the name
};

void expect_refused(test_site& site, const std::string& verb, const std::string& target,
                    const std::map<std::string, std::string>& good, const std::vector<row>& rows) {
  const auto admin = test_site::bearer("999", {"admin"}) + json_fields;
  const auto fine = fetch(site.port, verb, target, admin, with(good, "", "(absent)"));
  ASSERT_LT(fine.status, 300) << fine.body;
  const auto asked = site.gateway.license_commands().size();
  for (const auto& r : rows) {
    const auto got = fetch(site.port, verb, target, admin, with(good, r.name, r.literal));
    const auto say = verb + " " + r.name + " = " + r.literal.substr(0, 40) + ": " + got.body;
    EXPECT_EQ(got.status, 400) << say;
    EXPECT_EQ(got.text("code"), r.code) << say;
    EXPECT_TRUE(got.text("detail").ends_with(": " + (r.detail.empty() ? r.name : r.detail))) << say;
  }
  EXPECT_EQ(site.gateway.license_commands().size(), asked) << "nothing of it went further";
}

std::vector<row> of_a_license(bool change) {
  std::vector<row> out;
  for (const auto* name : {"organization_name", "plan"}) {
    out.push_back({name, "7", type, {}});
    if (!change || name == std::string{"plan"})
      out.push_back({name, "\"\"", change ? range : missing, {}});
    out.push_back({name, long_text, range, {}});
    out.push_back({name, R"("a\u0000b")", range, {}});
    out.push_back({name, R"("a\nb")", range, {}});
  }
  for (const auto* name : {"max_users", "webrtc_max_users", "sessions_per_user", "overdraft"}) {
    for (const auto* literal : {"\"5\"", "1.5", "true", "[]", "1e300"})
      out.push_back({name, literal, type, {}});
    for (const auto* literal : {"-1", "1000001", "9007199254740993"})
      out.push_back({name, literal, range, {}});
  }
  out.push_back({"max_users", "0", range, {}});
  out.push_back({"webrtc_max_users", "11", range, {}}); // above max_users
  out.push_back({"sessions_per_user", "33", range, {}});
  for (const auto* name : {"starts_at", "expires_at"}) {
    for (const auto* literal : {"true", "{}", "1.5"}) out.push_back({name, literal, type, {}});
    for (const auto* literal : {"-1", "\"\"", "\"soon\"", "\"2030-13-01T00:00:00Z\"",
                                "253402300800000", "\"1969-12-31T23:59:59Z\""})
      out.push_back({name, literal, range, {}});
  }
  out.push_back({"expires_at", "0", range, {}});
  out.push_back({"expires_at", "1000", range, {}}); // not behind starts_at
  out.push_back({"features", "[]", type, {}});
  out.push_back({"features", "\"webrtc_extension\"", type, {}});
  out.push_back({"features", R"({"webrtc_extension":1})", type, "features.webrtc_extension"});
  out.push_back({"features", R"({"Loud":true})", range, {}});
  out.push_back({"features", R"({"":true})", range, {}});
  std::string many;
  for (int i = 0; i < 65; ++i)
    many += (many.empty() ? "{\"f" : ",\"f") + std::to_string(i) + "\":true";
  out.push_back({"features", many + "}", range, {}});
  out.push_back({"webrtc_max_user", "1", unknown, {}});
  out.push_back({"roles", "[]", unknown, {}});
  return out;
}

const std::map<std::string, std::string> license{{"organization_name", "\"Org\""},
                                                 {"plan", "\"team\""},
                                                 {"max_users", "10"},
                                                 {"starts_at", "1000"}};

TEST(licenses, bad_fields_of_a_new_one_are_named) {
  test_site site;
  auto rows = of_a_license(false);
  for (const auto* name : {"organization_name", "plan", "max_users"}) {
    rows.push_back({name, "(absent)", missing, {}});
    rows.push_back({name, "null", missing, {}});
  }
  for (const auto* name : {"status", "id", "key"}) rows.push_back({name, "\"x\"", unknown, {}});
  expect_refused(site, "POST", "/api/licenses", license, rows);
}

TEST(licenses, bad_fields_of_a_change_are_named) {
  test_site site;
  auto rows = of_a_license(true);
  for (const auto* literal : {"\"\"", "\"dead\"", "\"ACTIVE\"", "\"Expired\""})
    rows.push_back({"status", literal, range, {}});
  rows.push_back({"status", "1", type, {}});
  expect_refused(site, "PUT", "/api/licenses/lic-1", license, rows);
}

TEST(licenses, bad_fields_of_a_validation_are_named) {
  test_site site;
  expect_refused(site, "POST", "/api/licenses/lic-1/validate", {},
                 {{"session_id", "7", type, {}},
                  {"session_id", long_text, range, {}},
                  {"session", "\"s\"", unknown, {}}});
}

// Each of these queries and headers, with the name of what is wrong.
TEST(licenses, bad_queries_and_headers_are_named) {
  test_site site;
  const auto admin = test_site::bearer("999", {"admin"}) + json_fields;
  const auto expect = [&](const test_response& got, const std::string& name) {
    EXPECT_EQ(got.status, 400) << got.body;
    EXPECT_EQ(got.text("code"), range);
    EXPECT_TRUE(got.text("detail").ends_with(": " + name)) << got.body;
  };
  for (const auto* tag : {"abc", "W/\"abc\"", "\"a\", \"b\"", "\"", "\"\"", "\"a b\""}) {
    const auto field = std::string{"If-Match: "} + tag + "\r\n";
    expect(fetch(site.port, "PUT", "/api/licenses/lic-1", admin + field, "{}"), "If-Match");
    expect(fetch(site.port, "DELETE", "/api/licenses/lic-1", admin + field), "If-Match");
  }
  expect(fetch(site.port, "PUT", "/api/licenses/lic-1",
               admin + "If-Match: \"" + std::string(257, 'a') + "\"\r\n", "{}"),
         "If-Match");
  for (const auto* tenant : {"A", "a_b", "a%20b", "a%2Fb"})
    expect(fetch(site.port, "GET", std::string{"/api/sessions/s/receipt?tenant="} + tenant),
           "tenant");
  expect(fetch(site.port, "GET", "/api/sessions/s/receipt?tenant=" + std::string(64, 'a')),
         "tenant");
  for (const auto* limit : {"0", "-1", "x", "1x", "1.5", "99999999999999999999"})
    expect(fetch(site.port, "GET", std::string{"/api/agents?limit="} + limit, admin), "limit");
  expect(fetch(site.port, "GET", "/api/agents?cursor=" + std::string(257, 'a'), admin), "cursor");
  EXPECT_EQ(site.gateway.license_commands().size(), 0U) << "nothing of it went further";
  EXPECT_EQ(fetch(site.port, "GET", "/api/agents?limit=9999&cursor=c", admin).status, 200);
  EXPECT_EQ(site.gateway.last_license_command().page.limit, limits::agents_page_max);
  EXPECT_EQ(site.gateway.last_license_command().page.cursor, "c");
}

TEST(agents, bad_fields_of_a_new_one_are_named) {
  test_site site;
  const std::map<std::string, std::string> good{{"username", "\"nora\""},
                                                {"email", "\"n@x.org\""},
                                                {"extension", "\"7000\""},
                                                {"password", "\"secret\""}};
  std::vector<row> rows{{"email", "\"nora\"", range, {}},    {"email", "\"@x.org\"", range, {}},
                        {"email", "\"nora@\"", range, {}},   {"extension", "7000", type, {}},
                        {"extension", "\"a b\"", range, {}}, {"typology", "7", type, {}},
                        {"typology", long_text, range, {}},  {"tenant", "\"Acme Inc\"", range, {}},
                        {"tenant", "7", type, {}},           {"roles", "[\"admin\"]", unknown, {}}};
  for (const auto& [name, literal] : good) {
    rows.push_back({name, "(absent)", missing, {}});
    rows.push_back({name, "\"\"", missing, {}});
    rows.push_back({name, "{}", type, {}});
    rows.push_back({name, "\"" + std::string(1025, 'a') + "\"", range, {}});
  }
  expect_refused(site, "POST", "/api/agents", good, rows);
}

TEST(agents, bad_fields_of_a_change_are_named) {
  test_site site;
  std::vector<row> rows{{"email", "\"nora\"", range, {}},    {"extension", "\"a b\"", range, {}},
                        {"extension", "7000", type, {}},     {"password", "\"\"", range, {}},
                        {"typology", "\"\"", range, {}},     {"typology", "true", type, {}},
                        {"tenant", "\"acme\"", unknown, {}}, {"admin", "true", unknown, {}}};
  for (const auto* name : {"email", "password", "typology"}) {
    rows.push_back({name, "[]", type, {}});
    rows.push_back({name, "\"" + std::string(1025, 'a') + "\"", range, {}});
  }
  expect_refused(site, "PUT", "/api/agents/agent-1000", {}, rows);
}

TEST(licenses, an_admin_creates_agents_at_home) {
  test_site site;
  const auto status = [&](const std::string& home, const std::string& named) {
    security::claims who;
    who.sub = "boss";
    who.tenant = home;
    who.roles = {"admin"};
    who.exp = std::chrono::duration_cast<std::chrono::seconds>(
                  std::chrono::system_clock::now().time_since_epoch())
                  .count() +
              60;
    const auto token = security::token_signer{test_site::secret}.sign(who);
    const std::string tenant = named.empty() ? "" : R"(,"tenant":")" + named + "\"";
    return fetch(site.port, "POST", "/api/agents",
                 json_fields + "Authorization: Bearer " + token + "\r\n",
                 R"({"username":"n","email":"n@x.org","extension":"7","password":"s")" + tenant +
                     "}")
        .status;
  };
  EXPECT_EQ(status("acme", ""), 201);
  EXPECT_EQ(site.gateway.last_license_command().agent.tenant, tenant_id{"acme"});
  EXPECT_EQ(status("acme", "acme"), 201);
  EXPECT_EQ(status("acme", "default"), 403);
  EXPECT_EQ(status("default", "acme"), 201);
}

} // namespace
} // namespace strowger::http
