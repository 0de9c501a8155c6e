#include "cli/http_options.hpp"

#include "cli/addresses.hpp"
#include "cli/ports.hpp"
#include "config/load.hpp"
#include "security/certificate.hpp"

#include <filesystem>
#include <unistd.h>

namespace strowger::cli {
namespace {

// The pages stand beside the binary's tree: <root>/build/<preset>/strowger and <root>/web/dist, or
// under share/ when installed.
std::string web_dir_of(const config::settings& s) {
  if (!s.web_dir.empty()) return s.web_dir;
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& place : {self / "../../web/dist", self / "../share/strowger/web"})
    if (std::filesystem::exists(place / "index.html", failed))
      return std::filesystem::canonical(place).string();
  return {};
}

void add_tls(http::options& out, const config::settings& s) {
  if (!s.ssl_cert_file.empty()) {
    out.certificate_pem = config::read_text(s.ssl_cert_file);
    out.private_key_pem = config::read_text(s.ssl_private_key);
  } else if (s.lan) {
    const auto made = security::make_self_signed(reachable_hosts(s).front(), wall_clock());
    out.certificate_pem = made.certificate_pem;
    out.private_key_pem = made.private_key_pem;
  }
}

void add_tokens(http::options& out, const config::settings& s, const security::site_keys& keys) {
  const auto secret = jwt_secret_of(s, keys);
  out.signer = std::make_shared<security::token_signer>(secret);
  auto verifier = std::make_shared<security::token_verifier>();
  verifier->add_secret(secret);
  if (!s.jwt_public_key_file.empty())
    verifier->add_public_pem(config::read_text(s.jwt_public_key_file));
  if (!s.jwt_jwks_file.empty()) verifier->add_jwks(config::read_text(s.jwt_jwks_file));
  out.verifier = std::move(verifier);
  out.token_lifetime_ms = s.token_ttl_s * 1000;
}

void add_ice(http::options& out, const config::settings& s) {
  for (const auto& url : s.stun_servers) out.ice.push_back({{url}, {}, {}});
  for (const auto& t : s.turn_servers) out.ice.push_back({{t.url}, t.username, t.credential});
  out.ice_transport_policy = s.ice_transport_policy;
  out.turn_secret = s.turn_secret;
  out.turn_lifetime_ms = s.turn_ttl_s * 1000;
}

} // namespace

std::string jwt_secret_of(const config::settings& s, const security::site_keys& keys) {
  if (!s.jwt_secret.empty()) return s.jwt_secret;
  return {reinterpret_cast<const char*>(keys.jwt.data()), keys.jwt.size()};
}

http::options http_options_of(const config::settings& s, const security::site_keys& keys) {
  http::options out;
  out.listen.clear();
  for (const auto& at : config::listen_addresses(s)) {
    out.listen.push_back({at.host, at.port});
    if (s.stun_port != 0) out.stun.push_back({at.host, static_cast<std::uint16_t>(s.stun_port)});
  }
  out.public_host = s.public_host;
  out.web_dir = web_dir_of(s);
  out.recordings_dir = s.data_dir + "/recordings";
  out.origins = s.cors_origins;
  out.tokenless = s.tokenless;
  out.open_registration = s.open_registration;
  out.ws_uri = s.ws_uri_secure;
  out.ring_timeout_ms = s.ring_timeout_ms;
  out.webrtc_enabled = s.webrtc_enabled;
  out.engine.ping_interval_ms = s.socketio_ping_interval_ms;
  out.engine.ping_timeout_ms = s.socketio_ping_timeout_ms;
  out.engine.connect_timeout_ms = s.socketio_connect_timeout_ms;
  out.engine.payload_bytes_max = static_cast<std::size_t>(s.socketio_max_payload);
  out.features = {{"webrtc", s.webrtc_enabled}};
  add_tls(out, s);
  add_tokens(out, s, keys);
  add_ice(out, s);
  return out;
}

} // namespace strowger::cli
