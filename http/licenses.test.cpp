// Licenses and agents over REST, against a gateway that remembers what it was asked.
#include "http/routes.hpp"
#include "http/test_site.hpp"
#include "protocol/errors.hpp"

#include <gtest/gtest.h>

namespace strowger::http {
namespace {

const auto admin = test_site::bearer("999", {"admin"}) + json_fields;

test_response ask(test_site& site, const std::string& verb, const std::string& target,
                  const std::string& body = {}, const std::string& as = admin) {
  return fetch(site.port, verb, target, as, body);
}

TEST(licenses, every_verb_reaches_its_license) {
  test_site site;
  const auto last = [&] { return site.gateway.last_license_command(); };
  const auto list = ask(site, "GET", "/api/licenses");
  EXPECT_EQ(list.status, 200);
  EXPECT_TRUE(list.body.starts_with(R"({"success":true,"licenses":[{"id":"lic-1","key":"key-1",)"))
      << list.body;
  const auto made =
      ask(site, "POST", "/api/licenses",
          R"({"organization_name":"Org","plan":"team","max_users":10,"webrtc_max_users":5,)"
          R"("features":{"webrtc_extension":true,"recording":true,"sms":false},)"
          R"("sessions_per_user":1,"overdraft":2,"starts_at":1000,)"
          R"("expires_at":"2030-01-01T00:00:00Z"})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("Location"), "/api/licenses/lic-1");
  EXPECT_EQ(made.text("organization_name"), "Org");
  EXPECT_EQ(at(made.json(), "success"), "true");
  const auto asked = last().license;
  EXPECT_EQ(asked.organization, "Org");
  EXPECT_EQ(asked.plan, "team");
  EXPECT_TRUE(asked.webrtc_extension);
  EXPECT_EQ(asked.features, std::set<std::string>{"recording"});
  EXPECT_EQ(asked.max_users, 10u);
  EXPECT_EQ(asked.webrtc_max_users, 5u);
  EXPECT_EQ(asked.sessions_per_user, 1u);
  EXPECT_EQ(asked.overdraft, 2u);
  EXPECT_EQ(asked.starts_at, 1000);
  EXPECT_EQ(asked.expires_at, 1893456000000);
  EXPECT_EQ(ask(site, "GET", "/api/licenses/lic-1").text("key"), "key-1");
  EXPECT_EQ(last().id, "lic-1");
  EXPECT_EQ(ask(site, "PUT", "/api/licenses/lic-1", R"({"webrtc_max_users":1})").status, 200);
  EXPECT_EQ(last().change.webrtc_max_users, 1u);
  EXPECT_FALSE(last().change.max_users || last().change.features || last().change.status);
  EXPECT_EQ(ask(site, "DELETE", "/api/licenses/lic-1").text("status"), "revoked");
  EXPECT_EQ(last().change.status, "revoked");
}

TEST(licenses, have_a_tag_that_a_change_may_be_conditional_on) {
  test_site site;
  site.gateway.license_answer.tag = "abc";
  EXPECT_EQ(ask(site, "GET", "/api/licenses/lic-1").header("ETag"), "\"abc\"");
  const auto put = [&](const std::string& field) {
    return ask(site, "PUT", "/api/licenses/lic-1", R"({"plan":"team"})", admin + field);
  };
  EXPECT_EQ(put("").header("ETag"), "\"abc\"");
  EXPECT_FALSE(site.gateway.last_license_command().change.if_tag);
  EXPECT_EQ(put("If-Match: \"abc\"\r\n").status, 200);
  EXPECT_EQ(site.gateway.last_license_command().change.if_tag, "abc");
  EXPECT_EQ(put("If-Match: *\r\n").status, 200);
  EXPECT_FALSE(site.gateway.last_license_command().change.if_tag);
  const auto removed =
      ask(site, "DELETE", "/api/licenses/lic-1", {}, admin + "If-Match: \"x\"\r\n");
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(site.gateway.last_license_command().change.if_tag, "x");
  site.gateway.refuse_license_with = errc::license_changed;
  const auto stale = put("If-Match: \"old\"\r\n");
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.text("error"), "License was changed meanwhile");
}

TEST(licenses, a_receipt_is_for_whoever_knows_the_session) {
  test_site site;
  const auto got = ask(site, "GET", "/api/sessions/s-1/receipt?tenant=acme", {}, "");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text("session_id"), "s-1");
  EXPECT_EQ(got.text("statement"), "signed");
  EXPECT_EQ(site.gateway.last_license_command().who.tenant, tenant_id{"acme"});
  ask(site, "GET", "/api/sessions/s-1/receipt", {}, "");
  EXPECT_EQ(site.gateway.last_license_command().who.tenant, tenant_id{"default"});
  EXPECT_EQ(ask(site, "GET", "/api/licenses/key", {}, "").text("public_key"), "PEM");
}

TEST(licenses, a_refused_seat_names_its_receipt) {
  failure why{errc::user_limit_reached, {}, 0, "/api/sessions/s-1/receipt"};
  const auto text = [](const protocol::value& tree, const char* name) {
    const auto* found = tree.find(name);
    return found && found->as_text() ? *found->as_text() : std::string{};
  };
  EXPECT_EQ(text(protocol::problem(why, "/api/login"), "receipt"), why.receipt);
  EXPECT_EQ(text(protocol::refusal(why), "receipt"), why.receipt);
  why.receipt.clear();
  EXPECT_EQ(protocol::problem(why, "/api/login").find("receipt"), nullptr);
}

TEST(licenses, what_a_change_does_not_say_stays) {
  test_site site;
  const auto change = [&](const std::string& body) {
    const auto got = ask(site, "PUT", "/api/licenses/lic-1", body);
    EXPECT_EQ(got.status, 200) << got.body;
    return site.gateway.last_license_command().change;
  };
  EXPECT_FALSE(change("{}").expires_at);
  EXPECT_EQ(change(R"({"expires_at":null,"starts_at":null})").expires_at, never);
  EXPECT_EQ(change(R"({"starts_at":null})").starts_at, 0);
  EXPECT_EQ(change(R"({"expires_at":"2030-01-01T01:00:00+01:00"})").expires_at, 1893456000000);
  EXPECT_EQ(change(R"({"features":{"webrtc_extension":false}})").webrtc_extension, false);
  EXPECT_FALSE(change(R"({"features":{"webrtc_extension":false}})").features);
  EXPECT_EQ(change(R"({"features":{"sms":false}})").features, std::set<std::string>{});
  EXPECT_FALSE(change(R"({"features":{"sms":true}})").webrtc_extension);
  for (const auto* status : {"active", "expired", "not_started", "suspended"}) {
    site.gateway.license_answer.status = status;
    site.gateway.license_answer.organization.clear(); // as that of a first start
    const auto shown = ask(site, "GET", "/api/licenses/lic-1").body;
    EXPECT_EQ(change(shown).max_users, 50u) << "what GET shows may come back";
  }
  EXPECT_FALSE(change(R"({"status":"expired"})").status) << "nobody sets what the clock says";
  for (const auto* status : {"active", "suspended", "revoked"})
    EXPECT_EQ(change(R"({"status":")" + std::string{status} + R"("})").status, status);
}

TEST(licenses, current_is_no_id_and_shows_no_key_to_agents) {
  test_site site;
  const auto agent = test_site::bearer("1000");
  const auto own = ask(site, "GET", "/api/licenses/current", {}, agent);
  EXPECT_EQ(own.status, 200);
  EXPECT_EQ(own.text("role"), "standalone");
  EXPECT_EQ(at(own.json(), "license", "key"), "(absent)");
  EXPECT_EQ(at(own.json(), "license", "plan"), "team");
  EXPECT_EQ(at(own.json(), "allocation"), "25");
  EXPECT_EQ(at(own.json(), "seats_used"), "3");
  EXPECT_EQ(site.gateway.last_license_command().what, "current_license");
  EXPECT_EQ(at(ask(site, "GET", "/api/licenses/current").json(), "license", "key"), "key-1");
  const auto wrong = ask(site, "PUT", "/api/licenses/current", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask(site, "POST", "/api/licenses/lic-1", "{}").header("Allow"),
            "GET, HEAD, PUT, DELETE, OPTIONS");
}

TEST(licenses, seats_and_validation_are_shown) {
  test_site site;
  const auto seats = ask(site, "GET", "/api/licenses/lic-1/webrtc-sessions");
  EXPECT_EQ(seats.status, 200);
  EXPECT_EQ(at(seats.json(), "webrtc_max_users"), "25");
  EXPECT_EQ(at(seats.json(), "active_sessions"), "1");
  EXPECT_NE(seats.body.find(R"("session_id":"sess-1","agent_id":"agent-1000")"), seats.body.npos);
  EXPECT_NE(seats.body.find(R"("created_at":"1970-01-01T00:00:01.000Z")"), seats.body.npos);
  EXPECT_NE(seats.body.find(R"("position":7)"), seats.body.npos);
  const auto bare = ask(site, "POST", "/api/licenses/lic-1/validate");
  EXPECT_EQ(bare.text("code"), "VALID");
  EXPECT_EQ(at(bare.json(), "valid"), "true");
  EXPECT_FALSE(site.gateway.last_license_command().session);
  ask(site, "POST", "/api/licenses/lic-1/validate", R"({"session_id":"sess-1"})");
  EXPECT_EQ(site.gateway.last_license_command().session, session_id{"sess-1"});
}

TEST(licenses, only_admins_but_for_ones_own) {
  test_site site;
  const auto agent = test_site::bearer("1000") + json_fields;
  for (const auto& r : routes()) {
    const std::string pattern{r.pattern};
    const bool ours = pattern.starts_with("/api/licenses") || pattern.starts_with("/api/agents");
    if (!ours || r.kind != shape::answer || r.rule == access::open) continue;
    auto target = pattern;
    if (const auto brace = target.find("{id}"); brace != target.npos)
      target.replace(brace, 4, "agent-1000");
    const bool own = target == "/api/licenses/current" || target.ends_with("/sip-config");
    const std::string verb{name_of(r.verb)};
    EXPECT_EQ(ask(site, verb, target, {}, "").status, 401) << verb << target;
    const auto got = ask(site, verb, target, verb == "GET" ? "" : "{}", agent);
    EXPECT_EQ(got.status, own ? 200 : 403) << verb << target << got.body;
  }
}

TEST(licenses, a_key_makes_a_retry_safe) {
  test_site site;
  const std::string body = R"({"organization_name":"O","plan":"p","max_users":1})";
  const auto with = admin + "Idempotency-Key: abc\r\n";
  ask(site, "POST", "/api/licenses", body, with);
  const auto first = site.gateway.last_license_command();
  ask(site, "POST", "/api/licenses", body, with);
  const auto again = site.gateway.last_license_command();
  EXPECT_EQ(first.command, "abc");
  EXPECT_FALSE(first.fingerprint.empty());
  EXPECT_EQ(again.fingerprint, first.fingerprint);
  const auto agent = [&](const std::string& password) {
    ask(site, "POST", "/api/agents",
        R"({"username":"n","email":"n@x.org","extension":"7","password":")" + password + "\"}",
        with);
    return site.gateway.last_license_command().fingerprint;
  };
  EXPECT_EQ(agent("one"), agent("two")) << "what is logged must not test passwords";
  EXPECT_NE(agent("one"), first.fingerprint);
}

