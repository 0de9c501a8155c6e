// The address, the certificate, the server's state, and who is asking.
#include "cli/doctor.hpp"

#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

#include <chrono>

namespace strowger::cli::examination {
namespace {

using protocol::value;
constexpr time_ms day_ms = 86'400'000;
constexpr time_ms renew_soon_ms = 14 * day_ms;

time_ms now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string day_of(time_ms at) { return protocol::rfc3339(at).substr(0, 10); }

std::string firewall_advice(const patient& p) {
  return "allow TCP port " + std::to_string(p.web.where().port) +
         " in the firewall and compare the address with `ip addr show` on the server";
}

bool certificate_verdict(patient& p, const certificate& shown) {
  const auto& host = p.web.where().host;
  const auto until = day_of(shown.not_after);
  if (!shown.problem.empty()) {
    const auto what = "The certificate is not trusted for " + host + " (" + shown.problem +
                      "; made for: " + (shown.names.empty() ? "no name" : shown.names) +
                      "; valid until " + until + "): ";
    if (p.wanted.insecure) {
      p.say.failed("TLS", what + "browsers will warn or refuse; use one that a known authority "
                                 "signed for that name.");
      return true; // go on, as asked
    }
    return p.say.failed("TLS", what +
                                   "use one that a known authority signed for that name, or name "
                                   "its file with --ca (--insecure goes on regardless).");
  }
  const auto left = shown.not_after - now();
  return p.say.ok("TLS", "The certificate is valid for " + host + " until " + until + " (" +
                             std::to_string(left / day_ms) + " days, " + shown.protocol + ")" +
                             (left < renew_soon_ms ? "; renew it now." : "."));
}

// The payload of a JWT, unverified: only to know which extension to ask for.
value claims_in(std::string_view token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  if (first == token.npos || second == token.npos) return {};
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : token.substr(first + 1, second - first - 1)) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const auto at = digits.find(c);
    if (at == digits.npos) return {};
    bits = (bits << 6 | static_cast<unsigned>(at)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return json_of(out);
}

} // namespace

bool check_address(patient& p) {
  const auto& where = p.web.where();
  const auto got = p.web.reach();
  if (const auto* reached = std::get_if<peer>(&got))
    return p.say.ok("address", where.authority() + " is reachable (" + reached->text() + ").");
  const auto& why = std::get<fault>(got);
  const auto port = std::to_string(where.port);
  switch (why.what) {
  case trouble::bad_name:
    return p.say.failed("address", "The name " + where.host + " has no address (" + why.detail +
                                       "): check its spelling and the name server, or use the "
                                       "server's IP address.");
  case trouble::refused:
    return p.say.failed("address",
                        "Nothing listens at " + where.host + " port " + port +
                            ": start the server with `strowger serve`, check the port, and mind "
                            "that --dev without --lan listens on 127.0.0.1 only.");
  case trouble::timed_out:
  case trouble::unreachable:
    return p.say.failed("address", "No way to " + where.host + " port " + port + ", " +
                                       words_of(why, p) + ": " + firewall_advice(p) + ".");
  default:
    return p.say.failed("address", "No connection to " + where.authority() + " (" +
                                       words_of(why, p) + "): " + firewall_advice(p) + ".");
  }
}

bool check_tls(patient& p) {
  const auto& where = p.web.where();
  if (!where.tls && is_loopback(where.host)) {
    p.say.skipped("TLS", "Plain HTTP is enough on this machine itself; browsers on other machines "
                         "need https:// for their microphones.");
    return true;
  }
  if (!where.tls) {
    p.say.failed("TLS", "Browsers refuse the microphone on plain HTTP from another machine: set "
                        "SSL_CERT_FILE and SSL_PRIVATE_KEY (or start with --dev --lan), then open "
                        "https://" +
                            where.host + ".");
    return true; // everything else can still be checked
  }
  const auto got = p.web.inspect();
  if (const auto* shown = std::get_if<certificate>(&got)) return certificate_verdict(p, *shown);
  const auto& why = std::get<fault>(got);
  if (why.what == trouble::certificate)
    return p.say.failed("TLS", "The certificates of --ca cannot be read (" + why.detail +
                                   "): name a PEM file.");
  return p.say.failed("TLS", "No TLS at " + where.authority() + ", " + words_of(why, p) +
                                 ": if the server has no certificate yet, set SSL_CERT_FILE and "
                                 "SSL_PRIVATE_KEY; to check plain HTTP use http://.");
}

bool check_health(patient& p) {
  const auto got = p.web.get("/health");
  if (const auto* why = std::get_if<fault>(&got))
    return p.say.failed("health", "No answer from " + p.web.where().text("/health") + ", " +
                                      words_of(*why, p) +
                                      ": make sure that the address is Strowger's, and http:// or "
                                      "https:// the right one.");
  const auto& answer = std::get<http_answer>(got);
  const auto body = json_of(answer.body);
  if (answer.status == 200 && text_at(body, {"status"}) == "ok")
    return p.say.ok("health", "The server is alive (version " + text_at(body, {"version"}) + ").");
  return p.say.failed("health", "Something answers at " + p.web.where().text("/health") +
                                    ", but not as Strowger does (" + words_of(answer) +
                                    "): check the port, and the path where a proxy is in between.");
}

bool check_ready(patient& p) {
  const auto got = p.web.get("/ready");
  if (const auto* why = std::get_if<fault>(&got))
    return p.say.failed("ready", "No answer from /ready, " + words_of(*why, p) + ": try again.");
  const auto& answer = std::get<http_answer>(got);
  if (answer.status == 200) return p.say.ok("ready", "The server takes calls.");
  const auto state = text_at(json_of(answer.body), {"status"});
  if (state == "draining")
    return p.say.failed("ready", "The server is shutting down: start it again.");
  return p.say.failed("ready", "The server takes no calls yet (" +
                                   (state.empty() ? words_of(answer) : state) +
                                   "): wait a few seconds; if it stays so, read its log, which "
                                   "tells how far the recovery is.");
}

// Letting this machine's own requests in without a token is what --dev does, and nearly nobody
// else: asking for that first keeps wrong passwords away from real servers.
void use_samples(patient& p) {
  if (!p.wanted.username.empty() || !p.wanted.token.empty() || !is_loopback(p.web.where().host))
    return;
  const auto got = p.web.get("/api/webrtc/ice-servers");
  const auto* answer = std::get_if<http_answer>(&got);
  p.samples = answer != nullptr && answer->status == 200;
  if (!p.samples) return;
  p.wanted.username = "admin";
  p.wanted.password = "password";
}

bool check_login(patient& p) {
  if (!p.wanted.token.empty()) {
    p.token = p.wanted.token;
    p.say.skipped("login", "A token was given.");
    return true;
  }
  value body{value::object{}};
  body.set("username", p.wanted.username).set("password", p.wanted.password);
  const auto got = p.web.post("/api/login", protocol::write_json(body));
  if (const auto* why = std::get_if<fault>(&got))
    return p.say.failed("login", "The sign-in got no answer, " + words_of(*why, p) +
                                     ": try again and read the server's log.");
  const auto& answer = std::get<http_answer>(got);
  p.login = json_of(answer.body);
  p.token = text_at(p.login, {"token"});
  p.number = text_at(p.login, {"user", "extension"});
  if (answer.status == 200 && !p.token.empty()) {
    p.signed_in = true;
    if (const auto* ice = at(p.login, {"ice_servers"})) p.ice = *ice;
    return p.say.ok("login", p.wanted.username + " signed in, extension " + p.number +
                                 (p.samples ? ", with the sample password of --dev." : "."));
  }
  const auto said = words_of(answer);
  if (answer.status == 401 && p.samples) {
    p.wanted.username.clear();
    return p.say.skipped("login", "Not checked: give --username and --password, or --token.");
  }
  if (answer.status == 401)
    return p.say.failed("login",
                        "User name or password is wrong (" + said +
                            "): check both; with --dev the samples are 1000 to 1020 with "
                            "the password `password`, with --lan see the server's output.");
  if (answer.status == 429 && said.find("login") != said.npos)
    return p.say.failed("login", "Too many wrong passwords: wait " +
                                     (answer.field("retry-after").empty()
                                          ? std::string{"a minute"}
                                          : answer.field("retry-after") + " s") +
                                     ", then use the right one.");
  if (answer.status == 429 || answer.status == 403)
    return p.say.failed("login", "The license gives no seat (" + said +
                                     "): let somebody sign out, wait 90 s for lost ones, or raise "
                                     "the license's seats and features.");
  return p.say.failed("login", "The server refused the sign-in (" + said +
                                   "): try again and read the server's log.");
}

bool check_token(patient& p) {
  const auto claims = claims_in(p.token);
  if (p.number.empty()) p.number = text_at(claims, {"ext"});
  const auto got = p.web.get("/protected/extensions/connected", p.token);
  if (const auto* why = std::get_if<fault>(&got))
    return p.say.failed("token", "No answer, " + words_of(*why, p) + ": try again.");
  const auto& answer = std::get<http_answer>(got);
  if (answer.status == 401)
    return p.say.failed("token",
                        "The server refuses the token (" + words_of(answer) +
                            "): sign in again; if a fresh one is refused too, the clocks "
                            "or the JWT_SECRET of the servers differ, or a proxy drops the "
                            "Authorization header.");
  if (answer.status != 200)
    return p.say.failed("token", "The server did not take the token (" + words_of(answer) +
                                     "): read its log.");
  if (p.number.empty())
    return p.say.failed("token", "The token names no extension (claim ext): issue one that does.");
  std::int64_t until = 0;
  const auto* exp = at(claims, {"exp"});
  const bool dated = exp != nullptr && exp->as_integer(until);
  return p.say.ok("token", "The token is accepted for extension " + p.number +
                               (dated ? ", until " + protocol::rfc3339(until * 1000) : "") + ".");
}

bool check_seat(patient& p) {
  if (p.login.is_null())
    return p.say.skipped("seat", "Not checked with a token: give --username and --password.");
  const auto typology = text_at(p.login, {"user", "typology"});
  const bool needs_one = typology == "chrome_softphone" || typology == "webrtc_appbar";
  const auto* license = at(p.login, {"license"});
  const auto count = [&](std::string_view name) {
    std::int64_t out = 0;
    const auto* found = license == nullptr ? nullptr : license->find(name);
    if (found == nullptr || !found->as_integer(out)) out = -1;
    return out;
  };
  if (count("webrtc_max_users") < 0) {
    if (needs_one)
      return p.say.failed("seat", "The sign-in came without a license: issue one with the feature "
                                  "webrtc_extension.");
    return p.say.ok("seat", "An agent of this kind needs no seat, and there is no license.");
  }
  const auto used = std::to_string(count("seats_used")) + " of " +
                    std::to_string(count("webrtc_max_users")) + " WebRTC seats are in use";
  return p.say.ok("seat", needs_one ? "This sign-in holds a seat; " + used + "."
                                    : "This agent needs no seat; " + used + ".");
}

void sign_out(patient& p) {
  if (p.signed_in) p.web.post("/api/logout", "{}", p.token); // gives the seat back
  p.signed_in = false;
}

} // namespace strowger::cli::examination
