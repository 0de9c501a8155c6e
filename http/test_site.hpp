// Test helper: a running server with the fake gateway and real tokens.
#pragma once

#include "http/fake_gateway.hpp"
#include "http/server.hpp"
#include "http/test_client.hpp"

namespace strowger::http {

struct test_site {
  static constexpr const char* secret = "a secret of more than thirty-two bytes, for tests";

  explicit test_site(const std::function<void(options&)>& change = {}, bool serve = true) {
    options opt;
    opt.listen = {{"127.0.0.1", 0}};
    opt.signer = std::make_shared<security::token_signer>(secret);
    auto verifier = std::make_shared<security::token_verifier>();
    verifier->add_secret(secret);
    opt.verifier = verifier;
    opt.origins = {"https://pbx.example"};
    if (change) change(opt);
    web = std::make_unique<server>(std::move(opt));
    if (serve) web->serve(gateway);
    web->start();
    port = web->listening().front().port;
  }

  // A token of extension `ext`; expires in an hour unless told.
  static std::string token(const std::string& ext, std::vector<std::string> roles = {"agent"},
                           std::int64_t expires_in_s = 3600, const std::string& jti = "jti-1") {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    security::claims who;
    who.sub = "agent-" + ext;
    who.tenant = "default";
    who.ext = ext;
    who.roles = std::move(roles);
    who.iat = now_s - 10;
    who.exp = now_s + expires_in_s;
    who.jti = jti;
    return security::token_signer{secret}.sign(who);
  }
  static std::string bearer(const std::string& ext, std::vector<std::string> roles = {"agent"}) {
    return "Authorization: Bearer " + token(ext, std::move(roles)) + "\r\n";
  }
  test_websocket socket(const std::string& ext, const std::string& fields = {}) {
    return {port, "/ws?extension=" + ext, bearer(ext) + fields};
  }

  fake_gateway gateway;
  std::unique_ptr<server> web;
  std::uint16_t port = 0;
};

} // namespace strowger::http
