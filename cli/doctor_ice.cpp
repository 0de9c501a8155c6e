// The list of ICE servers that browsers get, and whether each of them answers.
#include "cli/doctor.hpp"
#include "cli/doctor_probe.hpp"

namespace strowger::cli::examination {
namespace {

using protocol::value;
constexpr std::size_t servers_max = 16; // each may cost the limit of a step

struct ice_url {
  std::string url, username, credential;
};

std::vector<ice_url> urls_of(const value& ice) {
  std::vector<ice_url> out;
  const auto* list = ice.find("iceServers");
  const auto* entries = list == nullptr ? nullptr : list->as_array();
  if (entries == nullptr) return out;
  for (const auto& entry : *entries) {
    const auto* urls = entry.find("urls");
    if (urls == nullptr) continue;
    const auto user = text_at(entry, {"username"}), secret = text_at(entry, {"credential"});
    if (const auto* one = urls->as_text()) out.push_back({*one, user, secret});
    if (const auto* many = urls->as_array())
      for (const auto& each : *many)
        if (const auto* one = each.as_text()) out.push_back({*one, user, secret});
  }
  return out;
}

bool fetch(patient& p) {
  if (p.ice.find("iceServers") != nullptr) return true; // came with the sign-in
  const auto got = p.web.get("/api/webrtc/ice-servers", p.token);
  if (const auto* why = std::get_if<fault>(&got))
    return p.say.failed("ICE servers", "No answer, " + words_of(*why, p) + ": try again.");
  const auto& answer = std::get<http_answer>(got);
  if (answer.status == 401)
    return p.say.skipped("ICE servers", "Not checked: give --username and --password, or --token.");
  if (answer.status == 403)
    return p.say.failed("ICE servers", "The server gives none (" + words_of(answer) +
                                           "): set features.webrtc.enabled to true.");
  p.ice = json_of(answer.body);
  if (p.ice.find("iceServers") == nullptr)
    return p.say.failed("ICE servers",
                        "The server gives no list (" + words_of(answer) + "): read its log.");
  return true;
}

// What is wrong with the list as a whole; empty: nothing.
std::string fault_of(const patient& p, const std::vector<ice_url>& urls) {
  bool relay = false;
  for (const auto& each : urls) {
    stun::address where;
    if (!stun::parse_url(each.url, where))
      return "\"" + each.url +
             "\" is no STUN or TURN address, so that browsers refuse the whole "
             "list: correct it in features.webrtc (stun:host:port or turn:host:port).";
    if (where.relay && (each.username.empty() || each.credential.empty()))
      return each.url + " comes without user name and credential, so that browsers refuse the "
                        "whole list: set TURN_USERNAME and TURN_PASSWORD, or turn.secret.";
    if (is_loopback(where.host) && !is_loopback(p.web.where().host))
      return each.url + " names the server itself, which no other machine reaches: set PUBLIC_HOST "
                        "to the address that browsers use.";
    relay = relay || where.relay;
  }
  if (text_at(p.ice, {"iceTransportPolicy"}) == "relay" && !relay)
    return "The policy is relay, but there is no TURN server, so that no call gets any sound: add "
           "one to features.webrtc.turn_servers or set the policy to all.";
  return {};
}

bool check_list(patient& p, const std::vector<ice_url>& urls) {
  if (auto wrong = fault_of(p, urls); !wrong.empty()) return p.say.failed("ICE servers", wrong);
  if (urls.empty())
    return p.say.ok("ICE servers", "None is configured: calls work inside one network only; for "
                                   "others set stun.port or features.webrtc.stun_servers.");
  std::string names;
  for (const auto& each : urls) names += (names.empty() ? "" : ", ") + each.url;
  return p.say.ok("ICE servers", "Browsers are given " + names + ".");
}

std::string opened(const stun::address& where) {
  return (where.by == stun::transport::udp ? "UDP" : "TCP") + std::string{" port "} +
         std::to_string(where.port);
}

void stun_line(patient& p, const std::string& url, const stun::address& where) {
  const auto step = "STUN " + url;
  const auto got = ask_stun(where, p.web.whom(), p.web.within());
  if (const auto* why = std::get_if<fault>(&got)) {
    p.say.failed(step,
                 "It does not answer (" + words_of(*why, p) +
                     "), and each browser then waits up to 40 s before a call is set up: let " +
                     opened(where) +
                     " through the firewall, or take it out of "
                     "features.webrtc.stun_servers.");
    return;
  }
  const auto& found = std::get<stun_found>(got);
  if (!found.answer.success || found.answer.mapped.empty()) {
    p.say.failed(step, "It answers, but with error " + std::to_string(found.answer.error) +
                           " instead of an address: use another server.");
    return;
  }
  p.say.ok(step, "It answers in " + std::to_string(found.took_ms) +
                     " ms and sees this machine as " + found.answer.mapped + ".");
}

void turn_line(patient& p, const ice_url& entry, const stun::address& where) {
  const auto step = "TURN " + entry.url;
  const auto got = ask_turn(where, p.web.whom(), entry.username, entry.credential, p.web.within());
  if (const auto* why = std::get_if<fault>(&got)) {
    p.say.failed(step, "It does not answer (" + words_of(*why, p) + "): let " + opened(where) +
                           " through the firewall, start it, or take it out of "
                           "features.webrtc.turn_servers.");
    return;
  }
  const auto& found = std::get<stun_found>(got);
  const auto& answer = found.answer;
  const auto took = std::to_string(found.took_ms) + " ms";
  if (answer.success && !answer.relayed.empty()) {
    p.say.ok(step, "It answers in " + took + " and relays from " + answer.relayed + ".");
  } else if (answer.success) {
    p.say.failed(step, "It takes requests without any credentials, or gives no address: ask for "
                       "long-term credentials in its configuration.");
  } else if (answer.error == 401 && where.by != stun::transport::udp) {
    p.say.ok(step, "It answers in " + took +
                       " and asks for credentials; whether ours are right "
                       "the page /check can tell.");
  } else if (answer.error == 401 || answer.error == 441) {
    p.say.failed(step, "It refuses the credentials that browsers are given: compare turn.secret "
                       "with its static-auth-secret (and the clocks), or TURN_USERNAME and "
                       "TURN_PASSWORD with its users.");
  } else {
    p.say.failed(step, "It answers with error " + std::to_string(answer.error) + " (" +
                           answer.reason + "): read its log and limits.");
  }
}

} // namespace

void check_ice(patient& p) {
  if (!fetch(p)) return;
  const auto urls = urls_of(p.ice);
  check_list(p, urls);
  std::size_t asked = 0;
  for (const auto& each : urls) {
    stun::address where;
    if (!stun::parse_url(each.url, where)) continue;
    if (++asked > servers_max) {
      p.say.skipped((where.relay ? "TURN " : "STUN ") + each.url,
                    "Not asked: the list is too long, and browsers do not need that many.");
    } else if (where.relay) {
      turn_line(p, each, where);
    } else {
      stun_line(p, each.url, where);
    }
  }
}

} // namespace strowger::cli::examination
