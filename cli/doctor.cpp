#include "cli/doctor.hpp"

#include "http/url.hpp"
#include "protocol/json.hpp"

#include <iostream>
#include <sstream>

namespace strowger::cli {
namespace examination {

void report::line(std::string_view verdict, std::string_view step, std::string_view sentence) {
  std::string text{verdict};
  text.resize(9, ' ');
  text += step;
  text += ": ";
  for (const char c : sentence) // some words come from the other side: one line, no control codes
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  out_ << text << '\n' << std::flush;
}

bool report::ok(std::string_view step, std::string_view sentence) {
  line("ok", step, sentence);
  return true;
}

bool report::failed(std::string_view step, std::string_view sentence) {
  line("failed", step, sentence);
  failed_ = true;
  return false;
}

bool report::skipped(std::string_view step, std::string_view sentence) {
  line("skipped", step, sentence);
  return false;
}

protocol::value json_of(std::string_view text) {
  auto parsed = protocol::parse_json(text);
  auto* good = std::get_if<protocol::value>(&parsed);
  return good == nullptr ? protocol::value{} : std::move(*good);
}

const protocol::value* at(const protocol::value& root,
                          std::initializer_list<std::string_view> path) {
  const auto* here = &root;
  for (const auto name : path) {
    here = here->find(name);
    if (here == nullptr) return nullptr;
  }
  return here;
}

std::string text_at(const protocol::value& root, std::initializer_list<std::string_view> path) {
  const auto* found = at(root, path);
  const auto* text = found == nullptr ? nullptr : found->as_text();
  return text == nullptr ? std::string{} : *text;
}

std::string words_of(const http_answer& answer) {
  auto words = text_at(json_of(answer.body), {"error"}).substr(0, 200);
  if (words.empty()) words = "status " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400)
    words = "a redirection to " + answer.field("location");
  return words;
}

std::string words_of(const fault& why, const patient& p) {
  const auto seconds = std::to_string((p.web.within() + 999) / 1000) + " s";
  switch (why.what) {
  case trouble::bad_name:
    return "the name has no address (" + why.detail + ")";
  case trouble::refused:
    return "nothing listens there";
  case trouble::unreachable:
    return "there is no route to it";
  case trouble::timed_out:
    return "nothing came within " + seconds;
  case trouble::certificate:
    return "its certificate is not trusted (" + why.detail + ")";
  case trouble::tls:
    return "the TLS handshake broke off (" + why.detail + ")";
  case trouble::closed:
    return "the other side closed the connection";
  case trouble::not_http:
    return "what came back is no HTTP";
  case trouble::no_upgrade:
    return "it answered with status " + std::to_string(why.status);
  case trouble::other:
    break;
  }
  return why.detail;
}

namespace {

void skip_all(patient& p, std::initializer_list<std::string_view> steps, std::string_view why) {
  for (const auto step : steps) p.say.skipped(step, why);
}

void full_check(patient& p) {
  constexpr auto earlier = "Not checked, because an earlier step failed.";
  const auto skip_rest = [&](std::initializer_list<std::string_view> first) {
    skip_all(p, first, earlier);
    skip_all(p,
             {"ready", "login", "token", "WebSocket", "ICE servers", "microphone", "seat",
              "extension", "echo call"},
             earlier);
  };
  if (!check_address(p)) return skip_rest({"TLS", "health"});
  if (!check_tls(p)) return skip_rest({"health"});
  if (!check_health(p)) return skip_rest({});
  const bool ready = check_ready(p);
  if (ready) use_samples(p);
  const auto why = [&] {
    const bool nobody = p.wanted.username.empty() && p.wanted.token.empty();
    return ready && nobody ? "Not checked: give --username and --password, or --token." : earlier;
  };
  bool known = false;
  if (!ready || (p.wanted.username.empty() && p.wanted.token.empty()))
    skip_all(p, {"login", "token"}, why());
  else if (!check_login(p))
    p.say.skipped("token", why());
  else
    known = check_token(p);
  const bool socket = known && check_web_socket(p);
  if (!known) p.say.skipped("WebSocket", why());
  check_ice(p);
  p.say.skipped("microphone", "Only a browser can tell: open " + p.web.where().text("/check") +
                                  " on the computer that shall make calls.");
  if (!known) return skip_all(p, {"seat", "extension", "echo call"}, why());
  check_seat(p);
  if (socket)
    check_extension_and_echo(p);
  else
    skip_all(p, {"extension", "echo call"}, why());
}

// The token of `doctor call`, from a quiet sign-in; false when that failed, and said so.
bool quiet_login(patient& p, std::ostream& out) {
  use_samples(p);
  if (p.wanted.username.empty() && p.wanted.token.empty()) return true; // the server decides
  std::ostringstream lines;
  patient asking{p.wanted, p.web, report{lines}};
  asking.samples = p.samples;
  const bool in = check_login(asking) || asking.wanted.username.empty();
  if (!in) out << lines.str();
  p.token = asking.token;
  p.signed_in = asking.signed_in;
  return in;
}

// One question, one sentence.
int ask_about_call(patient& p, std::ostream& out) {
  if (!quiet_login(p, out)) return exit_unavailable;
  const auto target = "/protected/doctor/call?from=" + http::percent_encode(p.wanted.from) +
                      "&to=" + http::percent_encode(p.wanted.to);
  const auto got = p.web.get(target, p.token);
  sign_out(p);
  if (const auto* why = std::get_if<fault>(&got)) {
    out << "The server at " << p.web.where().text() << " cannot be asked: " << words_of(*why, p)
        << ".\n";
    return exit_unavailable;
  }
  const auto& answer = std::get<http_answer>(got);
  const auto body = json_of(answer.body);
  const auto sentence = text_at(body, {"sentence"});
  if (answer.status != 200 || sentence.empty()) {
    out << "The server would not say: " << words_of(answer)
        << (answer.status == 401 ? "; give --username and --password, or --token.\n" : ".\n");
    return answer.status == 401 ? exit_unavailable : exit_difference;
  }
  out << sentence << '\n';
  const auto* works = at(body, {"would_work"});
  const auto* yes = works == nullptr ? nullptr : works->as_bool();
  return yes != nullptr && *yes ? exit_ok : exit_difference;
}

} // namespace
} // namespace examination

int examine(const doctor_options& wanted, std::ostream& out, duration_ms step_ms) {
  using namespace examination;
  url where;
  if (!parse_url(wanted.url, where)) {
    report{out}.failed("address", "\"" + wanted.url +
                                      "\" is no address: write --url http://host:port or "
                                      "https://host:port.");
    return exit_usage;
  }
  patient p{wanted, http_client{where, {wanted.ca_file, wanted.insecure}, step_ms}, report{out}};
  if (!wanted.from.empty()) return ask_about_call(p, out);
  full_check(p);
  sign_out(p);
  return p.say.anything_failed() ? exit_difference : exit_ok;
}

int doctor(const doctor_options& wanted) { return examine(wanted, std::cout); }

} // namespace strowger::cli
