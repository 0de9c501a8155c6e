// The site's settings as typed values. What each means stands in the table in options.cpp.
#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace strowger::config {

struct turn_server {
  std::string url; // turn:host:port or turns:host:port
  std::string username;
  std::string credential;

  bool operator==(const turn_server&) const = default;
};

struct settings {
  bool dev = false; // serve --dev: loopback, sample agents, no secrets needed
  bool lan = false; // serve --dev --lan: all interfaces, generated certificate and password

  std::string role;
  std::vector<std::string> listen; // "host" or "host:port"; see listen_addresses()
  std::int64_t port = 0;
  std::string public_host;
  std::vector<std::string> cors_origins;
  bool debug = false;
  std::string data_dir;
  std::string web_dir; // empty: where the build puts it
  std::string log_file;

  std::string jwt_secret; // empty only with --dev: then the site's own key signs
  std::string jwt_public_key_file;
  std::string jwt_jwks_file;
  std::int64_t token_ttl_s = 0;
  std::string admin_password;
  std::string ssl_cert_file;
  std::string ssl_private_key;

  bool webrtc_enabled = true;
  std::int64_t session_timeout_s = 0;
  std::string ice_transport_policy;
  std::vector<std::string> stun_servers; // empty: our own responder
  std::vector<turn_server> turn_servers;
  std::string turn_secret; // coturn's: credentials are then made per agent
  std::int64_t turn_ttl_s = 0;
  std::int64_t stun_port = 0; // UDP; 0: no responder

  bool media_enabled = true;
  std::int64_t media_port = 0;    // UDP and TCP
  std::string media_listen_ip;    // empty: loopback with --dev (without --lan), else every interface
  std::string media_hold_music;   // empty: the one that comes with the program; "none"
  std::string media_announced_ip; // empty: see cli/addresses.hpp

  duration_ms ring_timeout_ms = 0;
  duration_ms device_grace_ms = 0;

  // Socket.IO
  duration_ms socketio_ping_interval_ms = 0, socketio_ping_timeout_ms = 0;
  duration_ms socketio_connect_timeout_ms = 0;
  std::int64_t socketio_max_payload = 0; // bytes
  bool tokenless = false;
  bool open_registration = false;

  std::string ws_uri_secure;
  std::string asterisk_host; // empty: no Asterisk
  std::int64_t asterisk_sip_port = 0;
  std::int64_t ami_port = 0;
  std::string ami_username;
  std::string ami_secret;

  std::string license_mgmt_api_url;
  std::string license_key;
  std::string license_public_key_file;
  std::string license_ca_file;
  std::int64_t lease_s = 0;
};

struct listen_address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const listen_address&) const = default;
};

// Where to listen: `listen`, or one address: loopback with --dev (without --lan), else every
// interface. The settings must come from load() without problems.
std::vector<listen_address> listen_addresses(const settings& s);

// Splits "host", "host:port", "[v6]" or "[v6]:port"; false when it is none of them.
bool parse_listen(const std::string& text, std::uint16_t default_port, listen_address& out);

} // namespace strowger::config
