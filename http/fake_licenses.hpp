// Part of the test double of runtime::gateway (fake_gateway.hpp): licenses and agents.
#pragma once

#include "http/fake_links.hpp"

namespace strowger::http {

class fake_licenses : public fake_links {
public:
  void licenses(const runtime::caller& c,
                runtime::done<std::vector<answer::license_row>> done) override {
    none(c, std::move(done));
  }
  void license(const runtime::caller& c, const license_id&,
               runtime::done<answer::license_row> done) override {
    none(c, std::move(done));
  }
  void create_license(const runtime::caller& c, request::license,
                      runtime::done<answer::license_row> done) override {
    none(c, std::move(done));
  }
  void change_license(const runtime::caller& c, const license_id&, request::license_change,
                      runtime::done<answer::license_row> done) override {
    none(c, std::move(done));
  }
  void current_license(const runtime::caller& c,
                       runtime::done<answer::current_license> done) override {
    none(c, std::move(done));
  }
  void license_seats(const runtime::caller& c, const license_id&,
                     runtime::done<answer::license_seats> done) override {
    none(c, std::move(done));
  }
  void validate_license(const runtime::caller& c, const license_id&, std::optional<session_id>,
                        runtime::done<answer::validation> done) override {
    none(c, std::move(done));
  }
  void agents(const runtime::caller& c,
              runtime::done<std::vector<answer::agent_row>> done) override {
    none(c, std::move(done));
  }
  void agent(const runtime::caller& c, const agent_id&,
             runtime::done<answer::agent_row> done) override {
    none(c, std::move(done));
  }
  void create_agent(const runtime::caller& c, request::register_agent,
                    runtime::done<answer::agent_row> done) override {
    none(c, std::move(done));
  }
  void change_agent(const runtime::caller& c, const agent_id&, request::agent_change,
                    runtime::done<answer::agent_row> done) override {
    none(c, std::move(done));
  }
  void remove_agent(const runtime::caller& c, const agent_id&,
                    runtime::done<answer::done> done) override {
    none(c, std::move(done));
  }
  void sip_config(const runtime::caller& c, const agent_id&,
                  runtime::done<answer::sip_account> done) override {
    none(c, std::move(done));
  }

private:
  template <class T> static void none(const runtime::caller& c, runtime::done<T> done) {
    c.lane->post([done = std::move(done)] { done(T{}); });
  }
};

} // namespace strowger::http
