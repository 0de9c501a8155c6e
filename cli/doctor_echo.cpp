// The extension's presence, and a call of two connections to the echo extension.
#include "cli/doctor_device.hpp"

#include "protocol/json.hpp"

#include <algorithm>
#include <thread>

namespace strowger::cli::examination {
namespace {

using protocol::value;
using clock = std::chrono::steady_clock;
constexpr auto echo_number = "*43";

value call_data(const std::string& call) {
  value out{value::object{}};
  return out.set("callId", call);
}

// A description that parsers accept (RFC 8866) and that carries no media to anybody.
std::string sdp_of(std::string_view setup) {
  return "v=0\r\no=- 4300 1 IN IP4 127.0.0.1\r\ns=strowger-doctor\r\nt=0 0\r\n"
         "a=group:BUNDLE 0\r\n"
         "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=inactive\r\n"
         "a=ice-ufrag:doct\r\na=ice-pwd:doctordoctordoctordoctor\r\n"
         "a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
         "00:00:00:00:00:00:00:00:00:00\r\na=setup:" +
         std::string{setup} + "\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";
}

constexpr auto candidate_line = "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host";

// The echo call step by step; the first thing that goes wrong is kept, in words.
class echo_call {
public:
  echo_call(patient& p, device& caller, device& echo) : p_(p), caller_(caller), echo_(echo) {}

  bool run() {
    const bool went = dial() && answer() && describe() && trickle() && hang_up() && recorded();
    if (!went && !call_.empty() && !over_) caller_.ask("call:hangup", call_data(call_));
    return went;
  }
  const std::string& problem() const { return problem_; }

private:
  bool good(const result<value>& got, std::string_view what) {
    if (const auto* why = std::get_if<fault>(&got))
      problem_ = std::string{what} + " " + broken(p_, *why);
    return problem_.empty();
  }

  bool dial() {
    value data{value::object{}};
    const auto dialled = caller_.ask("call:dial", data.set("phoneNumber", echo_number));
    if (!good(dialled, "dialling *43")) return false;
    call_ = text_at(std::get<value>(dialled), {"callId"});
    return good(echo_.next("call:incoming", call_), "the ring at the second connection") &&
           good(caller_.next("call:ringing", call_), "the ringing tone");
  }

  bool answer() {
    return good(echo_.ask("call:answer", call_data(call_)), "answering") &&
           good(caller_.next("call:answered", call_), "the news of the answer");
  }

  // One side sends a description, the other must get the same text.
  bool relay(device& from, device& to, const char* type, const char* name, value what) {
    const auto text = protocol::write_json(what);
    auto data = call_data(call_);
    if (!good(from.ask(type, data.set(name, std::move(what))), std::string{"sending "} + type))
      return false;
    const auto got = to.next(type, call_);
    if (!good(got, std::string{"the relayed "} + type)) return false;
    const auto* arrived = at(std::get<value>(got), {"data", name});
    if (arrived == nullptr || !same(*arrived, text)) problem_ = std::string{type} + " was changed";
    return problem_.empty();
  }

  // Texts are compared whole, candidates by their line: members may be added on the way.
  static bool same(const value& arrived, const std::string& sent) {
    const auto line = text_at(arrived, {"candidate"});
    return line.empty() ? protocol::write_json(arrived) == sent : line == candidate_line;
  }

  bool describe() {
    return relay(caller_, echo_, "webrtc:offer", "sdp", sdp_of("actpass")) &&
           relay(echo_, caller_, "webrtc:answer", "sdp", sdp_of("active"));
  }

  bool trickle() {
    value candidate{value::object{}};
    candidate.set("candidate", candidate_line).set("sdpMid", "0").set("sdpMLineIndex", 0);
    return relay(caller_, echo_, "webrtc:ice-candidate", "candidate", candidate) &&
           relay(echo_, caller_, "webrtc:ice-candidate", "candidate", candidate);
  }

