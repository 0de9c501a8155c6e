// What http::server is told at start; cli fills it from the settings.
#pragma once

#include "core/limits.hpp"
#include "core/time.hpp"
#include "http/eio.hpp"
#include "security/token.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace strowger::http {

struct endpoint {
  std::string address = "127.0.0.1"; // IPv4 or IPv6, numeric
  std::uint16_t port = 8080;         // 0: any free one, see server::listening()
};

struct ice_server { // as RTCPeerConnection takes it
  std::vector<std::string> urls;
  std::string username, credential; // empty for stun:, and for turn: with a shared secret
};

struct options {
  // where
  std::vector<endpoint> listen{endpoint{}};
  std::vector<endpoint> stun; // UDP; empty: no STUN responder. The usual port is 3478
  std::string certificate_pem, private_key_pem; // both or none: TLS on every listening address
  std::size_t lanes = 2;                        // threads
  std::size_t connections_max = 20'000;         // more are closed at once
  std::string public_host;                      // how clients name this machine; may be empty
  std::string recordings_dir;                   // of calls, <tenant>/<call>/; empty: none
  std::string web_dir;                          // index.html, check.html, assets/; empty: no pages

  // who
  std::vector<std::string> origins; // exact, "https://pbx.example"; "*" never covers cookies
  bool tokenless = false;           // compat.tokenless: for loopback peers, every use is logged
  bool open_registration = false;   // compat.open_registration: without, only admins register
  std::shared_ptr<const security::token_signer> signer;
  std::shared_ptr<const security::token_verifier> verifier;
  duration_ms token_lifetime_ms = 12 * 3'600'000;

  // what clients are told
  std::string version = STROWGER_VERSION;
  std::vector<ice_server> ice; // without a stun: server the own responder joins
  std::string ice_transport_policy = "all";
  std::string turn_secret; // coturn's use-auth-secret; empty: static credentials only
  duration_ms turn_lifetime_ms = 12 * 3'600'000;
  std::string ws_uri; // WS_URI_SECURE; empty: from the Host header
  duration_ms ring_timeout_ms = 30'000;
  bool webrtc_enabled = true; // false: /api/webrtc/* is 403
  std::map<std::string, bool> features;

  // how patient
  duration_ms ping_interval_ms = limits::ping_interval_ms;
  duration_ms silence_ms = limits::silence_ms;
  duration_ms header_deadline_ms = limits::header_deadline_ms;
  duration_ms body_deadline_ms = limits::body_deadline_ms;
  duration_ms idle_http_ms = limits::idle_http_ms;
  duration_ms write_deadline_ms = 30'000;
  duration_ms close_deadline_ms = 2'000; // from our close frame to cutting the line
  std::size_t socket_queue_bytes_max = limits::socket_queue_bytes_max;
  std::size_t commands_in_flight_max = limits::commands_in_flight_max;

  eio_options engine; // Engine.IO and what is on it

  // ports to the world
  std::function<time_ms()> now;        // wall clock; empty: the system's
  std::function<std::string()> new_id; // unguessable; empty: security::random_id
};

} // namespace strowger::http
