// What `strowger <command>` does; each returns the exit code of the process.
#pragma once

#include "config/load.hpp"

#include <string>
#include <vector>

namespace strowger::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_difference = 1; // replay, doctor: something is not as it should be
inline constexpr int exit_usage = 64;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_software = 70;
inline constexpr int exit_storage = 74;
inline constexpr int exit_config = config::exit_code;

int serve(const config::settings& s, const config::loaded& l);

struct replay_options {
  std::string data_dir;
  bool quiet = false;
};
int replay(const replay_options& o);

struct events_options {
  std::string data_dir;
  std::string stream, kind, tenant, tag, call;
  std::string since, until;           // RFC 3339
  std::uint64_t from = 1, to = ~0ull; // log positions
  bool reveal = false;                // show personal fields in plain
};
int events(const events_options& o);

struct doctor_options {
  std::string url = "http://127.0.0.1:8080";
  std::string username, password, token;
  std::string from, to;  // of `doctor call FROM TO`; empty: the whole check
  std::string ca_file;   // PEM: certificates to trust beside the system's
  bool insecure = false; // send the password over a connection whose certificate is not trusted
};
int doctor(const doctor_options& o);

struct license_options {
  std::string what; // issue | show | revoke: at a server; verify: a file, offline
  std::string server = "http://127.0.0.1:8080";
  std::string username, password, token;
  std::string ca_file;   // PEM: certificates to trust beside the system's
  bool insecure = false; // also over plain HTTP, or with a certificate that is not trusted
  std::string id;        // show, revoke; show: empty for all, "current" for the one in force
  std::string organization, plan = "standard";
  std::uint32_t max_users = 0, webrtc_max_users = 0, sessions_per_user = 0, overdraft = 0;
  std::vector<std::string> features;
  std::string starts_at, expires_at; // RFC 3339
  std::string file, key_file;        // verify: the signed text, the public key (PEM)
};
int license(const license_options& o);

} // namespace strowger::cli