  bool hang_up() {
    if (!good(caller_.ask("call:hangup", call_data(call_)), "hanging up")) return false;
    over_ = true;
    return good(caller_.next("call:ended", call_), "the end at the first connection") &&
           good(echo_.next("call:ended", call_), "the end at the second connection");
  }

  bool recorded() { // the history is written behind the call, a moment later
    const auto until = clock::now() + std::chrono::milliseconds{p_.web.within()};
    while (clock::now() < until) {
      if (in_history()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    problem_ = "the call is not in the history";
    return false;
  }

  bool in_history() {
    const auto got = p_.web.get("/protected/call/history?limit=20", p_.token);
    const auto* answer = std::get_if<http_answer>(&got);
    if (answer == nullptr) return false;
    const auto body = json_of(answer->body);
    const auto* calls = body.find("calls");
    const auto* rows = calls == nullptr ? nullptr : calls->as_array();
    return rows != nullptr && std::ranges::any_of(*rows, [&](const value& row) {
             return text_at(row, {"call_id"}) == call_ && !text_at(row, {"ended_at"}).empty();
           });
  }

  patient& p_;
  device& caller_;
  device& echo_;
  std::string call_, problem_;
  bool over_ = false;
};

void check_extension(patient& p) {
  const auto got = p.web.get("/protected/extensions/status", p.token);
  const auto* answer = std::get_if<http_answer>(&got);
  const auto body = answer == nullptr ? value{} : json_of(answer->body);
  const auto* list = body.find("extensions");
  const auto* rows = list == nullptr ? nullptr : list->as_array();
  if (rows == nullptr) {
    p.say.failed("extension",
                 "The list of extensions did not come (" +
                     (answer == nullptr ? words_of(std::get<fault>(got), p) : words_of(*answer)) +
                     "): try again and read the server's log.");
    return;
  }
  const auto row = std::ranges::find_if(
      *rows, [&](const value& r) { return text_at(r, {"extension"}) == p.number; });
  if (row == rows->end()) {
    p.say.failed("extension", "Extension " + p.number +
                                  " is not in the list of extensions: "
                                  "register an agent with it.");
    return;
  }
  std::int64_t devices = 0;
  if (const auto* count = row->find("client_count")) count->as_integer(devices);
  const auto name = p.number + " (" + text_at(*row, {"username"}) + ")";
  if (text_at(*row, {"status"}) != "online" || devices < 1) {
    p.say.failed("extension",
                 "Extension " + name +
                     " is shown as offline while this check is "
                     "connected: see whether --url and the clients reach the same server.");
    return;
  }
  const auto others = devices - 1; // this check is one itself
  p.say.ok("extension", "Extension " + name + " is online with this check" +
                            (others == 0 ? " alone; nobody else is signed in there."
                                         : " and " + std::to_string(others) + " other device" +
                                               (others == 1 ? "." : "s.")));
}

} // namespace

void check_extension_and_echo(patient& p) {
  constexpr auto step = "echo call";
  auto first = device::open(p, p.number, p.resume); // the same device as before: nothing is left
  auto second = device::open(p, echo_number, {});
  auto* caller = std::get_if<device>(&first);
  auto* echo = std::get_if<device>(&second);
  const auto ready = [](device* d) {
    return d != nullptr && std::holds_alternative<value>(d->next("connected"));
  };
  const bool online = ready(caller);
  check_extension(p);
  if (!online || !ready(echo)) {
    p.say.failed(step, "Two connections at once did not open (" +
                           (online ? "the second, to *43" : std::string{"the first"}) +
                           "): look for a limit of connections in a proxy, and read the log.");
    return;
  }
  echo_call call{p, *caller, *echo};
  if (call.run())
    p.say.ok(step, "A call to *43 rang, was answered, relayed both ways, ended and recorded; this "
                   "tries the signalling only, for sound open " +
                       p.web.where().text("/check") + ".");
  else
    p.say.failed(step, "The signalling of a call to *43 stopped: " + call.problem() +
                           ". Close other check pages of this extension, try again, and read the "
                           "server's log for that call.");
  caller->close();
  echo->close();
}

} // namespace strowger::cli::examination