TEST(licenses, a_socket_hears_of_its_seat_and_the_terms) {
  test_site site;
  auto ws = site.socket("1000");
  EXPECT_EQ(at(ws.message(), "type"), "connected");
  ws.send(R"({"type":"license:authenticate","id":1})");
  const auto told = ws.message();
  EXPECT_EQ(at(told, "id"), "1");
  EXPECT_EQ(at(told, "data", "success"), "true");
  EXPECT_EQ(at(told, "data", "session_id"), "sess-1");
  EXPECT_EQ(at(told, "data", "heartbeat_interval_s"), "30");
  EXPECT_EQ(at(told, "data", "role"), "standalone");
  site.gateway.refuse_with = errc::seat_lost;
  ws.send(R"({"type":"license:authenticate","id":2})");
  EXPECT_EQ(at(ws.message(), "data", "error"), "Session no longer has a seat");
}

TEST(licenses, refusals_come_with_their_text) {
  test_site site;
  struct {
    errc why;
    int status;
    const char* text;
  } cases[] = {{errc::user_limit_reached, 429, "Maximum user limit reached"},
               {errc::license_unknown, 404, "License not found"},
               {errc::license_revoked, 403, "License revoked"},
               {errc::wrong_role, 409, "This server's role does not do that"},
               {errc::too_many_slaves, 429, "Too many servers for this license"},
               {errc::statement_invalid, 422, "Signed statement is not valid"},
               {errc::value_out_of_range, 400, "Value out of range"}};
  for (const auto& c : cases) {
    site.gateway.refuse_license_with = c.why;
    const auto got = ask(site, "PUT", "/api/licenses/lic-1", "{}");
    EXPECT_EQ(got.status, c.status);
    EXPECT_EQ(got.text("error"), c.text);
  }
}

