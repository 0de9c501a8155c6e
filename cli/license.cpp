// Licenses from a shell: at a running server by REST, or a signed text alone, offline.
#include "cli/commands.hpp"
#include "cli/http_client.hpp"
#include "config/load.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "security/statement.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <iostream>

namespace strowger::cli {
namespace {

using protocol::value;

constexpr duration_ms patience_ms = 10'000;

struct refusal { // why it ends here
  int code;
  std::string sentence;
};

time_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string text_at(const value& tree, std::string_view name) {
  const auto* found = tree.find(name);
  return found && found->as_text() ? *found->as_text() : std::string{};
}

class server {
public:
  explicit server(const license_options& o) :
      o_(o), web_(address(o), {o.ca_file, o.insecure}, patience_ms) {
    if (!o.token.empty()) {
      token_ = o.token;
      return;
    }
    value body{value::object{}};
    body.set("username", o.username).set("password", o.password);
    token_ = text_at(said(web_.post("/api/login", protocol::write_json(body))), "token");
  }

  value get(const std::string& target) const { return said(web_.get(target, token_)); }
  value post(const std::string& target, const value& body) const {
    return said(web_.post(target, protocol::write_json(body), token_));
  }
  value del(const std::string& target) const { return said(web_.del(target, token_)); }

private:
  static url address(const license_options& o) {
    url out;
    if (!parse_url(o.server, out))
      throw refusal{exit_usage, "--server " + o.server + " is no http:// or https:// address"};
    if (o.token.empty() && o.username.empty())
      throw refusal{exit_usage, "say who you are: --token, or --username and --password"};
    if (!out.tls && !is_loopback(out.host) && !o.insecure)
      throw refusal{exit_usage, "--server " + o.server +
                                    " would show your credentials to the network: use https://, "
                                    "or --insecure"};
    return out;
  }
  value said(const result<http_answer>& got) const {
    if (const auto* why = std::get_if<fault>(&got))
      throw refusal{exit_unavailable, "no answer from " + o_.server + ": " + why->detail};
    const auto& answer = std::get<http_answer>(got);
    auto tree = protocol::parse_json(answer.body);
    auto* body = std::get_if<value>(&tree);
    if (!body)
      throw refusal{exit_unavailable, o_.server + " does not answer as Strowger does (status " +
                                          std::to_string(answer.status) + ")"};
    if (answer.status < 300) return std::move(*body);
    auto why = text_at(*body, "detail");
    if (why.empty()) why = "status " + std::to_string(answer.status);
    throw refusal{exit_difference, why};
  }

  const license_options& o_;
  http_client web_;
  std::string token_;
};

void print(value what) {
  if (auto* members = what.as_object())
    std::erase_if(*members, [](const protocol::member& m) { return m.name == "success"; });
  std::cout << protocol::write_json(what) << '\n';
}

value terms_of(const license_options& o) {
  value features{value::object{}};
  for (const auto& name : o.features) features.set(name, true);
  value body{value::object{}};
  body.set("organization_name", o.organization)
      .set("plan", o.plan)
      .set("max_users", o.max_users)
      .set("webrtc_max_users", o.webrtc_max_users)
      .set("sessions_per_user", o.sessions_per_user)
      .set("overdraft", o.overdraft)
      .set("features", std::move(features));
  if (!o.starts_at.empty()) body.set("starts_at", o.starts_at);
  if (!o.expires_at.empty()) body.set("expires_at", o.expires_at);
  return body;
}

// An id goes into a path: what ids are made of, and nothing that leads elsewhere.
std::string path_of(const std::string& id) {
  const auto good = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (id.empty() || !std::ranges::all_of(id, good))
    throw refusal{exit_usage, "\"" + id + "\" is no id of a license"};
  return "/api/licenses/" + id;
}

void show(const license_options& o) {
  const server at{o};
  if (!o.id.empty()) return print(at.get(path_of(o.id)));
  const auto all = at.get("/api/licenses");
  const auto* rows = all.find("licenses");
  if (rows && rows->as_array())
    for (const auto& row : *rows->as_array()) print(row);
}

value at_or_null(time_ms at) { return at == never ? value{} : value{protocol::rfc3339(at)}; }

// That a seat was given, or not: which event of which log says so.
int show_receipt(const security::receipt_statement& what) {
  value out{value::object{}};
  out.set("license_id", what.license.value)
      .set("agent_id", what.agent.value)
      .set("session_id", what.session.value)
      .set("granted", what.granted)
      .set("code", what.code)
      .set("position", what.at)
      .set("event", what.event)
      .set("stream", what.stream)
      .set("version", what.version)
      .set("at", protocol::rfc3339(what.decided_at))
      .set("issued_at", protocol::rfc3339(what.issued_at));
  print(std::move(out));
  return exit_ok;
}

int verify(const license_options& o) {
  auto text = config::read_text(o.file);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  const auto key = config::read_text(o.key_file);
  if (const auto receipt = security::check_receipt(text, key)) return show_receipt(*receipt);
  const auto found = security::check_license(text, key);
  if (!found)
    throw refusal{exit_difference,
                  o.file + " is no license or receipt that " + o.key_file + " has signed"};
  value features{value::object{}};
  for (const auto& name : found->features) features.set(name, true);
  features.set("webrtc_extension", found->webrtc_extension);
  const auto at = now();
  const bool in_time =
      at >= found->starts_at && (found->expires_at == never || at < found->expires_at);
  const bool valid = in_time && found->status == "active";
  value out{value::object{}};
  out.set("id", found->license.value)
      .set("organization_name", found->organization)
      .set("plan", found->plan)
      .set("status", found->status)
      .set("features", std::move(features))
      .set("max_users", found->max_users)
      .set("webrtc_max_users", found->webrtc_max_users)
      .set("issued_at", at_or_null(found->issued_at))
      .set("starts_at", at_or_null(found->starts_at))
      .set("expires_at", at_or_null(found->expires_at))
      .set("valid", valid);
  print(std::move(out));
  if (!valid)
    std::cerr << "strowger license: the signature is good, but the license is "
              << (in_time                 ? found->status
                  : at < found->starts_at ? "not valid yet"
                                          : "expired")
              << '\n';
  return valid ? exit_ok : exit_difference;
}

} // namespace

int license(const license_options& o) {
  try {
    if (o.what == "verify") return verify(o);
    if (o.what == "issue") print(server{o}.post("/api/licenses", terms_of(o)));
    if (o.what == "revoke") {
      const auto path = path_of(o.id);
      print(server{o}.del(path));
    }
    if (o.what == "show") show(o);
    return std::cout.flush() ? exit_ok : exit_software;
  } catch (const refusal& why) {
    std::cerr << "strowger license: " << why.sentence << '\n';
    return why.code;
  }
}

} // namespace strowger::cli
