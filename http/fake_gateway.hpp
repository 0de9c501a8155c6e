// Test double of runtime::gateway for the tests in http/: answers from a small script, remembers
// what it was asked. No actors, no log.
#pragma once

#include "http/fake_licenses.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

namespace strowger::http {

class fake_gateway final : public fake_licenses {
public:
  struct seen_command {
    std::string what, command, device, call;
    principal who;
    request::call_action action;
    std::string text; // sdp, target, session
    std::string fingerprint;
  };

  std::atomic<bool> is_ready{true};
  std::atomic<bool> answer_commands{true}; // false: dial and act are never answered
  std::set<std::string> revoked;
  errc refuse_with = errc::ok; // the next answers of everything but login
  std::string refuse_detail;
  answer::attached attached{"1000", device_id{"dev-1"}, session_id{"sess-1"}, "resume-1", 160};
  std::vector<answer::extension_row> rows;
  answer::session_row session{session_id{"sess-1"}, "1001", "peer-1", "new", {}, {}, {}};

  std::vector<seen_command> commands() {
    std::lock_guard lock{mutex_};
    return commands_;
  }
  std::vector<request::attach> attaches() {
    std::lock_guard lock{mutex_};
    return attaches_;
  }
  std::vector<request::attach_session> session_attaches() {
    std::lock_guard lock{mutex_};
    return session_attaches_;
  }
  std::vector<std::string> detached() {
    std::lock_guard lock{mutex_};
    return detached_;
  }
  std::shared_ptr<runtime::device_sink> sink() {
    std::lock_guard lock{mutex_};
    return sink_;
  }
  // Waits for another thread's effect, at most five seconds.
  template <class Test> static bool eventually(const Test& test) {
    for (int i = 0; i < 500; ++i) {
      if (test()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return false;
  }

  bool ready() const override { return is_ready; }
  bool token_revoked(const tenant_id&, const std::string& jti) const override {
    return revoked.contains(jti);
  }

  void login(const runtime::caller& c, request::login in,
             runtime::done<answer::identity> done) override {
    if (in.username == "slow")
      return reply<answer::identity>(c, done, failure{errc::too_many_attempts, {}, 30'000});
    if (in.password != "password")
      return reply<answer::identity>(c, done, failure{errc::wrong_credentials, {}, 0});
    answer::identity who;
    who.agent = agent_id{"agent-" + in.username};
    who.tenant = in.tenant;
    who.username = in.username;
    who.email = in.username + "@example.net";
    who.extension = in.username == "admin" ? "999" : in.username;
    who.typology = "agent";
    who.roles = {in.username == "admin" ? "admin" : "agent"};
    who.license = answer::license_info{"dev", 50, 25, 1};
    reply<answer::identity>(c, done, std::move(who));
  }
  void logout(const runtime::caller& c, runtime::done<answer::done> done) override {
    note("logout", c);
    give<answer::done>(c, done, {});
  }
  void register_agent(const runtime::caller& c, request::register_agent in,
                      runtime::done<answer::registered> done) override {
    note("register", c, {}, {}, in.username);
    give<answer::registered>(c, done, {agent_id{"agent-" + in.username}, in.extension});
  }
  void attach(const runtime::caller& c, request::attach in,
              std::shared_ptr<runtime::device_sink> sink,
              runtime::done<answer::attached> done) override {
    auto out = attached;
    {
      std::lock_guard lock{mutex_};
      out.extension = in.extension;
      out.resumed = in.resume == "resume-1";
      attaches_.push_back(std::move(in));
      sink_ = std::move(sink);
    }
    give<answer::attached>(c, done, std::move(out));
  }
  void attach(const runtime::caller& c, request::attach_session in,
              std::shared_ptr<runtime::device_sink> sink,
              runtime::done<answer::attached> done) override {
    auto out = attached;
    {
      std::lock_guard lock{mutex_};
      out.resumed = in.position > 0;
      session_attaches_.push_back(std::move(in));
      sink_ = std::move(sink);
    }
    give<answer::attached>(c, done, std::move(out));
  }
  void detach(const tenant_id&, const device_id& device, const runtime::device_sink*,
              std::string reason) override {
    std::lock_guard lock{mutex_};
    detached_.push_back(device.value + " " + reason);
  }
  void seen(const tenant_id&, const device_id&) override {}
  void subscribe_presence(const runtime::caller& c, const device_id&,
                          runtime::done<std::vector<answer::extension_row>> done) override {
    give<std::vector<answer::extension_row>>(c, done, rows);
  }
  void dial(const runtime::caller& c, const device_id& device, request::dial in,
            runtime::done<answer::dialled> done) override {
    note("dial", c, device.value, {}, in.target);
    if (answer_commands) give<answer::dialled>(c, done, {call_id{"call-1"}, 2});
  }
  void act(const runtime::caller& c, const device_id& device, const call_id& call,
           request::call_action in, runtime::done<answer::call_state> done) override {
    note("act", c, device.value, call.value, {}, std::move(in));
    if (answer_commands) give<answer::call_state>(c, done, {call, 1, "answer"});
  }
  void initiate(const runtime::caller& c, request::initiate in,
                runtime::done<answer::dialled> done) override {
    note("initiate", c, in.device ? in.device->value : "", {}, in.target);
    give<answer::dialled>(c, done, {call_id{"call-1"}, 2});
  }
  void extensions(const runtime::caller& c, bool only_online,
                  runtime::done<std::vector<answer::extension_row>> done) override {
    auto out = rows;
    if (only_online) std::erase_if(out, [](const auto& r) { return r.status != "online"; });
    give<std::vector<answer::extension_row>>(c, done, std::move(out));
  }
  void history(const runtime::caller& c, request::history in,
               runtime::done<answer::call_page> done) override {
    note("history", c, {}, {}, in.cursor + "/" + std::to_string(in.limit));
    give<answer::call_page>(c, done, {});
  }
  void stats(const runtime::caller& c, runtime::done<answer::stats> done) override {
    give<answer::stats>(c, done, {});
  }
  void explain_call(const runtime::caller& c, std::string from, std::string to,
                    runtime::done<answer::explanation> done) override {
    give<answer::explanation>(c, done, {true, from + " can call " + to + "."});
  }
  void open_session(const runtime::caller& c, request::open_session in,
                    runtime::done<answer::session_row> done) override {
    note("open_session", c, {}, {}, in.extension);
    auto row = session;
    row.extension = in.extension;
    give<answer::session_row>(c, done, std::move(row));
  }
  void session_offer(const runtime::caller& c, const session_id& id, std::string sdp,
                     runtime::done<answer::session_row> done) override {
    note("offer", c, id.value, {}, std::move(sdp));
    give<answer::session_row>(c, done, session);
  }
  void session_answer(const runtime::caller& c, const session_id& id, std::string sdp,
                      runtime::done<answer::done> done) override {
    note("answer", c, id.value, {}, std::move(sdp));
    give<answer::done>(c, done, {});
  }
  void session_candidate(const runtime::caller& c, const session_id& id, notice::candidate in,
                         runtime::done<answer::done> done) override {
    note("candidate", c, id.value, {}, in.candidate);
    give<answer::done>(c, done, {});
  }
  void session_dial(const runtime::caller& c, const session_id& id, request::dial in,
                    runtime::done<answer::dialled> done) override {
    note("session_dial", c, id.value, {}, in.target);
    give<answer::dialled>(c, done, {call_id{"call-1"}, 1});
  }
  void session_act(const runtime::caller& c, const session_id& id, std::optional<call_id> call,
                   request::call_action in, runtime::done<answer::call_state> done) override {
    note("session_act", c, id.value, call ? call->value : "", {}, std::move(in));
    give<answer::call_state>(c, done, {});
  }
  void session_get(const runtime::caller& c, const session_id& id,
                   runtime::done<answer::session_row> done) override {
    note("session_get", c, id.value);
    give<answer::session_row>(c, done, session);
  }
  void sessions(const runtime::caller& c,
                runtime::done<std::vector<answer::session_row>> done) override {
    give<std::vector<answer::session_row>>(c, done, {session});
  }
  void close_session(const runtime::caller& c, const session_id& id,
                     runtime::done<answer::done> done) override {
    note("close_session", c, id.value);
    give<answer::done>(c, done, {});
  }
  void heartbeat(const runtime::caller& c, const session_id& id,
                 runtime::done<answer::done> done) override {
    note("heartbeat", c, id.value);
    give<answer::done>(c, done, {});
  }

private:
  template <class T> void reply(const runtime::caller& c, runtime::done<T> done, outcome<T> out) {
    c.lane->post(
        [done = std::move(done), out = std::move(out)]() mutable { done(std::move(out)); });
  }
  template <class T> void give(const runtime::caller& c, runtime::done<T> done, T out) {
    if (refuse_with == errc::ok) return reply<T>(c, std::move(done), std::move(out));
    reply<T>(c, std::move(done), failure{refuse_with, refuse_detail, 0});
  }
  void note(std::string what, const runtime::caller& c, std::string device = {},
            std::string call = {}, std::string text = {}, request::call_action action = {}) {
    std::lock_guard lock{mutex_};
    commands_.push_back({std::move(what), c.command.value, std::move(device), std::move(call),
                         c.who, std::move(action), std::move(text), c.fingerprint});
  }

  std::mutex mutex_;
  std::vector<seen_command> commands_;
  std::vector<request::attach> attaches_;
  std::vector<request::attach_session> session_attaches_;
  std::vector<std::string> detached_;
  std::shared_ptr<runtime::device_sink> sink_;
};

} // namespace strowger::http
