#include "cli/banner.hpp"

#include "cli/addresses.hpp"
#include "cli/http_options.hpp"
#include "cli/ports.hpp"
#include "security/token.hpp"

#include <iostream>

namespace strowger::cli {
namespace {

// Where browsers find it: what listens on every interface is named as other machines reach it.
std::vector<std::string> urls_of(const config::settings& s, const http::endpoint& at) {
  const bool tls = !s.ssl_cert_file.empty() || s.lan;
  const bool everywhere = at.address == "0.0.0.0" || at.address == "::";
  std::vector<std::string> out;
  for (const auto& host : everywhere ? reachable_hosts(s) : std::vector{at.address}) {
    const bool v6 = host.find(':') != std::string::npos && !host.starts_with('[');
    out.push_back((tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" +
                  std::to_string(at.port) + "/");
  }
  return out;
}

std::string token_for_admin(const config::settings& s, const security::site_keys& keys,
                            runtime::id_source& ids) {
  const auto now = wall_clock() / 1000;
  security::claims who;
  who.sub = ids.digest({"agent", "default", "admin"});
  who.tenant = "default";
  who.ext = "999";
  who.roles = {"admin", "agent"};
  who.iat = now;
  who.exp = now + s.token_ttl_s;
  who.jti = ids.random();
  return security::token_signer{jwt_secret_of(s, keys)}.sign(who);
}

} // namespace

void print_banner(const config::settings& s, const std::vector<http::endpoint>& listening,
                  const accounts_plan& accounts, const security::site_keys& keys,
                  runtime::id_source& ids) {
  std::cout << "Strowger " << STROWGER_VERSION << " is ready\n";
  for (const auto& at : listening)
    for (const auto& url : urls_of(s, at)) std::cout << "  " << url << '\n';
  std::cout << sign_in_text(s, accounts);
  if (s.dev) std::cout << "  token of admin: " << token_for_admin(s, keys, ids) << '\n';
  std::cout << std::flush;
}

} // namespace strowger::cli
