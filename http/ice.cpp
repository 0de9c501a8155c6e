#include "http/ice.hpp"

#include "http/url.hpp"
#include "security/turn.hpp"

#include <algorithm>

namespace strowger::http {
namespace {

using protocol::value;

bool has_scheme(const ice_server& server, std::string_view scheme) { // "turn" finds turns: too
  return std::ranges::any_of(server.urls,
                             [&](const std::string& url) { return url.starts_with(scheme); });
}

value entry(const std::vector<std::string>& urls) {
  value out{value::object{}};
  if (urls.size() == 1) return out.set("urls", urls.front()); // as seed 004 spells it
  value::array all;
  for (const auto& url : urls) all.emplace_back(url);
  return out.set("urls", std::move(all));
}

} // namespace

std::string own_host(const options& opt, const http_request& request) {
  auto host = opt.public_host.empty() ? host_of(request.header("host")) : opt.public_host;
  // Browsers may take "localhost" for ::1, where no responder is.
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  return host.find(':') == host.npos ? host : "[" + host + "]";
}

value ice_servers(const options& opt, const http_request& request, std::string_view agent,
                  time_ms now) {
  value::array servers;
  for (const auto& server : opt.ice) {
    auto out = entry(server.urls);
    if (has_scheme(server, "turn")) {
      if (!server.username.empty()) {
        out.set("username", server.username).set("credential", server.credential);
      } else if (!opt.turn_secret.empty()) {
        const auto made = security::make_turn_credential(
            opt.turn_secret, agent.empty() ? "guest" : agent, now + opt.turn_lifetime_ms);
        out.set("username", made.username).set("credential", made.credential);
      } else {
        continue;
      }
    }
    servers.push_back(std::move(out));
  }
  const bool stun_given =
      std::ranges::any_of(opt.ice, [](const auto& server) { return has_scheme(server, "stun"); });
  if (!stun_given && !opt.stun.empty())
    servers.push_back(
        entry({"stun:" + own_host(opt, request) + ":" + std::to_string(opt.stun.front().port)}));
  value out{value::object{}};
  out.set("iceServers", std::move(servers)).set("iceTransportPolicy", opt.ice_transport_policy);
  return out;
}

std::string ws_uri(const options& opt, const http_request& request) {
  if (!opt.ws_uri.empty()) return opt.ws_uri;
  const auto host = request.header("host");
  return (request.tls ? "wss://" : "ws://") +
         (is_host_header(host) ? std::string{host} : own_host(opt, request)) + "/ws";
}

} // namespace strowger::http
