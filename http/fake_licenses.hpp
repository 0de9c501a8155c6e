// Part of the test double of runtime::gateway (fake_gateway.hpp): licenses and agents. Answers from
// a small script, remembers what it was asked.
#pragma once

#include "http/fake_links.hpp"

#include <mutex>
#include <set>

namespace strowger::http {

class fake_licenses : public fake_links {
public:
  struct license_command {
    std::string what, id, command, fingerprint; // id: of the license or the agent
    principal who;
    request::license license;
    request::license_change change;
    request::register_agent agent;
    request::agent_change agent_change;
    std::optional<session_id> session;
    request::agents page;
  };

  errc refuse_license_with = errc::ok;
  std::set<std::string> void_agents; // their tokens are refused
  answer::license_row license_answer{.license = license_id{"lic-1"},
                                     .key = "key-1",
                                     .organization = "Org",
                                     .plan = "team",
                                     .status = "active",
                                     .features = {{"webrtc_extension", true}},
                                     .max_users = 50,
                                     .webrtc_max_users = 25};
  answer::agent_row agent_answer{agent_id{"agent-1000"}, "1000",   "1000@example.net", "1000",
                                 "chrome_softphone",     {"agent"}};
  std::string sip_secret = "sip-secret-of-1000";

  std::vector<license_command> license_commands() {
    std::lock_guard lock{license_mutex_};
    return license_commands_;
  }
  license_command last_license_command() { return license_commands().back(); }

  bool tokens_void(const tenant_id&, const agent_id& agent, time_ms) const override {
    return void_agents.contains(agent.value);
  }
  void licenses(const runtime::caller& c,
                runtime::done<std::vector<answer::license_row>> done) override {
    keep(c, {.what = "licenses"});
    say<std::vector<answer::license_row>>(c, done, {license_answer});
  }
  void license(const runtime::caller& c, const license_id& id,
               runtime::done<answer::license_row> done) override {
    keep(c, {.what = "license", .id = id.value});
    say(c, done, license_answer);
  }
  void create_license(const runtime::caller& c, request::license in,
                      runtime::done<answer::license_row> done) override {
    keep(c, {.what = "create_license", .license = std::move(in)});
    say(c, done, license_answer);
  }
  void change_license(const runtime::caller& c, const license_id& id, request::license_change in,
                      runtime::done<answer::license_row> done) override {
    auto row = license_answer;
    if (in.status) row.status = *in.status;
    keep(c, {.what = "change_license", .id = id.value, .change = std::move(in)});
    say(c, done, std::move(row));
  }
  void current_license(const runtime::caller& c,
                       runtime::done<answer::current_license> done) override {
    keep(c, {.what = "current_license"});
    auto row = license_answer;
    if (!c.who.admin()) row.key.clear();
    say<answer::current_license>(c, done, {"standalone", std::move(row), 25, 3, std::nullopt});
  }
  void license_seats(const runtime::caller& c, const license_id& id,
                     runtime::done<answer::license_seats> done) override {
    keep(c, {.what = "license_seats", .id = id.value});
    answer::license_seats out{.webrtc_max_users = 25, .active_sessions = 1};
    out.sessions.push_back({.session = session_id{"sess-1"},
                            .agent = agent_id{"agent-1000"},
                            .extension = "1000",
                            .created_at = {1'000},
                            .proof = 7});
    say(c, done, std::move(out));
  }
  void validate_license(const runtime::caller& c, const license_id& id,
                        std::optional<session_id> session,
                        runtime::done<answer::validation> done) override {
    keep(c, {.what = "validate_license", .id = id.value, .session = std::move(session)});
    say<answer::validation>(c, done, {true, "VALID", "is valid"});
  }
  void seat_receipt(const runtime::caller& c, const session_id& id,
                    runtime::done<answer::seat_receipt> done) override {
    keep(c, {.what = "seat_receipt", .id = id.value});
    answer::seat_receipt out;
    out.session = id;
    out.granted = true;
    out.code = "VALID";
    out.position = 7;
    out.statement = "signed";
    say(c, done, std::move(out));
  }
  void statement_key(const runtime::caller& c, runtime::done<answer::statement_key> done) override {
    keep(c, {.what = "statement_key"});
    say<answer::statement_key>(c, done, {"kid", "PEM"});
  }
  void agents(const runtime::caller& c, request::agents in,
              runtime::done<answer::agent_page> done) override {
    keep(c, {.what = "agents", .id = in.cursor, .page = in});
    say<answer::agent_page>(c, done, {{agent_answer}, "agent-1000"});
  }
  void agent(const runtime::caller& c, const agent_id& id,
             runtime::done<answer::agent_row> done) override {
    keep(c, {.what = "agent", .id = id.value});
    say(c, done, agent_answer);
  }
  void create_agent(const runtime::caller& c, request::register_agent in,
                    runtime::done<answer::agent_row> done) override {
    keep(c, {.what = "create_agent", .agent = std::move(in)});
    say(c, done, agent_answer);
  }
  void change_agent(const runtime::caller& c, const agent_id& id, request::agent_change in,
                    runtime::done<answer::agent_row> done) override {
    keep(c, {.what = "change_agent", .id = id.value, .agent_change = std::move(in)});
    say(c, done, agent_answer);
  }
  void remove_agent(const runtime::caller& c, const agent_id& id,
                    runtime::done<answer::done> done) override {
    keep(c, {.what = "remove_agent", .id = id.value});
    say(c, done, answer::done{});
  }
  void sip_config(const runtime::caller& c, const agent_id& id,
                  runtime::done<answer::sip_account> done) override {
    keep(c, {.what = "sip_config", .id = id.value});
    say<answer::sip_account>(c, done, {id, "1000", "1000", "chrome_softphone", sip_secret});
  }

private:
  void keep(const runtime::caller& c, license_command what) {
    what.command = c.command.value;
    what.fingerprint = c.fingerprint;
    what.who = c.who;
    std::lock_guard lock{license_mutex_};
    license_commands_.push_back(std::move(what));
  }
  template <class T> void say(const runtime::caller& c, runtime::done<T> done, T out) {
    outcome<T> what{std::move(out)};
    if (refuse_license_with != errc::ok) what = failure{refuse_license_with, {}, 0};
    c.lane->post([done = std::move(done), what = std::move(what)] { done(what); });
  }

  std::mutex license_mutex_;
  std::vector<license_command> license_commands_;
};

} // namespace strowger::http