TEST(agents, every_verb_reaches_its_agent) {
  test_site site;
  const auto last = [&] { return site.gateway.last_license_command(); };
  EXPECT_EQ(
      ask(site, "GET", "/api/agents").body,
      R"({"success":true,"agents":[{"id":"agent-1000","username":"1000","email":"1000@example.net",)"
      R"("extension":"1000","typology":"chrome_softphone","roles":["agent"]}],)"
      R"("next_cursor":"agent-1000"})");
  EXPECT_EQ(ask(site, "GET", "/api/agents/agent-1000").text("id"), "agent-1000");
  EXPECT_EQ(last().id, "agent-1000");
  const auto made = ask(site, "POST", "/api/agents",
                        R"({"username":"nora","email":"n@x.org","extension":"7000",)"
                        R"("password":"secret","typology":"chrome_softphone"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.header("Location"), "/api/agents/agent-1000");
  EXPECT_EQ(last().agent.username, "nora");
  EXPECT_EQ(last().agent.typology, "chrome_softphone");
  EXPECT_EQ(last().agent.tenant, tenant_id{"default"});
  EXPECT_EQ(ask(site, "PUT", "/api/agents/agent-1000",
                R"({"email":"a@b","extension":"7001","password":"new","typology":"agent"})")
                .status,
            200);
  EXPECT_EQ(last().agent_change.email, "a@b");
  EXPECT_EQ(last().agent_change.extension, "7001");
  EXPECT_EQ(last().agent_change.password, "new");
  EXPECT_EQ(last().agent_change.typology, "agent");
  EXPECT_EQ(
      ask(site, "PUT", "/api/agents/agent-1000", ask(site, "GET", "/api/agents/agent-1000").body)
          .status,
      200);
  EXPECT_EQ(ask(site, "DELETE", "/api/agents/agent-1000").text("message"), "Agent removed");
  EXPECT_EQ(last().what, "remove_agent");
}

TEST(agents, a_void_token_is_no_token) {
  test_site site;
  const auto as = test_site::bearer("1000");
  EXPECT_EQ(ask(site, "GET", "/api/licenses/current", {}, as).status, 200);
  site.gateway.void_agents.insert("agent-1000");
  const auto got = ask(site, "GET", "/api/licenses/current", {}, as);
  EXPECT_EQ(got.status, 401);
  EXPECT_EQ(got.text("code"), "token-invalid");
}

TEST(agents, a_sip_account_comes_as_json_or_for_asterisk_to_its_owner_alone) {
  test_site site{[](options& o) { o.public_host = "pbx.example"; }};
  const auto own = test_site::bearer("1000");
  const auto json = ask(site, "GET", "/api/agents/agent-1000/sip-config", {}, own);
  EXPECT_EQ(json.status, 200);
  EXPECT_EQ(json.text("ws_uri"), "ws://127.0.0.1:8080/ws");
  EXPECT_EQ(json.text("sip_uri"), "sip:1000@pbx.example");
  EXPECT_EQ(json.text("username"), "1000");
  EXPECT_EQ(json.text("password"), "sip-secret-of-1000");
  EXPECT_EQ(json.text("transport"), "transport-wss");
  EXPECT_EQ(at(json.json(), "ice_servers", "iceTransportPolicy"), "all");
  const auto text = ask(site, "GET", "/api/agents/agent-1000/sip-config?format=pjsip", {}, own);
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_NE(text.body.find("\ntransport=transport-wss\nwebrtc=yes\n"), text.body.npos);
  EXPECT_EQ(ask(site, "GET", "/api/agents/agent-1000/sip-config?format=yaml", {}, own).status, 400);
  EXPECT_EQ(ask(site, "GET", "/api/agents/agent-1001/sip-config", {}, own).status, 403);
  EXPECT_EQ(ask(site, "GET", "/api/agents/agent-1001/sip-config").status, 200);
  site.gateway.sip_secret = "not plain;";
  EXPECT_EQ(
      ask(site, "GET", "/api/agents/agent-1000/sip-config?format=pjsip", {}, own).text("code"),
      "value-out-of-range");
}

} // namespace
} // namespace strowger::http
