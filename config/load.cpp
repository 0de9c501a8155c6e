#include "config/load.hpp"

#include "config/file.hpp"
#include "config/options.hpp"
#include "config/secrets.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace strowger::config {
namespace {

constexpr int numbered_max = 99; // STUN_SERVER01 .. STUN_SERVER99

std::string numbered(std::string_view name, int n) {
  return std::string{name.substr(0, name.size() - 1)} + (n < 10 ? "0" : "") + std::to_string(n);
}

bool reaches_the_network(const listen_address& at) {
  return !at.host.starts_with("127.") && at.host != "localhost" && at.host != "::1";
}

struct layers {
  const input& in;
  loaded out;

  void set(const option& o, const raw_value& raw, const std::string& origin) {
    auto wrong = assign(out.values, o, raw);
    if (wrong.empty())
      out.origins[std::string{o.key}] = origin;
    else
      out.problems.push_back(origin + ": \"" + std::string{o.key} + "\" " + wrong);
  }

  void defaults() {
    for (const auto& o : options()) {
      const bool differs = in.dev && !o.dev_preset.empty();
      const std::string preset{differs ? o.dev_preset : o.preset};
      if (!std::holds_alternative<std::vector<turn_server> settings::*>(o.where))
        set(o, {preset}, differs ? "--dev" : "default");
      else
        out.origins[std::string{o.key}] = "default";
    }
  }

  void file() {
    if (in.file_name.empty()) return;
    auto content = read_file(in.file_name, in.file_text);
    out.problems.insert(out.problems.end(), content.problems.begin(), content.problems.end());
    for (const auto& value : content.values) set(*value.what, value.raw, value.where);
  }

  const std::string* variable(const std::string& name) const {
    const auto found = in.environment.find(name);
    return found == in.environment.end() || found->second.empty() ? nullptr : &found->second;
  }

  void environment() {
    for (const auto& o : options()) {
      if (o.env.empty() || o.env == "TURN_SERVER" || o.env == "SSL_CERT_FILE") continue;
      if (o.env.ends_with('#'))
        numbered_list(o);
      else if (const auto* text = variable(std::string{o.env}))
        set(o, {*text}, std::string{o.env});
    }
    turn();
    certificate();
  }

  void numbered_list(const option& o) {
    std::vector<std::string> list;
    std::string first;
    for (int n = 1; n <= numbered_max; ++n)
      if (const auto name = numbered(o.env, n); const auto* text = variable(name)) {
        list.push_back(*text);
        if (first.empty()) first = name;
      }
    if (!list.empty()) set(o, {list}, first);
  }

  void turn() {
    const auto* url = variable("TURN_SERVER");
    const auto* username = variable("TURN_USERNAME");
    const auto* password = variable("TURN_PASSWORD");
    if (url == nullptr) {
      if (username != nullptr || password != nullptr)
        out.problems.push_back("TURN_SERVER: is not set, but TURN_USERNAME or TURN_PASSWORD is");
      return;
    }
    const turn_server server{*url, username ? *username : "", password ? *password : ""};
    set(*find_option("features.webrtc.turn_servers"), {std::vector{server}}, "TURN_SERVER");
  }

  // On many machines SSL_CERT_FILE alone means "the authorities to trust": then it is not ours.
  void certificate() {
    const auto* cert = variable("SSL_CERT_FILE");
    if (cert == nullptr) return;
    if (variable("SSL_PRIVATE_KEY") != nullptr)
      set(*find_option("tls.cert_file"), {*cert}, "SSL_CERT_FILE");
    else
      out.warnings.push_back("SSL_CERT_FILE is set without SSL_PRIVATE_KEY: taken as the trust "
                             "store of this machine, not as the server's certificate.");
  }

  void flags() {
    for (const auto& [name, text] : in.flags) {
      const auto found = std::ranges::find_if(
          options(), [&](const option& o) { return !o.flag.empty() && o.flag == name; });
      if (found == options().end())
        out.problems.push_back(name + ": there is no such flag");
      else
        set(*found, {text}, name);
    }
  }

  // What single values cannot show.
  void together() {
    const auto& s = out.values;
    auto problem = [&](const char* text) { out.problems.push_back(text); };
    if (s.ssl_cert_file.empty() != s.ssl_private_key.empty())
      problem("tls.cert_file and tls.private_key_file must be set together.");
    if (s.role == "slave" && s.license_mgmt_api_url.empty())
      problem("license.mgmt_api_url (LICENSE_MGMT_API_URL) must be set: the role is slave.");
    if (s.role == "slave" && s.license_key.empty())
      problem("license.key (LICENSE_KEY) must be set: the role is slave.");
    if (s.lan && !s.dev) problem("--lan goes with --dev only.");
    if (s.dev && !s.lan && std::ranges::any_of(listen_addresses(s), reaches_the_network))
      problem("listen: --dev has sample passwords and stays on 127.0.0.1; say --lan, too.");
    for (const auto& server : s.turn_servers)
      if (s.turn_secret.empty() && (server.username.empty() || server.credential.empty()))
        problem("features.webrtc.turn_servers: a server needs username and credential, or "
                "turn.secret must be set.");
    if (s.ice_transport_policy == "relay" && s.turn_servers.empty())
      out.warnings.push_back("features.webrtc.ice_transport_policy is relay, but there is no TURN "
                             "server: no media will flow.");
    for (auto& refused : refused_secrets(s)) out.problems.push_back(std::move(refused));
  }
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

} // namespace

loaded load(const input& in) {
  layers l{in, {}};
  l.out.values.dev = in.dev;
  l.out.values.lan = in.lan;
  l.defaults();
  l.file();
  l.environment();
  l.flags();
  l.together();
  return std::move(l.out);
}

config_error::config_error(const std::vector<std::string>& problems) :
    std::runtime_error(joined(problems)) {}

const settings& valid(const loaded& l) {
  if (!l.problems.empty()) throw config_error(l.problems);
  return l.values;
}

std::string read_text(const std::string& path) {
  std::error_code ignored; // an input stream opens a folder and finds it empty
  if (std::filesystem::is_directory(path, ignored))
    throw config_error({path + ": is a folder, not a file."});
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) throw config_error({path + ": the file cannot be read."});
  return text.str();
}

std::map<std::string, std::string> take_environment() {
  std::map<std::string, std::string> taken;
  const auto take = [&](const std::string& name) {
    if (const char* value = std::getenv(name.c_str())) taken[name] = value;
  };
  for (const auto& o : options()) {
    if (o.env.ends_with('#'))
      for (int n = 1; n <= numbered_max; ++n) take(numbered(o.env, n));
    else if (!o.env.empty())
      take(std::string{o.env});
  }
  take("TURN_USERNAME");
  take("TURN_PASSWORD");
  if (taken.contains("SSL_PRIVATE_KEY")) ::unsetenv("SSL_CERT_FILE");
  return taken;
}

} // namespace strowger::config
